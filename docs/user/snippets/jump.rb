# Verifies deliveries by Jump's headers.
require "openssl"

TOLERANCE_SECONDS = 300

# Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived.
def verify(headers, body, secrets, now)
  timestamp = headers["x-webhook-timestamp"].to_s
  given = headers["x-webhook-signature"].to_s.split(" ")
  at = Integer(timestamp, 10, exception: false)
  return false unless at && (now - at).abs <= TOLERANCE_SECONDS

  signed = "#{timestamp}.".b + body.b
  secrets.any? do |secret|
    expected = OpenSSL::HMAC.hexdigest("SHA256", secret, signed)
    given.any? { |signature| OpenSSL.secure_compare(signature, expected) }
  end
end
