/**
 * What works only in part, and what is missing: the facts of docs/support-matrix.md that no other table
 * holds. Whatever has rows elsewhere and is not named here is done.
 */

export type SupportState = "done" | "partial" | "missing";

/** Instructions that have rows and do not do all that the manual says. */
export interface PartialInstructions {
  readonly mnemonics: readonly string[];
  readonly missing: string;
}

/** Instructions without rows: they raise #UD, and reports name them. */
export interface MissingInstructions {
  readonly name: string;
  /** Some of them, to find this row by and to keep it true: none of them may have a row. */
  readonly mnemonics: readonly string[];
  readonly note: string;
}

/** A part of the processor or of the machine. */
export interface SupportRow {
  readonly name: string;
  readonly state: SupportState;
  /** What it does not do, or how it differs; empty when done. */
  readonly missing: string;
  /** The file that owns it, below the root of the repository; empty when missing. */
  readonly source: string;
}

const words = (text: string) => text.split(/\s+/);

export const PARTIAL_INSTRUCTIONS: readonly PartialInstructions[] = [
  {
    mnemonics: ["MONITOR", "MWAIT"],
    missing: "the line is not watched, MWAIT ends at once; no CPU model advertises them",
  },
  { mnemonics: ["RDPMC"], missing: "there are no counters: always #GP" },
  {
    mnemonics: ["INVD", "WBINVD", "CLFLUSH", "CLFLUSHOPT", "CLWB"],
    missing: "checks and faults only: no cache is modelled",
  },
  { mnemonics: ["RDSEED"], missing: "same generator as RDRAND; never runs dry" },
];

export const MISSING_INSTRUCTIONS: readonly MissingInstructions[] = [
  {
    name: "AVX, AVX2, FMA, F16C",
    mnemonics: words("VADDPS VMOVUPS VZEROUPPER VPADDD VFMADD213PS VCVTPH2PS"),
    note: "not advertised; the VEX prefix is decoded for BMI1 and BMI2",
  },
  {
    name: "AVX-512, AVX10, AMX",
    mnemonics: words("KMOVW VPTERNLOGD TILELOADD"),
    note: "not advertised; EVEX is undefined",
  },
  {
    name: "GFNI, VAES, VPCLMULQDQ",
    mnemonics: words("GF2P8MULB VAESENC VPCLMULQDQ"),
    note: "not advertised",
  },
  { name: "System management mode", mnemonics: ["RSM"], note: "an SMI does nothing" },
  { name: "TSX", mnemonics: words("XBEGIN XEND XTEST"), note: "not advertised" },
  { name: "SGX, SMX (GETSEC)", mnemonics: words("ENCLS ENCLU GETSEC"), note: "not advertised" },
  {
    name: "CET",
    mnemonics: words("INCSSP RDSSP WRSS SAVEPREVSSP"),
    note: "not advertised; ENDBR is a NOP",
  },
  { name: "MPX", mnemonics: words("BNDMK BNDCL BNDMOV"), note: "not advertised; NOPs" },
  {
    name: "PKS, LAM, FRED, user interrupts",
    mnemonics: words("UIRET ERETS"),
    note: "not advertised",
  },
  {
    name: "WAITPKG, MOVDIRI, MOVDIR64B, ENQCMD, SERIALIZE, PTWRITE, CLDEMOTE",
    mnemonics: words("UMWAIT TPAUSE MOVDIRI MOVDIR64B ENQCMD SERIALIZE PTWRITE"),
    note: "not advertised; CLDEMOTE is a NOP",
  },
  {
    name: "AMD's: SVM, 3DNow!, SSE4a, XOP, CLZERO",
    mnemonics: words("VMRUN VMMCALL PFADD EXTRQ CLZERO"),
    note: "not advertised",
  },
];

const done = (name: string, source: string): SupportRow => ({
  name,
  state: "done",
  missing: "",
  source,
});
const partial = (name: string, source: string, missing: string): SupportRow => ({
  name,
  state: "partial",
  missing,
  source,
});
const missing = (name: string, note: string): SupportRow => ({
  name,
  state: "missing",
  missing: note,
  source: "",
});

