<?php
// Verifies deliveries by their Standard Webhooks headers.
declare(strict_types=1);

const TOLERANCE_SECONDS = 300;

/** Says whether a delivery is genuine and fresh; $body is the bytes as they arrived. */
function verify(array $headers, string $body, array $secrets, int $now): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    $given = explode(' ', $headers['webhook-signature'] ?? '');
    if (!ctype_digit($timestamp) || abs($now - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    foreach ($secrets as $secret) {
        $mac = hash_hmac('sha256', "{$id}.{$timestamp}.{$body}", key_of($secret), true);
        $expected = 'v1,' . base64_encode($mac);
        foreach ($given as $signature) {
            if (hash_equals($expected, $signature)) {
                return true;
            }
        }
    }
    return false;
}

/** The decoded part of whsec_...; the bytes of any other secret. */
function key_of(string $secret): string
{
    return str_starts_with($secret, 'whsec_')
        ? base64_decode(substr($secret, strlen('whsec_')))
        : $secret;
}
