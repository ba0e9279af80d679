/* Fills the caches of translations with mappings of every kind and with many tags, for views of them:
 * two address spaces with PCIDs and global pages, then three virtual machines with VPIDs, of which two
 * share the EPT. */
#include "../lib/vmx.h"

#define CR4_PGE 0x80
#define CR4_PCIDE 0x20000
#define GLOBAL 0x100
/* Linear 512 GiB: 4 KiB pages of each address space; behind it the pages that they share. */
#define OWN 0x8000000000ull
#define SHARED (OWN + 0x200000)
#define FRAMES 64
#define KEEP (1ull << 63)

extern u64 pml4[512];
static u64 roots[2][512] PAGE, pdpts[2][512] PAGE, directories[2][512] PAGE, tables[2][512] PAGE;
static u64 shared_table[512] PAGE, other_ept[512] PAGE;
static u8 frames[FRAMES][4096] PAGE;
static u8 stack[1 << 14] __attribute__((aligned(16)));

static u64 first, count;

static void touch(void)
{
    for (u64 i = 0; i < count; i++)
        (void)*(volatile u8 *)(first + (i << 12));
}

static void __attribute__((noinline)) touch_in_guest(void)
{
    touch();
    asm volatile("vmcall");
}

/* Where a view is worth a look: everything is in the caches, as far as it fits. */
void __attribute__((noinline)) tlb_is_full(void)
{
    asm volatile("");
}

static void load_cr3(u64 value)
{
    asm volatile("mov %0, %%cr3" ::"r"(value) : "memory");
}

static void make_space(unsigned space)
{
    memcpy(roots[space], pml4, sizeof pml4);
    roots[space][1] = (u64)pdpts[space] | 7;
    pdpts[space][0] = (u64)directories[space] | 7;
    directories[space][0] = (u64)tables[space] | 7;
    directories[space][1] = (u64)shared_table | 7;
    for (u64 i = 0; i < 512; i++) {
        tables[space][i] = (u64)frames[(i + space) % FRAMES] | 7;
        shared_table[i] = (u64)frames[i % FRAMES] | 7 | GLOBAL;
    }
}

static void in_space(u64 pcid, u64 own, u64 shared)
{
    load_cr3((u64)roots[pcid - 1] | pcid | KEEP);
    first = OWN, count = own;
    touch();
    first = SHARED, count = shared;
    touch();
}

/* Guest-physical pages of 4 KiB are those of the window; its linear pages have 2 MiB. */
static int in_machine(u64 vpid, u64 root, u64 from, u64 pages)
{
    vmwrite(VPID, vpid);
    vmwrite(EPTP, root | 3 << 3 | 6);
    vmwrite(GUEST_RIP, (u64)touch_in_guest);
    vmwrite(GUEST_RSP, (u64)(stack + sizeof stack - 8));
    first = WINDOW_GPA + (from << 12), count = pages;
    return vmx_resume() == REASON_VMCALL;
}

u32 guest_main(u32 boot_info)
{
    (void)boot_info;
    if (!cpu_has(1, 0, REG_ECX, 5) || !cpu_has(1, 0, REG_ECX, 17)) {
        put_text("tlb-view: this processor has no VMX or no PCIDs\n");
        return 1;
    }
    make_space(0);
    make_space(1);
    u64 cr4;
    asm volatile("mov %%cr4, %0" : "=r"(cr4));
    asm volatile("mov %0, %%cr4" ::"r"(cr4 | CR4_PGE | CR4_PCIDE));
    vmx_on(0);
    vmx_reset();
    ept_init();
    for (u64 i = 0; i < 512; i++)
        ept_window[i] = (u64)frames[i % FRAMES] | EPT_WB | EPT_RWX | EPT_USER_X;
    memcpy(other_ept, ept_pml4, sizeof other_ept);
    vmx_set(SECONDARY_ENABLE_VPID);

    in_space(1, 200, 24);
    in_space(2, 120, 40);
    int right = in_machine(1, (u64)ept_pml4, 0, 220);
    right &= in_machine(2, (u64)other_ept, 96, 140);
    right &= in_machine(3, (u64)other_ept, 300, 60);
    in_space(1, 16, 8);
    tlb_is_full();
    print("tlb-view: %s\n", right ? "all pages touched" : "an exit that should not be");
    return !right;
}
