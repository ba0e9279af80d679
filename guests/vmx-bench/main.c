/* What VM transitions and invalidations cost: "> NAME" before and "< NAME COUNT" after each loop on
 * COM1; the host's clock measures the time between. */
#include "../lib/vmx.h"

#define FAR_GLA 0x8000000000ull
#define FAR_PAGES 32
#define VPID_HERE 1

extern u64 pml4[512];
/* 0 after a VM exit; vmx-entry.S */
int vm_enter(int launched);

static u64 far_tables[3][512] PAGE;
static u8 far_frames[FAR_PAGES][4096] PAGE;

#define CPUID_LOOP CODE("1: xor %%eax, %%eax; cpuid; jmp 1b")
#define TOUCH_LOOP                                                                                 \
    CODE("1: movabs $0x8000000000, %%rbx; mov $32, %%ecx; 2: mov (%%rbx), %%rax;"                  \
         "add $4096, %%rbx; dec %%ecx; jnz 2b; xor %%eax, %%eax; cpuid; jmp 1b")
#define WINDOW_LOOP CODE("1: mov $0x40000000, %%ebx; mov (%%rbx), %%rax; xor %%eax, %%eax; cpuid; jmp 1b")

static void fail(const char *name)
{
    print("%s: unexpected exit reason %x, qualification %lx\n", name, (u32)vmread(EXIT_REASON),
          (word)vmread(EXIT_QUALIFICATION));
    guest_exit(1);
}

static void expect(const char *name, int entered, u32 reason)
{
    if (entered != 0 || (u32)vmread(EXIT_REASON) != reason)
        fail(name);
}

/* The first entry, which also writes the controls. */
static void start(const char *name, const u8 *code, u32 reason)
{
    vmwrite(GUEST_RIP, (u64)code);
    if (vmx_resume() != reason)
        fail(name);
    print("> %s\n", name);
}

static void finish(const char *name, u32 count)
{
    print("< %s %u\n", name, count);
}

static void cpuid_exits(const char *name, const u8 *code, u32 count)
{
    start(name, code, REASON_CPUID);
    for (u32 i = 0; i < count; i++) {
        vmx_skip();
        expect(name, vm_enter(1), REASON_CPUID);
    }
    finish(name, count);
}

static void map_far(void)
{
    pml4[FAR_GLA >> 39] = (u64)far_tables[0] | 7;
    far_tables[0][0] = (u64)far_tables[1] | 7;
    far_tables[1][0] = (u64)far_tables[2] | 7;
    for (u64 i = 0; i < FAR_PAGES; i++)
        far_tables[2][i] = (u64)far_frames[i] | 7;
}

/* The page is taken away, missed and given back. */
static void unmapped_pages(u32 count)
{
    static const char name[] = "ept-unmap-invept-fault-map";
    volatile u64 *leaf = ept_window;
    const u64 mapped = *leaf;
    start(name, WINDOW_LOOP, REASON_CPUID);
    for (u32 i = 0; i < count; i++) {
        *leaf = 0;
        invept(1, ept_pointer());
        vmx_skip();
        expect(name, vm_enter(1), REASON_EPT_VIOLATION);
        *leaf = mapped;
        expect(name, vm_enter(1), REASON_CPUID);
    }
    finish(name, count);
}

static void invalidations(u32 count)
{
    print("> invept-single\n");
    for (u32 i = 0; i < count; i++)
        invept(1, ept_pointer());
    finish("invept-single", count);
    print("> invvpid-single\n");
    for (u32 i = 0; i < count; i++)
        invvpid(1, VPID_HERE, 0);
    finish("invvpid-single", count);
}

u32 guest_main(u32 boot_info)
{
    (void)boot_info;
    vmx_on(0);
    vmx_reset();
    map_far();
    print("BENCH start\n");
    cpuid_exits("cpuid-exit", CPUID_LOOP, 300000);
    cpuid_exits("touch32-exit", TOUCH_LOOP, 100000);
    if (vmx_available(SECONDARY_ENABLE_EPT) && vmx_available(SECONDARY_ENABLE_VPID)) {
        ept_init();
        vmx_set(SECONDARY_ENABLE_VPID);
        vmwrite(VPID, VPID_HERE);
        cpuid_exits("cpuid-exit-ept", CPUID_LOOP, 300000);
        cpuid_exits("touch32-exit-ept-vpid", TOUCH_LOOP, 100000);
        unmapped_pages(100000);
        invalidations(300000);
    }
    print("BENCH end\n");
    return 0;
}
