#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

/// <summary>Verifies deliveries by Jump's headers.</summary>
public static class JumpDelivery
{
    private const long ToleranceSeconds = 300;

    /// <summary>Says whether a delivery is genuine and fresh; body is the bytes as they arrived.</summary>
    public static bool Verify(Func<string, string?> headers, byte[] body, IEnumerable<string> secrets, long now)
    {
        string timestamp = headers("x-webhook-timestamp") ?? "";
        string[] given = (headers("x-webhook-signature") ?? "").Split(' ');
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long at)
            || at < now - ToleranceSeconds || at > now + ToleranceSeconds)
        {
            return false;
        }
        byte[] head = Encoding.UTF8.GetBytes($"{timestamp}.");
        foreach (string secret in secrets)
        {
            using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
            mac.AppendData(head);
            mac.AppendData(body);
            string expected = Convert.ToHexString(mac.GetHashAndReset()).ToLowerInvariant();
            foreach (string signature in given)
            {
                if (IsEqual(signature, expected))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private static bool IsEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
