<?php
// Verifies deliveries by ECG's headers.
declare(strict_types=1);

const TOLERANCE_MILLISECONDS = 300_000;

/** Says whether a delivery is genuine and fresh; $body is the bytes as they arrived. */
function verify(array $headers, string $body, array $secrets, int $now): bool
{
    $createdAt = $headers['x-webhook-created-at'] ?? '';
    $given = $headers['x-webhook-hash'] ?? '';
    if (!ctype_digit($createdAt) || abs($now * 1000 - (int) $createdAt) > TOLERANCE_MILLISECONDS) {
        return false;
    }
    foreach ($secrets as $secret) {
        if (hash_equals(hash_hmac('sha256', "{$createdAt}.{$body}", $secret), $given)) {
            return true;
        }
    }
    return false;
}
