/** VM entries, VM exits, failed entries and VMX aborts as an embedder sees them. */
import { type Core, MACHINE_WORD } from "../core/core.ts";
import { STATE } from "../generated/state.ts";
import { ENTRY_CHECKS } from "../tables/vmx/entry-checks.ts";
import { EXIT_REASONS } from "../tables/vmx/exit-reasons.ts";
import { fieldOffset, VMCS_FIELDS } from "../tables/vmx/fields.ts";
import type { PhysicalMemory } from "./memory.ts";

type Memory = Pick<PhysicalMemory, "has" | "read">;

interface VmxEvent {
  /** Index of the logical processor. */
  readonly cpu: number;
  /** Host-physical address of the current VMCS. */
  readonly vmcsHpa: bigint;
}

/** A VM entry that has succeeded; the guest is loaded, an injected event not yet delivered. */
export interface VmEntry extends VmxEvent {
  readonly instruction: "VMLAUNCH" | "VMRESUME";
  /** RIP of the guest. */
  readonly rip: bigint;
  /** The event to be injected; undefined for none. */
  readonly injected: InjectedEvent | undefined;
}

export interface InjectedEvent {
  /** VM-entry interruption-information field. */
  readonly info: number;
  /** VM-entry exception error code; 0 when none is to be delivered. */
  readonly errorCode: number;
  /** VM-entry instruction length. */
  readonly instructionLength: number;
}

/** A VM exit: its information fields are written and the guest is saved, the host not yet loaded. */
export interface VmExit extends VmxEvent {
  /** Basic exit reason, and its name, for example "ept_violation". */
  readonly number: number;
  readonly reason: string;
  /** RIP of the guest as saved. */
  readonly rip: bigint;
  /** Exit qualification. */
  readonly info1: bigint;
  /** IDT-vectoring information. */
  readonly info2: number;
  /** VM-exit interruption information. */
  readonly intrInfo: number;
  /** VM-exit interruption error code; 0 where the interruption information names none. */
  readonly errorCode: number;
  readonly instructionLength: number;
  /** VM-exit instruction information. */
  readonly instructionInfo: number;
  /** The guest-linear and the guest-physical address fields. */
  readonly guestLinear: bigint;
  readonly guestPhysical: bigint;
}

/** A VM entry that failed a check; guest state and the VMCS are as they were checked. */
export interface VmEntryFailure extends VmxEvent {
  /** Outcome: VM-instruction error 7 (controls) or 8 (host), exit reason 33 (guest) or 34 (MSRs). */
  readonly how: "VMfail 7" | "VMfail 8" | "exit 33" | "exit 34";
  /** Exit qualification of "exit 33" and "exit 34", else 0. */
  readonly qualification: number;
  /** Id of the check as docs/vmx-entry-checks.md has it. */
  readonly check: string;
  /** Section of the manual, and what must hold according to it. */
  readonly section: string;
  readonly condition: string;
  /** The VMCS field that shows the failure, and its value. */
  readonly field: string;
  readonly value: bigint;
  /** The entry of the MSR-load list that failed, where it lies in RAM. */
  readonly msr: ListedMsr | undefined;
  /** All of it in one line. */
  readonly message: string;
}

export interface ListedMsr {
  /** Place in the list, from 1. */
  readonly entry: number;
  /** The first eight bytes: index of the MSR, and reserved bits. */
  readonly index: bigint;
  readonly value: bigint;
}

/** A VMX abort: the processor has stopped for good. */
export interface VmxAbort extends VmxEvent {
  /** VMX-abort indicator. */
  readonly code: number;
  readonly meaning: string;
}

const INFO_VALID = 0x80000000;
const INFO_HAS_ERROR = 0x800;
const LIST_ENTRY_BYTES = 16;
const PDPTE_FIELDS = ["guest_pdpte0", "guest_pdpte1", "guest_pdpte2", "guest_pdpte3"];

/** VMX-abort indicators (SDM "VMX Aborts"). */
const ABORTS: Readonly<Record<number, string>> = {
  1: "saving guest MSRs failed",
  2: "the page-directory-pointer-table entries of the host are not valid",
  4: "loading host MSRs failed",
  6: "an exit from IA-32e mode to a host outside it",
};

const OFFSETS = new Map(VMCS_FIELDS.map((field) => [field.name, fieldOffset(field)]));
const REASON_NAMES = new Map(EXIT_REASONS.map(({ number, name }) => [number, name]));

/** Name of a basic exit reason. */
export function exitReasonName(number: number): string {
  return REASON_NAMES.get(number) ?? `reason_${number}`;
}

