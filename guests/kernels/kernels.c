/* The kernels. A processor that computes right gives the same checksums in every form. */
#include "kernels.h"

static u32 words[1 << 18];
static u8 bytes[1 << 20];

/* Additions, shifts and a branch that depends on their results. */
static u32 alu(u32 rounds)
{
    u32 a = 1, b = 2, c = 3;
    for (u32 i = 0; i < rounds; i++) {
        a += b ^ i;
        b = b << 5 | b >> 27;
        c -= a;
        if (c & 1)
            b += c;
    }
    return a ^ b ^ c;
}

#define SIEVE_LIMIT (1u << 18)

/* Stores of bytes with growing strides. */
static u32 sieve(u32 rounds)
{
    u32 count = 0;
    for (u32 r = 0; r < rounds; r++) {
        for (u32 i = 0; i < SIEVE_LIMIT; i++)
            bytes[i] = 1;
        for (u32 i = 2; i * i < SIEVE_LIMIT; i++)
            if (bytes[i])
                for (u32 j = i * i; j < SIEVE_LIMIT; j += i)
                    bytes[j] = 0;
        count = 0;
        for (u32 i = 2; i < SIEVE_LIMIT; i++)
            count += bytes[i];
    }
    return count;
}

static u32 rotate(u32 x, int by)
{
    return x >> by | x << (32 - by);
}

static u32 round_constants[64];

/* The rounds of SHA-256 on simple data: rotations, and more values than registers. */
static u32 sha256(u32 blocks)
{
    u32 hash[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    u32 schedule[64];
    for (u32 i = 0; i < 64; i++)
        round_constants[i] = 0x428a2f98u * (i + 1);
    for (u32 block = 0; block < blocks; block++) {
        for (u32 i = 0; i < 16; i++)
            schedule[i] = block * i + hash[i & 7];
        for (int i = 16; i < 64; i++) {
            u32 x = schedule[i - 15], y = schedule[i - 2];
            u32 s0 = rotate(x, 7) ^ rotate(x, 18) ^ x >> 3;
            u32 s1 = rotate(y, 17) ^ rotate(y, 19) ^ y >> 10;
            schedule[i] = schedule[i - 16] + s0 + schedule[i - 7] + s1;
        }
        u32 a = hash[0], b = hash[1], c = hash[2], d = hash[3];
        u32 e = hash[4], f = hash[5], g = hash[6], h = hash[7];
        for (int i = 0; i < 64; i++) {
            u32 choice = (e & f) ^ (~e & g);
            u32 majority = (a & b) ^ (a & c) ^ (b & c);
            u32 t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice +
                     round_constants[i] + schedule[i];
            u32 t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        hash[0] += a;
        hash[1] += b;
        hash[2] += c;
        hash[3] += d;
        hash[4] += e;
        hash[5] += f;
        hash[6] += g;
        hash[7] += h;
    }
    return hash[0] ^ hash[7];
}

static void sort(u32 *a, int left, int right)
{
    while (left < right) {
        u32 pivot = a[(left + right) >> 1];
        int i = left, j = right;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                u32 swap = a[i];
                a[i++] = a[j];
                a[j--] = swap;
            }
        }
        /* The smaller part by recursion, which bounds the stack. */
        if (j - left < right - i) {
            sort(a, left, j);
            left = i;
        } else {
            sort(a, i, right);
            right = j;
        }
    }
}

/* Branches that nothing can foresee. */
static u32 quicksort(u32 rounds)
{
    u32 x = 12345, sum = 0;
    for (u32 r = 0; r < rounds; r++) {
        for (u32 i = 0; i < 1 << 16; i++) {
            x = x * 1664525u + 1013904223u;
            words[i] = x;
        }
        sort(words, 0, (1 << 16) - 1);
        sum ^= words[777];
    }
    return sum;
}

static word nodes[1 << 16];

/* Loads that wait for each other, over more pages than a small TLB holds. */
static u32 chase(u32 steps)
{
    u32 count = 1 << 16;
    for (u32 i = 0; i < count; i++)
        nodes[i] = (i * 40503u + 1) & (count - 1);
    word at = 0;
    for (u32 i = 0; i < steps; i++)
        at = nodes[at];
    return (u32)at;
}

/* Calls and returns. */
static __attribute__((noinline)) u32 fibonacci(u32 n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

/* An interpreter: indirect jumps. */
static u32 bytecode(u32 steps)
{
    static const u8 program[] = {0, 1, 2, 3, 4, 5, 6, 2, 1, 0, 3, 5, 7};
    u32 acc = 1, pc = 0, t = 3;
    for (u32 i = 0; i < steps; i++) {
        switch (program[pc++]) {
        case 0:
            acc += t;
            break;
        case 1:
            acc ^= t << 3;
            break;
        case 2:
            t += acc >> 2;
            break;
        case 3:
            acc = acc * 33 + 1;
            break;
        case 4:
            t ^= acc;
            break;
        case 5:
            acc -= t;
            break;
        case 6:
            t = t << 1 | t >> 31;
            break;
        default:
            pc = 0;
        }
    }
    return acc ^ t;
}

#define SIDE 64
static double left[SIDE * SIDE], right[SIDE * SIDE], product[SIDE * SIDE];

/* Scalar floating point in double precision. */
static u32 matmul(u32 rounds)
{
    for (int i = 0; i < SIDE * SIDE; i++) {
        left[i] = i * 0.5;
        right[i] = (double)(i % 17);
    }
    union {
        double value;
        u32 half[2];
    } sum = {0};
    for (u32 r = 0; r < rounds; r++) {
        for (int i = 0; i < SIDE; i++)
            for (int j = 0; j < SIDE; j++) {
                double dot = 0;
                for (int k = 0; k < SIDE; k++)
                    dot += left[i * SIDE + k] * right[k * SIDE + j];
                product[i * SIDE + j] = dot;
            }
        sum.value += product[r & (SIDE * SIDE - 1)];
    }
    return sum.half[0] ^ sum.half[1];
}

/* String instructions in bulk: 1 MiB stored and 1 MiB moved a round. */
static u32 repstr(u32 rounds)
{
    u32 sum = 0;
    for (u32 r = 0; r < rounds; r++) {
        void *to = words, *from = words;
        word count = sizeof words / 4;
        asm volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(r) : "memory");
        to = bytes;
        count = sizeof bytes / 4;
        asm volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(count)::"memory");
        sum += bytes[r & 1023];
    }
    return sum;
}

const struct kernel kernels[] = {
    {"alu", alu, 60000000},           {"sieve", sieve, 320},
    {"sha256", sha256, 300000},       {"qsort", quicksort, 16},
    {"chase", chase, 20000000},       {"fib", fibonacci, 38},
    {"bytecode", bytecode, 40000000}, {"matmul", matmul, 600},
    {"repstr", repstr, 3000},         {0, 0, 0},
};
