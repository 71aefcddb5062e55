#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

/// <summary>Verifies deliveries by their Standard Webhooks headers.</summary>
public static class StandardDelivery
{
    private const long ToleranceSeconds = 300;

    /// <summary>Says whether a delivery is genuine and fresh; body is the bytes as they arrived.</summary>
    public static bool Verify(Func<string, string?> headers, byte[] body, IEnumerable<string> secrets, long now)
    {
        string id = headers("webhook-id") ?? "";
        string timestamp = headers("webhook-timestamp") ?? "";
        string[] given = (headers("webhook-signature") ?? "").Split(' ');
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out long at)
            || at < now - ToleranceSeconds || at > now + ToleranceSeconds)
        {
            return false;
        }
        byte[] head = Encoding.UTF8.GetBytes($"{id}.{timestamp}.");
        foreach (string secret in secrets)
        {
            using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(secret));
            mac.AppendData(head);
            mac.AppendData(body);
            string expected = "v1," + Convert.ToBase64String(mac.GetHashAndReset());
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

    /// <summary>The decoded part of whsec_...; the bytes of any other secret.</summary>
    private static byte[] KeyOf(string secret) =>
        secret.StartsWith("whsec_", StringComparison.Ordinal)
            ? Convert.FromBase64String(secret.Substring("whsec_".Length))
            : Encoding.UTF8.GetBytes(secret);

    private static bool IsEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
