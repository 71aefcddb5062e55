// Verifies deliveries by Decoda's header.
import { createHmac, timingSafeEqual } from "node:crypto";

/** Says whether a delivery is genuine; `body` is a Buffer of the bytes as they arrived. */
export function verify(headers, body, secrets) {
  const given = headers["decoda-signature"] ?? "";
  return secrets.some((secret) => {
    const expected = createHmac("sha256", secret).update(body).digest("hex");
    return isEqual(given, expected);
  });
}

function isEqual(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
