/* The processor as CPUID describes it, and the mode it is in. */
#include "tour.h"

struct leaf {
    u32 a, b, c, d;
};

static struct leaf cpuid(u32 leaf, u32 subleaf)
{
    struct leaf r;
    asm volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(subleaf));
    return r;
}

static void put_word(u32 word)
{
    for (int i = 0; i < 4; i++, word >>= 8)
        if (word & 0xff)
            put_char((char)word);
}

static void put_brand(void)
{
    for (u32 leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
        struct leaf r = cpuid(leaf, 0);
        put_word(r.a), put_word(r.b), put_word(r.c), put_word(r.d);
    }
}

struct feature {
    const char *name;
    u32 leaf;
    char reg;
    u8 bit;
};

static const struct feature features[] = {
    {"TSC", 1, 'd', 4},       {"PAE", 1, 'd', 6},      {"APIC", 1, 'd', 9},
    {"MTRR", 1, 'd', 12},     {"PAT", 1, 'd', 16},     {"FXSR", 1, 'd', 24},
    {"SSE2", 1, 'd', 26},     {"SSE4.2", 1, 'c', 20},  {"AES", 1, 'c', 25},
    {"POPCNT", 1, 'c', 23},   {"XSAVE", 1, 'c', 26},   {"RDRAND", 1, 'c', 30},
    {"x2APIC", 1, 'c', 21},   {"PCID", 1, 'c', 17},    {"VMX", 1, 'c', 5},
    {"FSGSBASE", 7, 'b', 0},  {"BMI2", 7, 'b', 8},     {"INVPCID", 7, 'b', 10},
    {"SMEP", 7, 'b', 7},      {"SMAP", 7, 'b', 20},    {"SHA", 7, 'b', 29},
    {"UMIP", 7, 'c', 2},      {"PKU", 7, 'c', 3},      {"LA57", 7, 'c', 16},
    {"NX", 0x80000001, 'd', 20}, {"1G pages", 0x80000001, 'd', 26},
    {"RDTSCP", 0x80000001, 'd', 27},
};

static void put_features(void)
{
    int column = 0;
    for (unsigned i = 0; i < sizeof features / sizeof *features; i++) {
        const struct feature *f = &features[i];
        struct leaf r = cpuid(f->leaf, 0);
        u32 value = f->reg == 'b' ? r.b : f->reg == 'c' ? r.c : r.d;
        if (!(value >> f->bit & 1))
            continue;
        if (column > 56) {
            put_text("\n               ");
            column = 0;
        } else if (column == 0) {
            put_text("   features    ");
        }
        put_char(' ');
        put_text(f->name);
        column += (int)strlen(f->name) + 1;
    }
    put_char('\n');
}

unsigned show_processor(void)
{
    title("The processor");
    struct leaf vendor = cpuid(0, 0), signature = cpuid(1, 0), sizes = cpuid(0x80000008, 0);
    put_text("   name         ");
    put_brand();
    put_text("\n   vendor       ");
    put_word(vendor.b), put_word(vendor.d), put_word(vendor.c);
    u32 family = signature.a >> 8 & 15, model = signature.a >> 4 & 15;
    if (family == 6 || family == 15)
        model |= signature.a >> 12 & 0xf0;
    if (family == 15)
        family += signature.a >> 20 & 0xff;
    print(", family %u, model %u, stepping %u\n", family, model, signature.a & 15);
    put_features();
    print("   addresses    %u bits physical, %u bits linear\n", sizes.a & 0xff, sizes.a >> 8 & 0xff);
    word cr0, cr4;
    u32 efer_low, efer_high;
    asm volatile("mov %%cr0, %0; mov %%cr4, %1" : "=r"(cr0), "=r"(cr4));
    asm volatile("rdmsr" : "=a"(efer_low), "=d"(efer_high) : "c"(0xc0000080));
    print("   mode         CR0 0x%lx, CR4 0x%lx, EFER 0x%x: ", cr0, cr4, efer_low);
    put_text("64-bit, four levels of page tables: ");
    return verdict((cr0 >> 31 & 1) && (cr4 >> 5 & 1) && (efer_low >> 10 & 1));
}
