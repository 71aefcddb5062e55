import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies deliveries by their Standard Webhooks headers. */
final class StandardDelivery {
    private static final long TOLERANCE_SECONDS = 300;

    /** Says whether a delivery is genuine and fresh; {@code body} is the bytes as they arrived. */
    static boolean verify(
            UnaryOperator<String> headers, byte[] body, List<String> secrets, long now)
            throws GeneralSecurityException {
        String id = headers.apply("webhook-id");
        String timestamp = headers.apply("webhook-timestamp");
        String given = headers.apply("webhook-signature");
        if (id == null || timestamp == null || given == null || !isFresh(timestamp, now)) {
            return false;
        }
        for (String secret : secrets) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keyOf(secret), "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
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

    /** The decoded part of whsec_...; the bytes of any other secret. */
    private static byte[] keyOf(String secret) {
        return secret.startsWith("whsec_")
                ? Base64.getDecoder().decode(secret.substring("whsec_".length()))
                : secret.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
