// Package webhooks verifies deliveries by their Standard Webhooks headers.
package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

const toleranceSeconds = 300

// Verify says whether a delivery is genuine and fresh; body is the bytes as they arrived.
func Verify(headers http.Header, body []byte, secrets []string, now int64) bool {
	id := headers.Get("webhook-id")
	timestamp := headers.Get("webhook-timestamp")
	given := strings.Split(headers.Get("webhook-signature"), " ")
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || at < now-toleranceSeconds || at > now+toleranceSeconds {
		return false
	}
	for _, secret := range secrets {
		key, err := keyOf(secret)
		if err != nil {
			continue
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		for _, signature := range given {
			if hmac.Equal([]byte(signature), expected) {
				return true
			}
		}
	}
	return false
}

// keyOf returns the decoded part of whsec_..., and the bytes of any other secret.
func keyOf(secret string) ([]byte, error) {
	if strings.HasPrefix(secret, "whsec_") {
		return base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	}
	return []byte(secret), nil
}
