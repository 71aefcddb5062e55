<?php
// Verifies deliveries by Decoda's header.
declare(strict_types=1);

/** Says whether a delivery is genuine; $body is the bytes as they arrived. */
function verify(array $headers, string $body, array $secrets): bool
{
    $given = $headers['decoda-signature'] ?? '';
    foreach ($secrets as $secret) {
        if (hash_equals(hash_hmac('sha256', $body, $secret), $given)) {
            return true;
        }
    }
    return false;
}