/** Reads what happens to the processor whose turn it is; for use while the core calls the host. */
export class VmxEvents {
  private readonly core: Core;
  private readonly memory: Memory;

  constructor(core: Core, memory: Memory) {
    this.core = core;
    this.memory = memory;
  }

  entry(launch: boolean): VmEntry {
    const info = this.word("vmentry_intr_info");
    return {
      ...this.place(),
      instruction: launch ? "VMLAUNCH" : "VMRESUME",
      rip: this.field("guest_rip"),
      injected:
        (info & INFO_VALID) === 0
          ? undefined
          : {
              info,
              errorCode:
                (info & INFO_HAS_ERROR) === 0 ? 0 : this.word("vmentry_exception_error_code"),
              instructionLength: this.word("vmentry_instruction_length"),
            },
    };
  }

  exit(): VmExit {
    const number = this.word("exit_reason") & 0xffff;
    const intrInfo = this.word("exit_intr_info");
    const hasError = (intrInfo & INFO_VALID) !== 0 && (intrInfo & INFO_HAS_ERROR) !== 0;
    return {
      ...this.place(),
      number,
      reason: exitReasonName(number),
      rip: this.field("guest_rip"),
      info1: this.field("exit_qualification"),
      info2: this.word("idt_vectoring_info"),
      intrInfo,
      errorCode: hasError ? this.word("exit_intr_error_code") : 0,
      instructionLength: this.word("exit_instruction_length"),
      instructionInfo: this.word("exit_instruction_info"),
      guestLinear: this.field("guest_linear_address"),
      guestPhysical: this.field("guest_physical_address"),
    };
  }

  /** `outcome` is a VM-instruction error or an exit reason. */
  entryFailure(outcome: number, qualification: number): VmEntryFailure {
    const row = ENTRY_CHECKS[this.core.machine32(MACHINE_WORD.ENTRY_CHECK) - 1]!;
    const { id: check, section, condition } = row;
    const field = row.field === PDPTE_FIELDS[0] ? this.badPdpte() : row.field;
    const value = this.field(field);
    const how = `${outcome < 33 ? "VMfail" : "exit"} ${outcome}` as VmEntryFailure["how"];
    const msr = row.phase === "msr" ? this.listed(qualification) : undefined;
    const at =
      msr === undefined
        ? ""
        : ` (entry ${msr.entry}: MSR 0x${msr.index.toString(16)} <- 0x${msr.value.toString(16)})`;
    const message =
      `VM entry failed with ${how}: ${check}: ${field} is 0x${value.toString(16)}${at}; ` +
      `must hold: ${condition} ("${section}")`;
    const rest = { check, section, condition, field, value, msr, message };
    return { ...this.place(), how, qualification, ...rest };
  }

  abort(code: number): VmxAbort {
    return { ...this.place(), code, meaning: ABORTS[code] ?? "unknown" };
  }

  private place(): VmxEvent {
    const { core } = this;
    return {
      cpu: core.machine32(MACHINE_WORD.CURRENT_CPU),
      vmcsHpa: core.state64(STATE.VMCS_HPA),
    };
  }

  private field(name: string): bigint {
    return BigInt.asUintN(64, this.core.exports.vmcsField(OFFSETS.get(name)!));
  }

  private word(name: string): number {
    return Number(BigInt.asUintN(32, this.field(name)));
  }

  /** The first of the four PDPTE fields that is present with a reserved bit set. */
  private badPdpte(): string {
    const above = -1n << BigInt(this.core.machine32(MACHINE_WORD.PHYS_BITS));
    const reserved = BigInt.asUintN(64, above) | 0x1e6n;
    const isBad = (name: string) => {
      const value = this.field(name);
      return (value & 1n) !== 0n && (value & reserved) !== 0n;
    };
    return PDPTE_FIELDS.find(isBad) ?? PDPTE_FIELDS[0]!;
  }

  /** Entry `entry`, from 1, of the VM-entry MSR-load list. */
  private listed(entry: number): ListedMsr | undefined {
    const hpa = Number(this.field("vmentry_msr_load_addr")) + (entry - 1) * LIST_ENTRY_BYTES;
    if (!this.memory.has(hpa, LIST_ENTRY_BYTES)) return undefined;
    const bytes = this.memory.read(hpa, LIST_ENTRY_BYTES);
    const view = new DataView(bytes.buffer);
    return { entry, index: view.getBigUint64(0, true), value: view.getBigUint64(8, true) };
  }
}
