// Verifies deliveries by their Standard Webhooks headers.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

/** Says whether a delivery is genuine and fresh; `body` is a Buffer of the bytes as they arrived. */
export function verify(headers, body, secrets, now) {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const given = (headers["webhook-signature"] ?? "").split(" ");
  const age = Math.abs(now - Number.parseInt(timestamp, 10));
  // Written so that NaN, from a timestamp that is no number, is refused too.
  if (!(age <= TOLERANCE_SECONDS)) return false;
  return secrets.some((secret) => {
    const mac = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
    const expected = `v1,${mac.digest("base64")}`;
    return given.some((signature) => isEqual(signature, expected));
  });
}

/** The decoded part of `whsec_...`; the bytes of any other secret. */
function keyOf(secret) {
  return secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret);
}

function isEqual(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
