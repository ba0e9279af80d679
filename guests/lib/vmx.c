/* VMX operation, and the VMCS of a plain guest. */
#include "vmx.h"

extern int vm_enter(int launched);
extern const u8 vm_exit_point[];
extern u64 pml4[512];

#define CR0_NE 0x20
#define CR4_PSE 0x10
#define CR4_PAE 0x20
#define CR4_VMXE 0x2000

static u8 vmxon_regions[2][4096] PAGE, region[4096] PAGE;
static u64 words[7];
static int launched;
static u64 tss[16], other_tss[16];
static u32 directory32[1024] PAGE;
u8 guest_stack[8192] PAGE;
u64 guest_idt[512] PAGE;
u64 shared_gdt[12] PAGE;

static const struct {
    u32 plain, proven;
} word_msrs[] = {CONTROL_WORD_MSRS};

u64 rdmsr(u32 index)
{
    u32 low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return low | (u64)high << 32;
}

void wrmsr(u32 index, u64 value)
{
    asm volatile("wrmsr" ::"c"(index), "a"((u32)value), "d"((u32)(value >> 32)));
}

u64 vmread(u32 field)
{
    u64 value = 0;
    asm volatile("vmread %1, %0" : "+r"(value) : "r"((u64)field) : "cc");
    return value;
}

void vmwrite(u32 field, u64 value)
{
    asm volatile("vmwrite %0, %1" ::"r"(value), "r"((u64)field) : "cc");
}

/* 0, or 1 when the instruction fails. */
int vmptrld(const void *at)
{
    u64 address = (u64)at;
    u8 failed;
    asm volatile("vmptrld %1; setbe %0" : "=r"(failed) : "m"(address) : "cc", "memory");
    return failed;
}

int vmclear(const void *at)
{
    u64 address = (u64)at;
    u8 failed;
    asm volatile("vmclear %1; setbe %0" : "=r"(failed) : "m"(address) : "cc", "memory");
    return failed;
}

u64 vmx_vmcs_address(void)
{
    return (u64)region;
}

static u64 tss_descriptor(const u64 *at)
{
    u64 base = (u64)at;
    return 103 | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
}

void vmx_free_other_tss(void)
{
    shared_gdt[SEL_OTHER_TSS / 8] = tss_descriptor(other_tss);
}

static void load_gdt(void)
{
    static const u64 rows[] = {
        0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff,
        0, 0x00cff3000000ffff, 0x00affb000000ffff,
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        shared_gdt[i] = rows[i];
    shared_gdt[SEL_TSS / 8] = tss_descriptor(tss);
    vmx_free_other_tss();
    /* RSP0, for guests in ring 3. */
    *(u64 *)((u8 *)tss + 4) = STACK_TOP(guest_stack) - 2048;
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) pointer = {sizeof shared_gdt - 1, (u64)shared_gdt};
    asm volatile("lgdt %0; ltr %w1" ::"m"(pointer), "r"(SEL_TSS));
}

static void fill_guest_idt(void)
{
    for (u64 vector = 0; vector < 256; vector++) {
        u64 entry = (u64)guest_entries + vector * 16;
        guest_idt[vector * 2] = (entry & 0xffff) | SEL_CODE << 16 | 0x8eull << 40 |
                                (entry >> 16 & 0xffff) << 48;
        guest_idt[vector * 2 + 1] = entry >> 32;
    }
}

void vmx_on(unsigned processor)
{
    u64 cr0, cr4, at = (u64)vmxon_regions[processor];
    asm volatile("mov %%cr0, %0; mov %%cr4, %1" : "=r"(cr0), "=r"(cr4));
    asm volatile("mov %0, %%cr0; mov %1, %%cr4" ::"r"(cr0 | CR0_NE), "r"(cr4 | CR4_VMXE));
    if (!(rdmsr(MSR_FEATURE_CONTROL) & 1))
        wrmsr(MSR_FEATURE_CONTROL, 5);
    load_gdt();
    fill_guest_idt();
    *(u32 *)vmxon_regions[processor] = (u32)rdmsr(MSR_VMX_BASIC);
    u8 failed;
    asm volatile("vmxon %1; setbe %0" : "=r"(failed) : "m"(at) : "cc", "memory");
    if (failed) {
        print("VMXON failed\n");
        guest_exit(2);
    }
}

