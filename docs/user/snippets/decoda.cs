#nullable enable
using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;

/// <summary>Verifies deliveries by Decoda's header.</summary>
public static class DecodaDelivery
{
    /// <summary>Says whether a delivery is genuine; body is the bytes as they arrived.</summary>
    public static bool Verify(Func<string, string?> headers, byte[] body, IEnumerable<string> secrets)
    {
        string given = headers("decoda-signature") ?? "";
        foreach (string secret in secrets)
        {
            using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
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
