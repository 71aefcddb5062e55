# Verifies deliveries by Decoda's header.
require "openssl"

# Says whether a delivery is genuine; `body` is the bytes as they arrived.
def verify(headers, body, secrets)
  given = headers["decoda-signature"].to_s
  secrets.any? do |secret|
    OpenSSL.secure_compare(given, OpenSSL::HMAC.hexdigest("SHA256", secret, body))
  end
end
