import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies deliveries by ECG's headers. */
final class EcgDelivery {
    private static final long TOLERANCE_MILLISECONDS = 300_000;

    /** Says whether a delivery is genuine and fresh; {@code body} is the bytes as they arrived. */
    static boolean verify(
            UnaryOperator<String> headers, byte[] body, List<String> secrets, long now)
            throws GeneralSecurityException {
        String createdAt = headers.apply("x-webhook-created-at");
        String given = headers.apply("x-webhook-hash");
        if (createdAt == null || given == null || !isFresh(createdAt, now * 1000)) {
            return false;
        }
        for (String secret : secrets) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update((createdAt + ".").getBytes(StandardCharsets.UTF_8));
            String expected = HexFormat.of().formatHex(mac.doFinal(body));
            if (isEqual(given, expected)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isFresh(String createdAt, long now) {
        try {
            long at = Long.parseLong(createdAt);
            return at >= now - TOLERANCE_MILLISECONDS && at <= now + TOLERANCE_MILLISECONDS;
        } catch (NumberFormatException notANumber) {
            return false;
        }
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
