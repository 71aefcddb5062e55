// Package webhooks verifies deliveries by ECG's headers.
package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
)

const toleranceMilliseconds = 300_000

// Verify says whether a delivery is genuine and fresh; body is the bytes as they arrived.
func Verify(headers http.Header, body []byte, secrets []string, now int64) bool {
	createdAt := headers.Get("X-Webhook-Created-At")
	given := []byte(headers.Get("X-Webhook-Hash"))
	at, err := strconv.ParseInt(createdAt, 10, 64)
	if err != nil || at < now*1000-toleranceMilliseconds || at > now*1000+toleranceMilliseconds {
		return false
	}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(createdAt + "."))
		mac.Write(body)
		expected := []byte(hex.EncodeToString(mac.Sum(nil)))
		if hmac.Equal(given, expected) {
			return true
		}
	}
	return false
}
