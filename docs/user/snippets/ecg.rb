# Verifies deliveries by ECG's headers.
require "openssl"

TOLERANCE_MILLISECONDS = 300_000

# Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived.
def verify(headers, body, secrets, now)
  created_at = headers["x-webhook-created-at"].to_s
  given = headers["x-webhook-hash"].to_s
  at = Integer(created_at, 10, exception: false)
  return false unless at && (now * 1000 - at).abs <= TOLERANCE_MILLISECONDS

  signed = "#{created_at}.".b + body.b
  secrets.any? do |secret|
    OpenSSL.secure_compare(given, OpenSSL::HMAC.hexdigest("SHA256", secret, signed))
  end
end
