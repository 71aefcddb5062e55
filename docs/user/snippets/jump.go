// Package webhooks verifies deliveries by Jump's headers.
package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

const toleranceSeconds = 300

// Verify says whether a delivery is genuine and fresh; body is the bytes as they arrived.
func Verify(headers http.Header, body []byte, secrets []string, now int64) bool {
	timestamp := headers.Get("X-Webhook-Timestamp")
	given := strings.Split(headers.Get("X-Webhook-Signature"), " ")
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || at < now-toleranceSeconds || at > now+toleranceSeconds {
		return false
	}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(timestamp + "."))
		mac.Write(body)
		expected := []byte(hex.EncodeToString(mac.Sum(nil)))
		for _, signature := range given {
			if hmac.Equal([]byte(signature), expected) {
				return true
			}
		}
	}
	return false
}
