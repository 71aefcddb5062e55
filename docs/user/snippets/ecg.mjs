// Verifies deliveries by ECG's headers.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_MILLISECONDS = 300_000;

/** Says whether a delivery is genuine and fresh; `body` is a Buffer of the bytes as they arrived. */
export function verify(headers, body, secrets, now) {
  const createdAt = headers["x-webhook-created-at"] ?? "";
  const given = headers["x-webhook-hash"] ?? "";
  const age = Math.abs(now * 1000 - Number.parseInt(createdAt, 10));
  // Written so that NaN, from a time that is no number, is refused too.
  if (!(age <= TOLERANCE_MILLISECONDS)) return false;
  return secrets.some((secret) => {
    const mac = createHmac("sha256", secret).update(`${createdAt}.`).update(body);
    return isEqual(given, mac.digest("hex"));
  });
}

function isEqual(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
