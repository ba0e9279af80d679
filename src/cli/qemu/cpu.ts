/** The option -cpu: QEMU's names of models and features, and what they are here. */
import { CPU_MODELS } from "../../tables/cpu-models.ts";
import { FEATURES } from "../../tables/features.ts";
import { UsageError } from "../errors.ts";
import { parseInteger } from "../parse.ts";
import { type Property, properties, switchValue } from "./arguments.ts";

export interface QemuCpu {
  readonly model: string;
  readonly features: readonly string[];
  /** Width of physical addresses, when it is given. */
  readonly physicalAddressBits?: number;
  /** What was accepted but makes a difference that is not made here. */
  readonly warnings: readonly string[];
}

/** QEMU's default for a 64-bit PC. */
export const QEMU_CPU_DEFAULT = "qemu64";

const VERSIONED = "(?:-(?:v\\d+|IBRS|noTSX|noTSX-IBRS))*";
const MODELS: readonly (readonly [RegExp, string])[] = [
  [/^(?:max|host)$/, "max"],
  [/^(?:qemu64|kvm64)$/, "qemu64"],
  [/^Opteron_G1(?:-v\d+)?$/, "opteron-g1"],
  [new RegExp(`^Penryn${VERSIONED}$`), "penryn"],
  [new RegExp(`^Nehalem${VERSIONED}$`), "nehalem"],
  [new RegExp(`^Westmere${VERSIONED}$`), "westmere"],
  [new RegExp(`^IvyBridge${VERSIONED}$`), "ivybridge"],
  [new RegExp(`^Haswell${VERSIONED}$`), "haswell"],
  [new RegExp(`^Skylake-(?:Client|Server)${VERSIONED}$`), "skylake"],
  [new RegExp(`^Icelake-Server${VERSIONED}$`), "icelake"],
  [new RegExp(`^SapphireRapids${VERSIONED}$`), "sapphire-rapids"],
];
/** Models whose place the nearest one takes, with a warning. */
const STAND_INS: Readonly<Record<string, string>> = { Opteron_G2: "opteron-g1" };

/** What server processors have of the models whose rows describe clients. */
const SERVER_PHYSICAL_ADDRESS_BITS = 46;

/** Features that QEMU calls by another name than the manual. */
const ALIASES: Readonly<Record<string, string>> = {
  pni: "SSE3",
  abm: "LZCNT",
  "3dnowprefetch": "PREFETCHW",
  lahflm: "LAHF",
  shani: "SHA",
  clfsh: "CLFLUSH",
  xd: "NX",
  i64: "LM",
  invtsc: "INVARIANT_TSC",
};

/** QEMU's names of VMX controls. */
const VMX_CONTROLS: Readonly<Record<string, string>> = {
  "vmx-ept": "enable_ept",
  "vmx-vpid": "enable_vpid",
  "vmx-unrestricted-guest": "unrestricted_guest",
  "vmx-flexpriority": "virtualize_apic_accesses",
  "vmx-preemption-timer": "activate_preemption_timer",
  "vmx-posted-intr": "process_posted_interrupts",
  "vmx-vnmi": "virtual_nmis",
  "vmx-vtpr": "use_tpr_shadow",
  "vmx-mtf": "monitor_trap_flag",
  "vmx-apicv-x2apic": "virtualize_x2apic_mode",
  "vmx-apicv-register": "apic_register_virtualization",
  "vmx-apicv-vid": "virtual_interrupt_delivery",
  "vmx-ple": "pause_loop_exiting",
  "vmx-vmfunc": "enable_vm_functions",
  "vmx-shadow-vmcs": "vmcs_shadowing",
  "vmx-pml": "enable_pml",
  "vmx-xsaves": "enable_xsaves_xrstors",
  "vmx-mbec": "mode_based_execute_ept",
  "vmx-tsc-scaling": "use_tsc_scaling",
};

/** Properties that say how a hypervisor treats the host's processor; there is none here. */
const MEANINGLESS = new Set([
  "migratable",
  "host-phys-bits",
  "host-phys-bits-limit",
  "check",
  "enforce",
  "kvm",
  "l3-cache",
  "legacy-cache",
]);

/** @throws UsageError that names the model, feature or property that there is not. */
export function parseQemuCpu(text: string): QemuCpu {
  const [first, ...rest] = properties(text);
  const warnings: string[] = [];
  const model = modelOf(first?.key ?? "", warnings);
  const { vendor } = CPU_MODELS.find(({ name }) => name === model) ?? CPU_MODELS.at(-1)!;
  let width: { physicalAddressBits?: number } = {};
  if (/^\w+-Server/.test(first?.key ?? "")) {
    width = { physicalAddressBits: SERVER_PHYSICAL_ADDRESS_BITS };
  }
  const features = rest.flatMap((property) => {
    const { key, value } = property;
    if (key === "vendor") {
      if (value !== vendor) warnings.push(`vendor=${value}: the processor is ${vendor}`);
      return [];
    }
    if (key === "phys-bits" && value !== undefined) {
      width = { physicalAddressBits: parseInteger("-cpu phys-bits", value, 36, 52) };
      return [];
    }
    return featureOf(property);
  });
  return { model, features, ...width, warnings };
}

/** Names that -cpu takes, for the list that -cpu help prints. */
export function qemuCpuNames(): string[] {
  const own = CPU_MODELS.map(({ name }) => name);
  return [
    "max",
    "host",
    "qemu64",
    "Opteron_G1",
    "Penryn",
    "Nehalem",
    "Westmere",
    "IvyBridge",
    "Haswell",
    "Skylake-Server",
    "Icelake-Server",
    "SapphireRapids",
  ]
    .concat(own.filter((name) => name !== "qemu64"))
    .concat(Object.keys(STAND_INS));
}

function modelOf(name: string, warnings: string[]): string {
  const found = MODELS.find(([pattern]) => pattern.test(name))?.[1];
  if (found !== undefined) return found;
  if (CPU_MODELS.some((model) => model.name === name)) return name;
  const standIn = Object.hasOwn(STAND_INS, name) ? STAND_INS[name] : undefined;
  if (standIn === undefined) {
    throw new UsageError(`CPU model "${name}" is not supported: use ${qemuCpuNames().join(", ")}`);
  }
  warnings.push(`CPU model ${name}: ${standIn} stands in for it`);
  return standIn;
}

function featureOf(property: Property): string[] {
  const { key, value } = property;
  if (value === undefined && /^[+-]/.test(key)) return change(key.slice(1), key[0] === "+");
  if (MEANINGLESS.has(key)) return [];
  if (value !== undefined && nameOf(key) === undefined && !/^(?:on|off)$/.test(value)) {
    throw new UsageError(`-cpu ${key}=${value} is not supported`);
  }
  return change(key, switchValue("-cpu", property));
}

/** Taking away what is not there is done already; adding it cannot be done. */
function change(feature: string, add: boolean): string[] {
  const name = nameOf(feature);
  if (name !== undefined) return [`${add ? "+" : "-"}${name}`];
  if (!add) return [];
  throw new UsageError(`CPU feature "${feature}" is not supported`);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, "");
}

function nameOf(feature: string): string | undefined {
  const control = feature.toLowerCase();
  if (Object.hasOwn(VMX_CONTROLS, control)) return VMX_CONTROLS[control];
  const word = plain(feature);
  return Object.hasOwn(ALIASES, word)
    ? ALIASES[word]
    : FEATURES.find(({ name }) => plain(name) === word)?.name;
}
