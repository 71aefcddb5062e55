import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies deliveries by Decoda's header. */
final class DecodaDelivery {
    /** Says whether a delivery is genuine; {@code body} is the bytes as they arrived. */
    static boolean verify(UnaryOperator<String> headers, byte[] body, List<String> secrets)
            throws GeneralSecurityException {
        String given = headers.apply("decoda-signature");
        if (given == null) {
            return false;
        }
        for (String secret : secrets) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            String expected = HexFormat.of().formatHex(mac.doFinal(body));
            if (isEqual(given, expected)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isEqual(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
