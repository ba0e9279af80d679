/* Exits by instructions that a primary processor-based control asks for. */
#include "exits.h"

#define SCRATCH_MSR MSR_SYSENTER_CS

static u8 io_bitmaps[2][4096] PAGE;
static u8 msr_bitmap[4096] PAGE;

static void plain(void)
{
    heading("primary controls: one instruction each");
    if (STEP("HLT", PRIMARY_HLT_EXITING)) {
        run(CODE("hlt"));
        exits_by(REASON_HLT, 1, 0);
        end();
    }
    shows(PRIMARY_INVLPG_EXITING, "INVLPG 0x12345678", CODE("invlpg 0x12345678"), REASON_INVLPG, 8,
          0x12345678);
    shows(PRIMARY_RDTSC_EXITING, "RDTSC", CODE("rdtsc"), REASON_RDTSC, 2, 0);
    shows(PRIMARY_PAUSE_EXITING, "PAUSE", CODE("pause"), REASON_PAUSE, 2, 0);
    shows(PRIMARY_CR8_LOAD_EXITING, "MOV to CR8 from RBX", CODE("xor %%ebx, %%ebx; mov %%rbx, %%cr8"),
          REASON_CR_ACCESS, 4, 0x308);
    shows(PRIMARY_CR8_STORE_EXITING, "MOV from CR8 to R9", CODE("mov %%cr8, %%r9"),
          REASON_CR_ACCESS, 4, 0x918);
    shows(PRIMARY_MOV_DR_EXITING, "MOV to DR2 from RCX", CODE("xor %%ecx, %%ecx; mov %%rcx, %%db2"),
          REASON_DR_ACCESS, 3, 0x102);
    shows(PRIMARY_MOV_DR_EXITING, "MOV from DR7 to RDX", CODE("mov %%db7, %%rdx"), REASON_DR_ACCESS,
          3, 0x217);
    shows(PRIMARY_CR3_STORE_EXITING, "MOV from CR3 to RSI", CODE("mov %%cr3, %%rsi"),
          REASON_CR_ACCESS, 3, 0x613);
    shows(PRIMARY_CR3_LOAD_EXITING, "MOV to CR3 from RAX", CODE("mov $pml4, %%eax; mov %%rax, %%cr3"),
          REASON_CR_ACCESS, 3, 0x3);
    if (STEP("MOV to CR3 of a CR3-target value", PRIMARY_CR3_LOAD_EXITING)) {
        vmwrite(CR3_TARGET0, vmread(GUEST_CR3));
        vmwrite(CR3_TARGET_COUNT, 1);
        run(CODE("mov $pml4, %%eax; mov %%rax, %%cr3"));
        exits(REASON_VMCALL);
        end();
    }
    if (STEP("RDPMC", PRIMARY_RDPMC_EXITING)) {
        run(CODE("xor %%ecx, %%ecx; rdpmc"));
        exits_by(REASON_RDPMC, 2, 0);
        end();
    }
}

/* Processors without MONITOR and MWAIT know their controls, but #UD goes before the exit. */
static void monitor(u16 control, const char *what, const u8 *code, u32 reason)
{
    if (!STEP(what, control))
        return;
    vmwrite(EXCEPTION_BITMAP, 1 << 6);
    run(code);
    if (cpu_has(1, 0, REG_ECX, 3)) {
        exits_by(reason, 3, 0);
    } else {
        when("CPUID has no MONITOR");
        exits(REASON_EXCEPTION_OR_NMI);
        is("interruption", vmread(EXIT_INTR_INFO), 0x80000306);
    }
    end();
}

static void ports(void)
{
    heading("ports");
    shows(PRIMARY_UNCONDITIONAL_IO_EXITING, "OUT of AL to port 0x80", CODE("out %%al, $0x80"),
          REASON_IO_INSTRUCTION, 2, 0x800040);
    if (STEP("IN of 4 bytes from port 0x84", PRIMARY_USE_IO_BITMAPS)) {
        memset(io_bitmaps, 0, sizeof io_bitmaps);
        vmwrite(IO_BITMAP_A, (u64)io_bitmaps[0]);
        vmwrite(IO_BITMAP_B, (u64)io_bitmaps[1]);
        const u8 *code = CODE("mov $0x84, %%edx; in %%dx, %%eax");
        when("bits clear");
        run(code);
        exits(REASON_VMCALL);
        when("bit of 0x87 set");
        io_bitmaps[0][0x87 / 8] = 1 << (0x87 % 8);
        run(code);
        exits_by(REASON_IO_INSTRUCTION, 1, 0x84000b);
        end();
    }
    if (STEP("REP OUTSB to port 0x8080, bitmap B", PRIMARY_USE_IO_BITMAPS)) {
        memset(io_bitmaps, 0, sizeof io_bitmaps);
        io_bitmaps[1][0x80 / 8] = 1;
        vmwrite(IO_BITMAP_A, (u64)io_bitmaps[0]);
        vmwrite(IO_BITMAP_B, (u64)io_bitmaps[1]);
        run(CODE("mov $0x8080, %%edx; mov $0x9000, %%esi; mov $3, %%ecx; rep outsb"));
        exits_by(REASON_IO_INSTRUCTION, 2, 0x80800030);
        is("linear address", vmread(GUEST_LINEAR_ADDRESS), 0x9000);
        is("RCX", guest.rcx, 3);
        end();
    }
}

static void msrs(void)
{
    heading("MSRs");
    const u8 *read = CODE("mov $0x174, %%ecx; rdmsr");
    const u8 *write = CODE("mov $0xc0000102, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr");
    if (STEP_OF("rdmsr", "RDMSR without bitmaps")) {
        run(read);
        exits_by(REASON_RDMSR, 2, 0);
        end();
    }
    if (STEP_OF("wrmsr", "WRMSR without bitmaps")) {
        run(write);
        exits_by(REASON_WRMSR, 2, 0);
        end();
    }
    if (!STEP("RDMSR 0x174, WRMSR 0xc0000102", PRIMARY_USE_MSR_BITMAPS))
        return;
    memset(msr_bitmap, 0, sizeof msr_bitmap);
    vmwrite(MSR_BITMAP, (u64)msr_bitmap);
    when("bits clear");
    run(read);
    exits(REASON_VMCALL);
    run(write);
    exits(REASON_VMCALL);
    when("bits set");
    msr_bitmap[SCRATCH_MSR / 8] |= 1 << (SCRATCH_MSR % 8);
    msr_bitmap[3072 + 0x102 / 8] |= 1 << (0x102 % 8);
    run(read);
    exits(REASON_RDMSR);
    run(write);
    exits(REASON_WRMSR);
    when("outside both ranges");
    run(CODE("mov $0x40000000, %%ecx; rdmsr"));
    exits(REASON_RDMSR);
    end();
}

void conditional_exits(void)
{
    plain();
    monitor(PRIMARY_MONITOR_EXITING, "MONITOR", CODE("xor %%ecx, %%ecx; xor %%edx, %%edx; monitor"),
            REASON_MONITOR);
    monitor(PRIMARY_MWAIT_EXITING, "MWAIT", CODE("xor %%eax, %%eax; xor %%ecx, %%ecx; mwait"),
            REASON_MWAIT);
    ports();
    msrs();
}
