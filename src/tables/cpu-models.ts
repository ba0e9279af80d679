/** CPU models: one row each, with the features it advertises. Only what works is advertised. */
import { FEATURES } from "./features.ts";

export interface CpuModel {
  readonly name: string;
  /** Twelve characters of leaf 0. */
  readonly vendor: "GenuineIntel" | "AuthenticAMD";
  /** Text of the brand-string leaves. */
  readonly brand: string;
  /** EAX of leaf 1: family, model, stepping. */
  readonly signature: number;
  readonly physicalAddressBits: number;
  readonly features: readonly string[];
  /** Profile of src/tables/tlb-profiles.ts that belongs to it. */
  readonly tlb: string;
}

const X86_64_BASE =
  "FPU VME DE PSE TSC MSR PAE MCE CX8 APIC SEP MTRR PGE MCA CMOV PAT PSE36 CLFLUSH MMX FXSR SSE " +
  "SSE2 SSE3 CX16 LAHF SYSCALL NX LM";

const IVY_BRIDGE =
  `${X86_64_BASE} PCLMULQDQ SSSE3 PCID SSE41 SSE42 X2APIC POPCNT TSC_DEADLINE AES XSAVE RDRAND ` +
  "ARAT FSGSBASE SMEP ERMS XSAVEOPT RDTSCP INVARIANT_TSC";

const SKYLAKE =
  `${X86_64_BASE} PCLMULQDQ SSSE3 PCID SSE41 SSE42 X2APIC MOVBE POPCNT TSC_DEADLINE AES XSAVE ` +
  "RDRAND ARAT FSGSBASE TSC_ADJUST BMI1 SMEP BMI2 ERMS INVPCID RDSEED ADX SMAP CLFLUSHOPT " +
  "XSAVEOPT XSAVEC XGETBV1 XSAVES LZCNT PREFETCHW PDPE1GB RDTSCP INVARIANT_TSC";

const ICELAKE = `${SKYLAKE} UMIP PKU RDPID SHA CLWB FSRM`;
const SAPPHIRE_RAPIDS = `${ICELAKE} LA57`;

const words = (text: string) => text.split(/\s+/);

export const CPU_MODELS: readonly CpuModel[] = [
  {
    name: "qemu64",
    vendor: "GenuineIntel",
    brand: "vmxlab minimal x86-64 processor",
    signature: 0x000f0f01,
    physicalAddressBits: 40,
    features: words(`${X86_64_BASE} X2APIC`),
    tlb: "haswell",
  },
  {
    name: "opteron-g1",
    vendor: "AuthenticAMD",
    brand: "vmxlab processor, model opteron-g1",
    signature: 0x00000f51,
    physicalAddressBits: 40,
    features: words(`${X86_64_BASE.replace(" CX16 LAHF", "")} SYSCALL_LEGACY`),
    tlb: "haswell",
  },
  {
    name: "ivybridge",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model ivybridge",
    signature: 0x000306a9,
    physicalAddressBits: 36,
    features: words(IVY_BRIDGE),
    tlb: "haswell",
  },
  {
    name: "skylake",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model skylake",
    signature: 0x000506e3,
    physicalAddressBits: 39,
    features: words(SKYLAKE),
    tlb: "skylake",
  },
  {
    name: "icelake",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model icelake",
    signature: 0x000606a6,
    physicalAddressBits: 46,
    features: words(ICELAKE),
    tlb: "icelake",
  },
  {
    name: "sapphire-rapids",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model sapphire-rapids",
    signature: 0x000806f8,
    physicalAddressBits: 46,
    features: words(SAPPHIRE_RAPIDS),
    tlb: "sapphire-rapids",
  },
];

export const DEFAULT_CPU_MODEL = "sapphire-rapids";

for (const model of CPU_MODELS) {
  for (const name of model.features) {
    if (!FEATURES.some((feature) => feature.name === name)) {
      throw new Error(`CPU model ${model.name}: no feature ${name}`);
    }
  }
}
