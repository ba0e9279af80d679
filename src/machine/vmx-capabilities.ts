/**
 * The VMX capability MSRs of a CPU model and the table of its VMCS fields (SDM appendix "VMX
 * Capability Reporting Facility"), made from the rows of src/tables/vmx.
 */
import { type Core, LAYOUT } from "../core/core.ts";
import type { CpuModel } from "../tables/cpu-models.ts";
import {
  CONTROL_WORDS,
  CONTROLS,
  type ControlRow,
  type ControlWordRow,
  hasControl,
  VMX_GENERATIONS,
  type VmxGeneration,
} from "../tables/vmx/controls.ts";
import { fieldExists, fieldOffset, VMCS_FIELDS } from "../tables/vmx/fields.ts";

/** VMCS revision identifier of every model. */
export const VMCS_REVISION = 0x00764d58;

export const VMX_MSR = {
  BASIC: 0x480,
  MISC: 0x485,
  CR0_FIXED0: 0x486,
  CR0_FIXED1: 0x487,
  CR4_FIXED0: 0x488,
  CR4_FIXED1: 0x489,
  VMCS_ENUM: 0x48a,
  SECONDARY: 0x48b,
  EPT_VPID_CAP: 0x48c,
  VMFUNC: 0x491,
  LAST: 0x493,
} as const;

const REGION_BYTES = 4096n;
const WRITE_BACK = 6n;
/** PE, NE, PG. */
const CR0_ALWAYS = 0x80000021n;
const CR0_ALLOWED = 0xffffffffn;
const CR4_VMXE = 0x2000n;
/** The preemption timer counts once per change of this bit of the time-stamp counter. */
const TIMER_RATE = 5n;
const CR3_TARGETS = 4n;
/** Activity states HLT, shutdown, wait-for-SIPI. */
const ACTIVITY_STATES = 0x1c0n;

/** What a control cannot do without: a feature of the processor, or another control. */
const NEEDS_FEATURE: Readonly<Record<string, string>> = {
  "secondary.enable_rdtscp": "RDTSCP",
  "secondary.rdrand_exiting": "RDRAND",
  "secondary.enable_invpcid": "INVPCID",
  "secondary.rdseed_exiting": "RDSEED",
  "secondary.enable_xsaves_xrstors": "XSAVES",
  "exit.host_address_space_size": "LM",
  "entry.ia32e_mode_guest": "LM",
};
const NEEDS_CONTROL: Readonly<Record<string, string>> = {
  "secondary.unrestricted_guest": "secondary.enable_ept",
  "secondary.enable_vm_functions": "secondary.enable_ept",
  "secondary.enable_pml": "secondary.enable_ept",
  "secondary.ept_violation_ve": "secondary.enable_ept",
  "secondary.mode_based_execute_ept": "secondary.enable_ept",
  "secondary.subpage_write_permissions": "secondary.enable_ept",
  "tertiary.ipi_virtualization": "primary.activate_tertiary_controls",
  "exit.save_preemption_timer": "pin.activate_preemption_timer",
};

/** What of VMX a CPU model has. */
export interface VmxModel {
  readonly generation: VmxGeneration;
  readonly has: (control: ControlRow) => boolean;
  /** Control by its reference, as `secondary.enable_ept`. */
  readonly hasNamed: (reference: string) => boolean;
  readonly since: (generation: VmxGeneration) => boolean;
  readonly feature: (name: string) => boolean;
}

