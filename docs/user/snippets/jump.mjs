// Verifies deliveries by Jump's headers.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

/** Says whether a delivery is genuine and fresh; `body` is a Buffer of the bytes as they arrived. */
export function verify(headers, body, secrets, now) {
  const timestamp = headers["x-webhook-timestamp"] ?? "";
  const given = (headers["x-webhook-signature"] ?? "").split(" ");
  const age = Math.abs(now - Number.parseInt(timestamp, 10));
  // Written so that NaN, from a timestamp that is no number, is refused too.
  if (!(age <= TOLERANCE_SECONDS)) return false;
  return secrets.some((secret) => {
    const mac = createHmac("sha256", secret).update(`${timestamp}.`).update(body);
    const expected = mac.digest("hex");
    return given.some((signature) => isEqual(signature, expected));
  });
}

function isEqual(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
