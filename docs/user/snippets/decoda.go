// Package webhooks verifies deliveries by Decoda's header.
package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// Verify says whether a delivery is genuine; body is the bytes as they arrived.
func Verify(headers http.Header, body []byte, secrets []string) bool {
	given := []byte(headers.Get("Decoda-Signature"))
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		expected := []byte(hex.EncodeToString(mac.Sum(nil)))
		if hmac.Equal(given, expected) {
			return true
		}
	}
	return false
}