/** Undefined for a model without VMX. */
export function vmxOf(model: CpuModel): VmxModel | undefined {
  const { vmx: generation } = model;
  if (generation === undefined || !model.features.includes("VMX")) return undefined;
  const present = new Set<string>();
  for (const row of CONTROLS) {
    const reference = `${row.word}.${row.name}`;
    const feature = NEEDS_FEATURE[reference];
    if (!hasControl(row, generation) || model.vmxWithout?.includes(row.name)) continue;
    if (feature === undefined || model.features.includes(feature)) present.add(reference);
  }
  for (const [reference, needed] of Object.entries(NEEDS_CONTROL)) {
    if (!present.has(needed)) present.delete(reference);
  }
  return {
    generation,
    has: ({ word, name }) => present.has(`${word}.${name}`),
    hasNamed: (reference) => present.has(reference),
    since: (first) => VMX_GENERATIONS.indexOf(first) <= VMX_GENERATIONS.indexOf(generation),
    feature: (name) => model.features.includes(name),
  };
}

const bit = (place: number, on = true) => (on ? 1n << BigInt(place) : 0n);

function allowed(vmx: VmxModel, word: ControlWordRow): bigint {
  let bits = BigInt(word.default1);
  for (const row of CONTROLS) {
    if (row.word === word.word && vmx.has(row)) bits |= bit(row.bit);
  }
  return bits;
}

/** Both halves of a capability word; `mustBeOne` are the controls that cannot be 0. */
function capabilityWord(bits: bigint, mustBeOne: number): bigint {
  return (bits << 32n) | BigInt(mustBeOne >>> 0);
}

function basic(vmx: VmxModel): bigint {
  return (
    BigInt(VMCS_REVISION) |
    (REGION_BYTES << 32n) |
    (WRITE_BACK << 50n) |
    // Instruction information of INS and OUTS.
    bit(54) |
    bit(55, hasTrueControls(vmx)) |
    // Injected exceptions with or without error code: the processors with CET.
    bit(56, vmx.since("sapphire-rapids"))
  );
}

function hasTrueControls(vmx: VmxModel): boolean {
  return vmx.since("nehalem");
}

function misc(vmx: VmxModel): bigint {
  return (
    (vmx.hasNamed("pin.activate_preemption_timer") ? TIMER_RATE : 0n) |
    // An exit stores IA32_EFER.LMA, which only an unrestricted guest can change.
    bit(5, vmx.hasNamed("secondary.unrestricted_guest")) |
    ACTIVITY_STATES |
    (CR3_TARGETS << 16n) |
    // VMWRITE to exit-information fields.
    bit(29, vmx.since("haswell")) |
    // Injection of a software interrupt with instruction length 0.
    bit(30, vmx.since("skylake"))
  );
}

function eptVpidCap(vmx: VmxModel): bigint {
  let cap = 0n;
  if (vmx.hasNamed("secondary.enable_ept")) {
    // Execute-only, 4 levels, UC, WB, 2-MiB pages, INVEPT of both types.
    cap |= bit(0) | bit(6) | bit(8) | bit(14) | bit(16) | bit(20) | bit(25) | bit(26);
    cap |= bit(7, vmx.feature("LA57"));
    cap |= bit(17, vmx.since("westmere"));
    // Accessed and dirty flags; advanced exit information.
    cap |= bit(21, vmx.since("haswell")) | bit(22, vmx.since("icelake"));
  }
  if (vmx.hasNamed("secondary.enable_vpid")) {
    // INVVPID of all four types.
    cap |= bit(32) | bit(40) | bit(41) | bit(42) | bit(43);
  }
  return cap;
}

/** Greatest index in the encoding of a field that the model has, in bits 9:1. */
function vmcsEnum(vmx: VmxModel): bigint {
  const indexes = VMCS_FIELDS.filter((field) => fieldExists(field, vmx.has)).map(
    ({ encoding }) => (encoding >> 1) & 0x1ff,
  );
  return BigInt(Math.max(...indexes) << 1);
}

export interface VmxCapabilities {
  /** Values by MSR number. Words that no MSR reports are there, too, as the core uses them. */
  readonly values: ReadonlyMap<number, bigint>;
  /** MSRs that RDMSR reads; the others raise #GP. */
  readonly present: ReadonlySet<number>;
}

