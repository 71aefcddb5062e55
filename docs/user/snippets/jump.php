<?php
// Verifies deliveries by Jump's headers.
declare(strict_types=1);

const TOLERANCE_SECONDS = 300;

/** Says whether a delivery is genuine and fresh; $body is the bytes as they arrived. */
function verify(array $headers, string $body, array $secrets, int $now): bool
{
    $timestamp = $headers['x-webhook-timestamp'] ?? '';
    $given = explode(' ', $headers['x-webhook-signature'] ?? '');
    if (!ctype_digit($timestamp) || abs($now - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    foreach ($secrets as $secret) {
        $expected = hash_hmac('sha256', "{$timestamp}.{$body}", $secret);
        foreach ($given as $signature) {
            if (hash_equals($expected, $signature)) {
                return true;
            }
        }
    }
    return false;
}
