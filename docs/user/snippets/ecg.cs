#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

/// <summary>Verifies deliveries by ECG's headers.</summary>
public static class EcgDelivery
{
    private const long ToleranceMilliseconds = 5 * 60 * 1000;

    /// <summary>Says whether a delivery is genuine and fresh; body is the bytes as they arrived.</summary>
    public static bool Verify(Func<string, string?> headers, byte[] body, IEnumerable<string> secrets, long now)
    {
        string createdAt = headers("x-webhook-created-at") ?? "";
        string given = headers("x-webhook-hash") ?? "";
        if (!long.TryParse(createdAt, NumberStyles.None, CultureInfo.InvariantCulture, out long at)
            || Math.Abs(now * 1000 - at) > ToleranceMilliseconds)
        {
            return false;
        }
        byte[] head = Encoding.UTF8.GetBytes($"{createdAt}.");
        foreach (string secret in secrets)
        {
            using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
            mac.AppendData(head);
            mac.AppendData(body);
            string expected = Convert.ToHexString(mac.GetHashAndReset()).ToLowerInvariant();
            if (IsEqual(given, expected))
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