/** @param cr4Permitted CR4 bits that may be 1, for IA32_VMX_CR4_FIXED1. */
export function vmxCapabilities(vmx: VmxModel, cr4Permitted: bigint): VmxCapabilities {
  const values = new Map<number, bigint>([
    [VMX_MSR.BASIC, basic(vmx)],
    [VMX_MSR.MISC, misc(vmx)],
    [VMX_MSR.CR0_FIXED0, CR0_ALWAYS],
    [VMX_MSR.CR0_FIXED1, CR0_ALLOWED],
    [VMX_MSR.CR4_FIXED0, CR4_VMXE],
    [VMX_MSR.CR4_FIXED1, cr4Permitted],
    [VMX_MSR.VMCS_ENUM, vmcsEnum(vmx)],
    [VMX_MSR.EPT_VPID_CAP, eptVpidCap(vmx)],
    // EPTP switching.
    [VMX_MSR.VMFUNC, bit(0, vmx.hasNamed("secondary.enable_vm_functions"))],
  ]);
  for (const word of CONTROL_WORDS) {
    const bits = allowed(vmx, word);
    if (word.bits === 64) {
      values.set(word.msr, bits);
      continue;
    }
    const plain = capabilityWord(bits, word.default1);
    values.set(word.msr, plain);
    if (word.trueMsr === undefined) continue;
    const truth = capabilityWord(bits, word.default1 & ~word.clearable);
    values.set(word.trueMsr, hasTrueControls(vmx) ? truth : plain);
  }
  return { values, present: presentMsrs(vmx) };
}

function presentMsrs(vmx: VmxModel): Set<number> {
  const present = new Set<number>();
  for (let msr: number = VMX_MSR.BASIC; msr <= VMX_MSR.VMCS_ENUM; msr++) present.add(msr);
  if (vmx.hasNamed("primary.activate_secondary_controls")) {
    present.add(VMX_MSR.SECONDARY);
    const caching = ["secondary.enable_ept", "secondary.enable_vpid"];
    if (caching.some(vmx.hasNamed)) present.add(VMX_MSR.EPT_VPID_CAP);
    if (vmx.hasNamed("secondary.enable_vm_functions")) present.add(VMX_MSR.VMFUNC);
  }
  for (const { word, msr, trueMsr } of CONTROL_WORDS) {
    if (trueMsr !== undefined && hasTrueControls(vmx)) present.add(trueMsr);
    if (word === "tertiary" && vmx.hasNamed("primary.activate_tertiary_controls")) present.add(msr);
    if (word === "exit2" && vmx.hasNamed("exit.activate_secondary_exit_controls")) present.add(msr);
  }
  return present;
}

/** Place in the core's table of fields: width, group and index of the encoding. */
function fieldPlace(encoding: number): number {
  return (((encoding >> 13) & 3) << 8) | (((encoding >> 10) & 3) << 6) | ((encoding >> 1) & 0x3f);
}

/** Writes capability MSRs and VMCS fields of `model`; the core must know its features already. */
export function writeVmx(core: Core, model: CpuModel): void {
  const vmx = vmxOf(model);
  if (vmx === undefined) return;
  const { values, present } = vmxCapabilities(vmx, BigInt.asUintN(64, core.exports.cr4Permitted()));
  for (const [msr, value] of values) {
    core.u64[(LAYOUT.VMX_CAPABILITIES >> 3) + msr - VMX_MSR.BASIC] = value;
  }
  core.u32[LAYOUT.VMX_MSRS_PRESENT >> 2] = [...present].reduce(
    (mask, msr) => mask | (1 << (msr - VMX_MSR.BASIC)),
    0,
  );
  for (const field of VMCS_FIELDS) {
    const offset = fieldExists(field, vmx.has) ? fieldOffset(field) : 0;
    core.u16[(LAYOUT.VMCS_FIELDS >> 1) + fieldPlace(field.encoding)] = offset;
  }
}
