/**
 * Features of the processor that CPUID reports: one row each. The bit number in the core's feature
 * words is the place in this list.
 */

export type CpuidRegister = "eax" | "ebx" | "ecx" | "edx";

export interface FeatureRow {
  readonly name: string;
  /** Where CPUID reports it. */
  readonly leaf: number;
  readonly subleaf: number;
  readonly register: CpuidRegister;
  readonly bit: number;
}

function leaf(
  leafNumber: number,
  register: CpuidRegister,
  bits: Record<string, number>,
  subleaf = 0,
): FeatureRow[] {
  return Object.entries(bits).map(([name, bit]) => ({
    name,
    leaf: leafNumber,
    subleaf,
    register,
    bit,
  }));
}

/** In the place of a leaf: behaviour of a model that CPUID does not report. */
export const NO_LEAF = -1;

export const FEATURES: readonly FeatureRow[] = [
  ...leaf(1, "edx", {
    FPU: 0,
    VME: 1,
    DE: 2,
    PSE: 3,
    TSC: 4,
    MSR: 5,
    PAE: 6,
    MCE: 7,
    CX8: 8,
    APIC: 9,
    SEP: 11,
    MTRR: 12,
    PGE: 13,
    MCA: 14,
    CMOV: 15,
    PAT: 16,
    PSE36: 17,
    CLFLUSH: 19,
    MMX: 23,
    FXSR: 24,
    SSE: 25,
    SSE2: 26,
    HTT: 28,
  }),
  ...leaf(1, "ecx", {
    SSE3: 0,
    PCLMULQDQ: 1,
    MONITOR: 3,
    VMX: 5,
    SSSE3: 9,
    CX16: 13,
    PDCM: 15,
    PCID: 17,
    SSE41: 19,
    SSE42: 20,
    X2APIC: 21,
    MOVBE: 22,
    POPCNT: 23,
    TSC_DEADLINE: 24,
    AES: 25,
    XSAVE: 26,
    RDRAND: 30,
    HYPERVISOR: 31,
  }),
  ...leaf(6, "eax", { ARAT: 2 }),
  ...leaf(7, "ebx", {
    FSGSBASE: 0,
    TSC_ADJUST: 1,
    BMI1: 3,
    SMEP: 7,
    BMI2: 8,
    ERMS: 9,
    INVPCID: 10,
    ZERO_FCS_FDS: 13,
    RDSEED: 18,
    ADX: 19,
    SMAP: 20,
    CLFLUSHOPT: 23,
    CLWB: 24,
    SHA: 29,
  }),
  ...leaf(7, "ecx", { UMIP: 2, PKU: 3, LA57: 16, RDPID: 22 }),
  ...leaf(7, "edx", { FSRM: 4 }),
  ...leaf(0xd, "eax", { XSAVEOPT: 0, XSAVEC: 1, XGETBV1: 2, XSAVES: 3 }, 1),
  ...leaf(0x80000001, "ecx", { LAHF: 0, LZCNT: 5, PREFETCHW: 8 }),
  ...leaf(0x80000001, "edx", { SYSCALL: 11, NX: 20, PDPE1GB: 26, RDTSCP: 27, LM: 29 }),
  // SYSCALL and SYSRET outside 64-bit mode, as AMD processors have them.
  ...leaf(NO_LEAF, "eax", { SYSCALL_LEGACY: 0 }),
  ...leaf(0x80000007, "edx", { INVARIANT_TSC: 8 }),
];
