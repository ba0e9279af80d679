/* Work with a result that anybody can check. */
#include "tour.h"

#define SIEVE_LIMIT 1000000
#define ZEROS_BYTES 262144

static u8 composite[SIEVE_LIMIT];
static u8 zeros[ZEROS_BYTES];

static unsigned count_primes(void)
{
    unsigned count = 0;
    for (unsigned n = 2; n < SIEVE_LIMIT; n++) {
        if (composite[n])
            continue;
        count++;
        if (n < SIEVE_LIMIT / n)
            for (unsigned m = n * n; m < SIEVE_LIMIT; m += n)
                composite[m] = 1;
    }
    return count;
}

static u32 rotate(u32 x, int by)
{
    return x >> by | x << (32 - by);
}

/* Fractional parts of roots of primes (FIPS 180-4), found by integer arithmetic. */
static u32 round_constants[64], initial_hash[8];

/* The first 32 fractional bits of the square (power 2) or cube (power 3) root of n. */
static u32 root_fraction(unsigned n, int power)
{
    u64 low = 0, high = 1ull << 36;
    while (high - low > 1) {
        u64 middle = (low + high) / 2;
        unsigned __int128 value = (unsigned __int128)middle * middle;
        unsigned __int128 target = (unsigned __int128)n << 64;
        if (power == 3) {
            /* middle^3 <= n * 2^96 without numbers above 128 bits: middle < 2^36. */
            value *= middle;
            target = (unsigned __int128)n << 96;
        }
        if (value <= target)
            low = middle;
        else
            high = middle;
    }
    return (u32)low;
}

static void make_constants(void)
{
    unsigned found = 0;
    for (unsigned n = 2; found < 64; n++) {
        unsigned d = 2;
        while (d * d <= n && n % d)
            d++;
        if (d * d <= n)
            continue;
        if (found < 8)
            initial_hash[found] = root_fraction(n, 2);
        round_constants[found++] = root_fraction(n, 3);
    }
}

static void hash_block(u32 state[8], const u8 block[64])
{
    u32 w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (u32)block[4 * i] << 24 | (u32)block[4 * i + 1] << 16 | (u32)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        u32 a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
               (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
    memcpy(s, state, sizeof s);
    for (int i = 0; i < 64; i++) {
        u32 e = s[4], a = s[0];
        u32 t = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) +
                round_constants[i] + w[i];
        u32 majority = (a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]);
        u32 u = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
        s[7] = s[6], s[6] = s[5], s[5] = e, s[4] = s[3] + t;
        s[3] = s[2], s[2] = s[1], s[1] = a, s[0] = t + u;
    }
    for (int i = 0; i < 8; i++)
        state[i] += s[i];
}

static void sha256(u32 state[8], const u8 *data, word bytes)
{
    u8 tail[128];
    word rest = bytes % 64, tail_bytes = rest < 56 ? 64 : 128;
    memcpy(state, initial_hash, sizeof initial_hash);
    for (word at = 0; at + 64 <= bytes; at += 64)
        hash_block(state, data + at);
    memset(tail, 0, sizeof tail);
    memcpy(tail, data + bytes - rest, rest);
    tail[rest] = 0x80;
    for (int i = 0; i < 8; i++)
        tail[tail_bytes - 1 - i] = (u8)((u64)bytes * 8 >> (8 * i));
    for (word at = 0; at < tail_bytes; at += 64)
        hash_block(state, tail + at);
}

static unsigned show_hash(const u8 *data, word bytes, const u32 expected[8])
{
    u32 state[8];
    sha256(state, data, bytes);
    put_text("                ");
    for (int i = 0; i < 8; i++)
        print("%08x", state[i]);
    put_text(": ");
    return verdict(memcmp(state, expected, sizeof state) == 0);
}

static const char sentence[] = "The quick brown fox jumps over the lazy dog";
static const u32 sentence_hash[8] = {0xd7a8fbb3, 0x07d78094, 0x69ca9abc, 0xb0082e4f,
                                     0x8d5651e4, 0x6d3cdb76, 0x2d02d0bf, 0x37c9e592};
static const u32 zeros_hash[8] = {0x8a39d2ab, 0xd3999ab7, 0x3c34db24, 0x76849cdd,
                                  0xf303ce38, 0x9b358268, 0x50f9a700, 0x589b4a90};

unsigned show_computing(void)
{
    title("Something to compute");
    unsigned failed = 0, primes = count_primes();
    print("   primes       %u below %u: ", primes, SIEVE_LIMIT);
    failed += verdict(primes == 78498);
    make_constants();
    print("   SHA-256      of \"%s\"\n", sentence);
    failed += show_hash((const u8 *)sentence, sizeof sentence - 1, sentence_hash);
    print("   SHA-256      of %u zero bytes\n", ZEROS_BYTES);
    return failed + show_hash(zeros, ZEROS_BYTES, zeros_hash);
}