static u64 capability(unsigned word)
{
    int has_proven = (rdmsr(MSR_VMX_BASIC) >> 55 & 1) && word_msrs[word].proven;
    return rdmsr(has_proven ? word_msrs[word].proven : word_msrs[word].plain);
}

int vmx_available(unsigned control)
{
    unsigned word = control / 64, bit = control % 64;
    if (word == WORD_SECONDARY && !vmx_available(PRIMARY_ACTIVATE_SECONDARY_CONTROLS))
        return 0;
    if (word == WORD_TERTIARY)
        return vmx_available(PRIMARY_ACTIVATE_TERTIARY_CONTROLS) && (capability(word) >> bit & 1);
    return capability(word) >> (32 + bit) & 1;
}

void vmx_set(unsigned control)
{
    words[control / 64] |= 1ull << control % 64;
    if (control / 64 == WORD_SECONDARY)
        vmx_set(PRIMARY_ACTIVATE_SECONDARY_CONTROLS);
    if (control / 64 == WORD_TERTIARY)
        vmx_set(PRIMARY_ACTIVATE_TERTIARY_CONTROLS);
}

void vmx_clear(unsigned control)
{
    words[control / 64] &= ~(1ull << control % 64);
}

int vmx_fixed(unsigned control)
{
    unsigned word = control / 64;
    return word != WORD_TERTIARY && (capability(word) >> control % 64 & 1);
}

static void write_host(void)
{
    u64 cr0, cr3, cr4;
    asm volatile("mov %%cr0, %0; mov %%cr3, %1; mov %%cr4, %2" : "=r"(cr0), "=r"(cr3), "=r"(cr4));
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) idt;
    asm volatile("sidt %0" : "=m"(idt));
    vmwrite(HOST_CR0, cr0);
    vmwrite(HOST_CR3, cr3);
    vmwrite(HOST_CR4, cr4);
    vmwrite(HOST_CS_SELECTOR, SEL_CODE);
    vmwrite(HOST_SS_SELECTOR, SEL_DATA);
    vmwrite(HOST_DS_SELECTOR, SEL_DATA);
    vmwrite(HOST_ES_SELECTOR, SEL_DATA);
    vmwrite(HOST_TR_SELECTOR, SEL_TSS);
    vmwrite(HOST_TR_BASE, (u64)tss);
    vmwrite(HOST_GDTR_BASE, (u64)shared_gdt);
    vmwrite(HOST_IDTR_BASE, idt.base);
    vmwrite(HOST_RIP, (u64)vm_exit_point);
    vmwrite(GUEST_CR0, cr0);
    vmwrite(GUEST_CR3, cr3);
    vmwrite(GUEST_CR4, cr4);
}

/* Selector, base, limit and access rights of a segment lie at the same distance in each group. */
static void write_segment(u32 selector_field, u16 selector, u64 base, u32 limit, u32 rights)
{
    u32 at = selector_field - GUEST_ES_SELECTOR;
    vmwrite(selector_field, selector);
    vmwrite(GUEST_ES_BASE + at, base);
    vmwrite(GUEST_ES_LIMIT + at, limit);
    vmwrite(GUEST_ES_AR + at, rights);
}

static void write_data_segments(u16 selector, u32 limit, u32 rights)
{
    write_segment(GUEST_SS_SELECTOR, selector, 0, limit, rights);
    write_segment(GUEST_DS_SELECTOR, selector, 0, limit, rights);
    write_segment(GUEST_ES_SELECTOR, selector, 0, limit, rights);
    write_segment(GUEST_FS_SELECTOR, selector, 0, limit, rights);
    write_segment(GUEST_GS_SELECTOR, selector, 0, limit, rights);
}

static void write_guest(void)
{
    write_data_segments(SEL_DATA, ~0u, AR_DATA);
    write_segment(GUEST_CS_SELECTOR, SEL_CODE, 0, ~0u, AR_CODE64);
    write_segment(GUEST_LDTR_SELECTOR, 0, 0, 0, AR_UNUSABLE);
    write_segment(GUEST_TR_SELECTOR, SEL_TSS, (u64)tss, 103, AR_BUSY_TSS);
    vmwrite(GUEST_GDTR_BASE, (u64)shared_gdt);
    vmwrite(GUEST_GDTR_LIMIT, sizeof shared_gdt - 1);
    vmwrite(GUEST_IDTR_BASE, (u64)guest_idt);
    vmwrite(GUEST_IDTR_LIMIT, sizeof guest_idt - 1);
    vmwrite(GUEST_RSP, STACK_TOP(guest_stack));
    vmwrite(GUEST_RFLAGS, 2);
    vmwrite(GUEST_DR7, 0x400);
    vmwrite(VMCS_LINK_POINTER, ~0ull);
}

