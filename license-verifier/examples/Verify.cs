// Verifies a license file: put the library beside the program, then run it with FILE PUBLIC_KEY PRODUCT.
using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

public static class LicenseVerifier
{
    [DllImport("license_verifier_c")]
    private static extern IntPtr lv_verify_license_file(
        byte[] file, UIntPtr fileLen, byte[] publicKeys, UIntPtr publicKeysLen, byte[] product, UIntPtr productLen, long now);

    [DllImport("license_verifier_c")]
    private static extern void lv_free(IntPtr answer);

    /// <summary>The license; an exception says why there is none.</summary>
    public static JsonElement Verify(string file, string publicKey, string product)
    {
        byte[] fileBytes = Encoding.UTF8.GetBytes(file), keyBytes = Encoding.UTF8.GetBytes(publicKey);
        byte[] productBytes = Encoding.UTF8.GetBytes(product);
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        IntPtr pointer = lv_verify_license_file(
            fileBytes, (UIntPtr)fileBytes.Length, keyBytes, (UIntPtr)keyBytes.Length, productBytes, (UIntPtr)productBytes.Length, now);
        try
        {
            JsonElement answer = JsonDocument.Parse(Marshal.PtrToStringUTF8(pointer)).RootElement;
            if (!answer.GetProperty("ok").GetBoolean())
            {
                throw new InvalidDataException(answer.GetProperty("error").GetString());
            }
            return answer.GetProperty("license");
        }
        finally
        {
            lv_free(pointer);
        }
    }

    public static int Main(string[] arguments)
    {
        try
        {
            JsonElement license = Verify(File.ReadAllText(arguments[0]), arguments[1], arguments[2]);
            Console.WriteLine("Licensed: " + license.GetProperty("name").GetString());
            return 0;
        }
        catch (InvalidDataException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }
    }
}
