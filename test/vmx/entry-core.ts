/** A core with a current VMCS whose VM-entry checks can be called. */
import { LAYOUT } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { VMCS_REVISION } from "../../src/machine/vmx-capabilities.ts";
import { CPU_MODELS } from "../../src/tables/cpu-models.ts";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { fieldOffset, VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import { BareCore, RAM_BYTES } from "../support/bare-core.ts";
import type { Verdict } from "./entry-model.ts";
import {
  baseState,
  type EntryState,
  PDPT_HPA,
  type Processor,
  VIRTUAL_APIC_HPA,
  VMCS_HPA,
} from "./entry-state.ts";

const PLACES = VMCS_FIELDS.filter(({ built }) => built).map((field) => ({
  name: field.name,
  index: fieldOffset(field) >> 3,
}));
const NO_RAM = 0xffffffffn;

export class EntryCore {
  readonly processor: Processor;
  readonly base: EntryState;
  private readonly bare: BareCore;
  private readonly touched = new Set<number>([VIRTUAL_APIC_HPA + 0x80, PDPT_HPA]);

  private constructor(bare: BareCore, modelName: string) {
    const { core, ram } = bare;
    const model = CPU_MODELS.find(({ name }) => name === modelName)!;
    const has = (feature: string) => model.features.includes(feature);
    this.bare = bare;
    this.processor = {
      capability: (msr) => core.u64[(LAYOUT.VMX_CAPABILITIES >> 3) + msr - 0x480]!,
      physicalBits: model.physicalAddressBits,
      linearBits: has("LA57") ? 57 : 48,
      eferBits: (has("SYSCALL") ? 1n : 0n) | (has("LM") ? 0x500n : 0n) | (has("NX") ? 0x800n : 0n),
      read32: (hpa) =>
        hpa + 4n <= BigInt(RAM_BYTES) ? BigInt(core.u32[(ram + Number(hpa)) >> 2]!) : NO_RAM,
    };
    this.base = baseState(this.processor);
  }

  static async create(modelName: string): Promise<EntryCore> {
    return new EntryCore(await BareCore.create(modelName), modelName);
  }

  /** Puts `state` into the VMCS, memory and the processor. */
  write(state: EntryState): void {
    const { core, ram } = this.bare;
    for (const hpa of this.touched) core.u32[(ram + hpa) >> 2] = 0;
    this.touched.clear();
    const region = (ram + VMCS_HPA) >> 3;
    for (const { name, index } of PLACES) core.u64[region + index] = state.fields[name]!;
    core.u32[(ram + VMCS_HPA) >> 2] = VMCS_REVISION;
    for (const [hpa, value] of state.memory) {
      core.u32[(ram + hpa) >> 2] = value;
      this.touched.add(hpa);
    }
    core.setState64(STATE.EFER, state.efer);
    core.setState64(STATE.VMCS_HPA, BigInt(VMCS_HPA));
    core.setState32(STATE.VMCS_PTR, ram + VMCS_HPA);
  }

  /** The checks on what `write` has put there, phase by phase. */
  check(): Verdict {
    const { exports } = this.bare.core;
    const failed = (outcome: 7 | 8 | 33, check: number): Verdict => ({
      outcome,
      qualification: exports.vmxCheckQualification(check),
      check: ENTRY_CHECKS[check - 1]?.id,
    });
    const controls = exports.vmxCheckControls();
    if (controls !== 0) return failed(7, controls);
    const host = exports.vmxCheckHost();
    if (host !== 0) return failed(8, host);
    const guest = exports.vmxCheckGuest();
    if (guest !== 0) return failed(33, guest);
    return { outcome: 0, qualification: 0, check: undefined };
  }
}

const cores = new Map<string, Promise<EntryCore>>();

/** The core of a model; one for all tests of a file. */
export function entryCore(modelName: string): Promise<EntryCore> {
  let core = cores.get(modelName);
  if (core === undefined) {
    core = EntryCore.create(modelName);
    cores.set(modelName, core);
  }
  return core;
}
