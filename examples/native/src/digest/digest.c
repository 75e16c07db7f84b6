#include <sodium.h>

/* The BLAKE2b hash of a text as hex digits; `out` has room for 65 characters. */
int digest(const char *text, unsigned long long length, char *out)
{
    unsigned char hash[32];

    if (sodium_init() < 0)
        return -1;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, length, NULL, 0);
    sodium_bin2hex(out, 65, hash, sizeof hash);
    return 0;
}