void vmx_reset(void)
{
    vmclear(region);
    memset(region, 0, sizeof region);
    *(u32 *)region = (u32)rdmsr(MSR_VMX_BASIC);
    vmclear(region);
    vmptrld(region);
    launched = 0;
    memset(&guest, 0, sizeof guest);
    memset(words, 0, sizeof words);
    static const u8 plain[] = {WORD_PIN, WORD_PRIMARY, WORD_EXIT, WORD_ENTRY};
    for (unsigned i = 0; i < sizeof plain; i++)
        words[plain[i]] = (u32)capability(plain[i]);
    vmx_set(EXIT_HOST_ADDRESS_SPACE_SIZE);
    vmx_set(ENTRY_IA32E_MODE_GUEST);
    write_host();
    write_guest();
}

u32 vmx_resume(void)
{
    vmwrite(PIN_BASED_CONTROLS, words[WORD_PIN]);
    vmwrite(PRIMARY_PROC_CONTROLS, words[WORD_PRIMARY]);
    vmwrite(SECONDARY_PROC_CONTROLS, words[WORD_SECONDARY]);
    vmwrite(TERTIARY_EXEC_CONTROLS, words[WORD_TERTIARY]);
    vmwrite(VMEXIT_CONTROLS, words[WORD_EXIT]);
    vmwrite(VMENTRY_CONTROLS, words[WORD_ENTRY]);
    int failed = vm_enter(launched);
    if (failed)
        return VM_FAIL | (failed == 2 ? (u32)vmread(VM_INSTRUCTION_ERROR) : 0);
    u32 reason = (u32)vmread(EXIT_REASON);
    if (!(reason & ENTRY_FAILURE))
        launched = 1;
    return reason;
}

void vmx_skip(void)
{
    vmwrite(GUEST_RIP, vmread(GUEST_RIP) + vmread(EXIT_INSTRUCTION_LENGTH));
}

void vmx_user_guest(void)
{
    write_data_segments(SEL_USER_DATA, ~0u, 0xc0f3);
    write_segment(GUEST_CS_SELECTOR, SEL_USER_CODE, 0, ~0u, 0xa0fb);
}

void vmx_guest32(void)
{
    for (u32 i = 0; i < 1024; i++)
        directory32[i] = i << 22 | LARGE | 7;
    vmx_clear(ENTRY_IA32E_MODE_GUEST);
    vmwrite(GUEST_CR4, (vmread(GUEST_CR4) & ~(u64)CR4_PAE) | CR4_PSE);
    vmwrite(GUEST_CR3, (u64)directory32);
    write_segment(GUEST_CS_SELECTOR, SEL_CODE32, 0, ~0u, AR_CODE32);
}

/* Selectors and bases are those of real mode: the code is copied to 0x9000. */
void vmx_virtual8086_guest(void)
{
    static const u8 vmcall[] = {0x0f, 0x01, 0xc1};
    memcpy((void *)0x9000, vmcall, sizeof vmcall);
    vmx_guest32();
    write_data_segments(0x900, 0xffff, 0xf3);
    for (u32 at = GUEST_ES_BASE; at <= GUEST_GS_BASE; at += 2)
        vmwrite(at, 0x9000);
    write_segment(GUEST_CS_SELECTOR, 0x900, 0x9000, 0xffff, 0xf3);
    vmwrite(GUEST_RFLAGS, 0x20002);
}

void vmx_real_guest(const u8 *code)
{
    vmx_clear(ENTRY_IA32E_MODE_GUEST);
    vmwrite(GUEST_CR0, vmread(GUEST_CR0) & ~0x80000001ull);
    vmwrite(GUEST_CR4, vmread(GUEST_CR4) & ~(u64)CR4_PAE);
    write_data_segments(0, 0xffff, AR_DATA16);
    write_segment(GUEST_CS_SELECTOR, 0, (u64)code, 0xffff, AR_CODE16);
    vmwrite(GUEST_RSP, 0x7000);
}
