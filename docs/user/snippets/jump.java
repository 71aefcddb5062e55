import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies deliveries by Jump's headers. */
final class JumpDelivery {
    private static final long TOLERANCE_SECONDS = 300;

    /** Says whether a delivery is genuine and fresh; {@code body} is the bytes as they arrived. */
    static boolean verify(
            UnaryOperator<String> headers, byte[] body, List<String> secrets, long now)
            throws GeneralSecurityException {
        String timestamp = headers.apply("x-webhook-timestamp");
        String given = headers.apply("x-webhook-signature");
        if (timestamp == null || given == null || !isFresh(timestamp, now)) {
            return false;
        }
        for (String secret : secrets) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update((timestamp + ".").getBytes(StandardCharsets.UTF_8));
            String expected = HexFormat.of().formatHex(mac.doFinal(body));
            for (String signature : given.split(" ")) {
                if (isEqual(signature, expected)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isFresh(String timestamp, long now) {
        try {
            long at = Long.parseLong(timestamp);
            return at >= now - TOLERANCE_SECONDS && at <= now + TOLERANCE_SECONDS;
        } catch (NumberFormatException notANumber) {
            return false;
        }
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
