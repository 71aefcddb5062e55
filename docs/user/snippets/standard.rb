# Verifies deliveries by their Standard Webhooks headers.
require "openssl"

TOLERANCE_SECONDS = 300

# Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived.
def verify(headers, body, secrets, now)
  id = headers["webhook-id"].to_s
  timestamp = headers["webhook-timestamp"].to_s
  given = headers["webhook-signature"].to_s.split(" ")
  at = Integer(timestamp, 10, exception: false)
  return false unless at && (now - at).abs <= TOLERANCE_SECONDS

  signed = "#{id}.#{timestamp}.".b + body.b
  secrets.any? do |secret|
    mac = OpenSSL::HMAC.digest("SHA256", key_of(secret), signed)
    expected = "v1,#{[mac].pack("m0")}"
    given.any? { |signature| OpenSSL.secure_compare(signature, expected) }
  end
end

# The decoded part of whsec_...; the bytes of any other secret.
def key_of(secret)
  secret.start_with?("whsec_") ? secret.delete_prefix("whsec_").unpack1("m0") : secret
end