export const PROCESSOR: readonly SupportRow[] = [
  done("Real-address, virtual-8086 and unreal mode", "assembly/cpu/mode.ts"),
  done("Protected mode, 16 and 32 bits; segments, limits, rights", "assembly/cpu/segment.ts"),
  done("IA-32e mode: 64-bit and compatibility mode", "assembly/cpu/mode.ts"),
  done("Call gates, far transfers, IRET to every mode", "assembly/execute/far-control.ts"),
  done("Task switches", "assembly/cpu/task.ts"),
  done("Exceptions, double and triple faults, IST", "assembly/cpu/interrupt.ts"),
  done("NMI blocking, STI and MOV SS shadows, INIT and SIPI", "assembly/cpu/run.ts"),
  partial(
    "Debug registers, single step, RF",
    "assembly/cpu/debug.ts",
    "IA32_DEBUGCTL is state only: no last-branch records, no stepping on branches",
  ),
  done("Paging: 32-bit, PAE, 4-level, 5-level; 2M, 4M, 1G pages", "assembly/paging/walk.ts"),
  done("NX, WP, SMEP, SMAP, protection keys, A/D flags", "assembly/paging/walk.ts"),
  done("TLB with PCID, global pages and a geometry by profile", "assembly/tlb/tlb.ts"),
  missing("Paging-structure caches", "each walk starts at its root"),
  partial(
    "Memory types: PAT, MTRRs, CR0.CD",
    "assembly/cpu/msr.ts",
    "state with its checks; all memory behaves as write-back",
  ),
  done("Self- and cross-modifying code, seen at once", "assembly/memory/code.ts"),
  done("Up to 64 logical processors, interleaved by the seed", "src/machine/machine.ts"),
  partial(
    "Memory ordering",
    "src/machine/machine.ts",
    "sequential: no store buffer, so no reordering is ever seen",
  ),
  partial(
    "VMX: root and non-root operation, EPT, VPID",
    "assembly/vmx/entry.ts",
    "row by row [below](#vmx)",
  ),
  missing("Machine checks", "IA32_MCG_CAP reports no banks"),
  missing("Performance monitoring", "leaf 0AH reports version 0"),
  missing("Timing", "every instruction takes one tick; no pipeline, caches or speculation"),
];

export const DEVICES: readonly SupportRow[] = [
  done("16550A serial ports, up to four", "src/devices/uart16550.ts"),
  done("8259A pair, with edge/level registers", "src/devices/pic8259.ts"),
  done("8254 interval timer, port 0x61", "src/devices/pit8254.ts"),
  done("MC146818 clock and CMOS memory", "src/devices/rtc.ts"),
  done("HPET, three comparators", "src/devices/hpet.ts"),
  partial(
    "Local APIC: xAPIC, x2APIC, timer, IPIs",
    "src/devices/local-apic.ts",
    "an SMI does nothing; no thermal or performance interrupts arise",
  ),
  done("Routing between APICs: logical, physical, lowest priority", "src/devices/apic-bus.ts"),
  done("I/O APIC, 24 pins", "src/devices/ioapic.ts"),
  done("Shared interrupt lines", "src/devices/irq-hub.ts"),
  partial(
    "ACPI fixed hardware and tables",
    "src/devices/acpi-pm.ts",
    "sleep states S3 and S5; no power button is ever pressed, no GPE arises",
  ),
  partial(
    "PCI host bridge and configuration space",
    "src/devices/pci.ts",
    "host bridge, ISA bridge and power management only; no ECAM, no MSI",
  ),
  partial(
    "8042 keyboard controller, keyboard and mouse",
    "src/devices/keyboard.ts",
    "nobody types or moves",
  ),
  done("Reset: port 0x92 and fast A20 gate", "src/devices/port-92.ts"),
  done("Reset control register 0xcf9", "src/devices/reset-control.ts"),
  partial("8237 DMA controllers", "src/devices/dma8237.ts", "registers only: nothing moves data"),
  done("fw_cfg of QEMU, by port and by DMA", "src/devices/fw-cfg.ts"),
  done("Exit port 0xf4 and shutdown port 0x8900", "src/devices/debug-exit.ts"),
  done("Debug consoles 0xe9 and 0x402", "src/devices/debug-console.ts"),
  done("Test device of kvm-unit-tests", "src/devices/test-device.ts"),
  missing("Display", "neither VGA text nor a frame buffer"),
  missing("Disks, network, USB, virtio, sound", ""),
  missing("IOMMU", ""),
];

export const LOADERS: readonly SupportRow[] = [
  done("Multiboot 1: ELF32 and the address fields, modules", "src/loaders/multiboot1.ts"),
  done("ELF32 and ELF64 by entry point", "src/loaders/elf.ts"),
  done("Linux bzImage by the 32- and 64-bit protocol", "src/loaders/linux-bzimage.ts"),
  done("Linux vmlinux by its PVH note", "src/loaders/linux-pvh.ts"),
  done("Raw binaries in real, protected or 64-bit mode", "src/loaders/flat.ts"),
  done("Firmware at the reset vector", "src/loaders/bios.ts"),
  missing("Multiboot 2, EFI images", ""),
];

/** Files of src/devices whose class is a Device but no device of a PC. */
export const NOT_DEVICES: readonly string[] = ["src/devices/pc.ts"];
