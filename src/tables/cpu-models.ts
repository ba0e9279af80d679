/** CPU models: one row each, with the features it advertises. Only what works is advertised. */
import { FEATURES } from "./features.ts";
import type { VmxGeneration } from "./vmx/controls.ts";

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
  /** Which VMX it has, if it has the feature VMX. */
  readonly vmx?: VmxGeneration;
  /** Names of VMX controls that the generation has and this one has not. */
  readonly vmxWithout?: readonly string[];
}

const X86_64_BASE =
  "FPU VME DE PSE TSC MSR PAE MCE CX8 APIC SEP MTRR PGE MCA CMOV PAT PSE36 CLFLUSH MMX FXSR SSE " +
  "SSE2 SSE3 CX16 LAHF SYSCALL NX LM";

const PENRYN = `${X86_64_BASE} ZERO_FCS_FDS VMX SSSE3 SSE41`;
const NEHALEM = `${PENRYN} SSE42 POPCNT RDTSCP INVARIANT_TSC`;
const WESTMERE = `${NEHALEM} PCLMULQDQ AES PCID PDPE1GB ARAT`;
const IVY_BRIDGE = `${WESTMERE} X2APIC TSC_DEADLINE XSAVE XSAVEOPT RDRAND FSGSBASE SMEP ERMS`;
const HASWELL =
  `${WESTMERE} X2APIC MOVBE TSC_DEADLINE XSAVE XSAVEOPT RDRAND FSGSBASE TSC_ADJUST BMI1 BMI2 ` +
  "SMEP ERMS INVPCID LZCNT";
const SKYLAKE = `${HASWELL} RDSEED ADX SMAP CLFLUSHOPT XSAVEC XGETBV1 XSAVES PREFETCHW`;

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
    features: words(`${X86_64_BASE} X2APIC ZERO_FCS_FDS`),
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
    name: "penryn",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model penryn",
    signature: 0x0001067a,
    physicalAddressBits: 36,
    features: words(PENRYN),
    tlb: "haswell",
    vmx: "penryn",
  },
  {
    name: "nehalem",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model nehalem",
    signature: 0x000106a5,
    physicalAddressBits: 40,
    features: words(NEHALEM),
    tlb: "haswell",
    vmx: "nehalem",
  },
  {
    name: "westmere",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model westmere",
    signature: 0x000206c2,
    physicalAddressBits: 40,
    features: words(WESTMERE),
    tlb: "haswell",
    vmx: "westmere",
  },
  {
    name: "ivybridge",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model ivybridge",
    signature: 0x000306a9,
    physicalAddressBits: 36,
    features: words(IVY_BRIDGE),
    tlb: "haswell",
    vmx: "westmere",
  },
  {
    name: "haswell",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model haswell",
    signature: 0x000306c3,
    physicalAddressBits: 39,
    features: words(HASWELL),
    tlb: "haswell",
    vmx: "haswell",
  },
  {
    name: "skylake",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model skylake",
    signature: 0x000506e3,
    physicalAddressBits: 39,
    features: words(SKYLAKE),
    tlb: "skylake",
    vmx: "skylake",
  },
  {
    name: "icelake",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model icelake",
    signature: 0x000606a6,
    physicalAddressBits: 46,
    features: words(ICELAKE),
    tlb: "icelake",
    vmx: "icelake",
  },
  {
    name: "sapphire-rapids",
    vendor: "GenuineIntel",
    brand: "vmxlab processor, model sapphire-rapids",
    signature: 0x000806f8,
    physicalAddressBits: 46,
    features: words(SAPPHIRE_RAPIDS),
    tlb: "sapphire-rapids",
    vmx: "sapphire-rapids",
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
