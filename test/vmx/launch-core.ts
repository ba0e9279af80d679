/** VMLAUNCH executed by the core in VMX root operation, with the VMCS that a state describes. */
import { LAYOUT, MACHINE_WORD } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { readCounters } from "../../src/machine/counters.ts";
import { VMCS_REVISION } from "../../src/machine/vmx-capabilities.ts";
import { type VmEntryFailure, VmxEvents } from "../../src/machine/vmx-events.ts";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { fieldOffset, VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import { type BareCore, CODE, DATA, RAM_BYTES } from "../support/bare-core.ts";
import { EntryCore } from "./entry-core.ts";
import type { Verdict } from "./entry-model.ts";
import { type Changes, changed, type EntryState, VMCS_HPA } from "./entry-state.ts";

const VMXON_HPA = 0x101000;
const PAGE_DIRECTORY = 0x5000;
const HOST_RIP = 0x18000;
/** Where `relaunch` puts its VMWRITEs. */
const WRITES = 0x19000;
const HLT = 0xf4;
const LONG_MODE = 0x500n;
const FLAG_CF = 1;
const FLAG_ZF = 0x40;
const ENTRY_FAILURE = 0x80000000;

const mov = (register: number, value: number) => [
  0xb8 + register,
  ...[0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff),
];

const movWide = (register: number, value: bigint) => [
  0x48,
  0xb8 + register,
  ...[0, 8, 16, 24, 32, 40, 48, 56].map((shift) => Number((value >> BigInt(shift)) & 0xffn)),
];

/** WRMSR of IA32_FEATURE_CONTROL, CR4.VMXE, VMXON, VMPTRLD; the same bytes in 32 and 64 bits. */
const INTO_ROOT = [
  ...mov(1, 0x3a),
  ...mov(0, 5),
  ...mov(2, 0),
  ...[0x0f, 0x30],
  ...[0x0f, 0x20, 0xe0, 0x0d, 0x00, 0x20, 0x00, 0x00, 0x0f, 0x22, 0xe0],
  ...mov(0, DATA),
  ...[0xf3, 0x0f, 0xc7, 0x30],
  ...mov(0, DATA + 8),
  ...[0x0f, 0xc7, 0x30],
];
const VMLAUNCH = [0x0f, 0x01, 0xc2];
const VMWRITE_ECX_EAX = [0x0f, 0x79, 0xc8];

/** 32-bit code under 32-bit paging, one large page. */
function enterProtectedMode(bare: BareCore): void {
  const { core, ram } = bare;
  core.u32[(ram + PAGE_DIRECTORY) >> 2] = 0x87;
  core.setState64(STATE.CR3, BigInt(PAGE_DIRECTORY));
  core.setState64(STATE.CR4, 0x10n);
  core.setState64(STATE.EFER, 0n);
  core.setState32(STATE.SEG_ACCESS + 4, 0xc09b);
  core.exports.applyState();
}

/** Where an exit finds a host that stops at once, unless a case says otherwise. */
const HOST: Changes = { fields: { host_cr3: 0x1000, host_rip: HOST_RIP, host_rsp: DATA + 0x1000 } };

const FIELD_OFFSET = new Map(VMCS_FIELDS.map((field) => [field.name, fieldOffset(field)]));

export class LaunchCore {
  readonly entry: EntryCore;
  readonly base: EntryState;
  /** State of the processor in front of VMLAUNCH, in 64-bit and in 32-bit code. */
  private readonly ready: ReadonlyMap<boolean, Uint8Array>;

  private constructor(entry: EntryCore, ready: ReadonlyMap<boolean, Uint8Array>) {
    this.entry = entry;
    this.base = changed(entry.base, HOST);
    this.ready = ready;
  }

  static async create(modelName: string): Promise<LaunchCore> {
    const entry = await EntryCore.create(modelName);
    const { bare } = entry;
    const { core, ram } = bare;
    bare.bytes(HOST_RIP, 1)[0] = HLT;
    core.u32[(ram + VMXON_HPA) >> 2] = VMCS_REVISION;
    core.u32[(ram + VMCS_HPA) >> 2] = VMCS_REVISION;
    core.u64[(ram + DATA) >> 3] = BigInt(VMXON_HPA);
    core.u64[(ram + DATA + 8) >> 3] = BigInt(VMCS_HPA);
    const ready = new Map<boolean, Uint8Array>();
    for (const long of [true, false]) {
      core.exports.resetAll();
      bare.reset();
      if (!long) enterProtectedMode(bare);
      const { vector } = bare.run(INTO_ROOT);
      if (vector >= 0) throw new Error(`exception ${vector} on the way into VMX root operation`);
      core.setState64(STATE.RIP, BigInt(CODE + INTO_ROOT.length));
      core.setState32(STATE.ACTIVITY, 0);
      ready.set(long, core.u8.slice(LAYOUT.STATE, LAYOUT.STATE + LAYOUT.STATE_BYTES));
    }
    bare.bytes(CODE + INTO_ROOT.length, 4).set([...VMLAUNCH, HLT]);
    core.exports.hostWritten(ram + CODE, INTO_ROOT.length + 4);
    return new LaunchCore(entry, ready);
  }

  /** VM entries counted so far, those included that failed in loading MSRs. */
  private get entries(): number {
    return readCounters(this.entry.bare.core).vmEntry;
  }

  private field(name: string): number {
    const { core, ram } = this.entry.bare;
    return core.u32[(ram + VMCS_HPA + FIELD_OFFSET.get(name)!) >> 2]!;
  }

  /** What VMLAUNCH, and an exit right behind it, have left behind. */
  get traces() {
    const { core, ram } = this.entry.bare;
    const reason = this.field("exit_reason");
    return {
      reason: reason & 0xffff,
      isEntryFailure: reason >= ENTRY_FAILURE,
      qualification: this.field("exit_qualification"),
      /** VMX-abort indicator. */
      abort: core.u32[(ram + VMCS_HPA + 4) >> 2]!,
      inHost: core.state64(STATE.RIP) === BigInt(HOST_RIP),
    };
  }

  /** The entry failure as the machine's host sees it, from what stands in the VMCS now. */
  failure(outcome: number, qualification: number): VmEntryFailure {
    const { bare } = this.entry;
    const events = new VmxEvents(bare.core, {
      has: (hpa, length) => hpa + length <= RAM_BYTES,
      read: (hpa, length) => bare.bytes(hpa, length).slice(),
    });
    return events.entryFailure(outcome, qualification);
  }

  /** Executes VMLAUNCH and nothing else. */
  launch(state: EntryState): Verdict {
    this.prepare(state);
    const { entries } = this;
    this.execute(1);
    return this.verdict(entries + 1);
  }

  /**
   * The same where the processor knows that `before` has passed the checks, and software has come from
   * there to `after` by VMWRITE, one for each field that differs.
   */
  relaunch(before: EntryState, after: EntryState): Verdict {
    this.launch(before);
    const { bare } = this.entry;
    const { core, ram } = bare;
    const checked = core.state32(STATE.VMCS_CHECKED);
    const writes = VMCS_FIELDS.filter(({ name }) => before.fields[name] !== after.fields[name]);
    const long = (after.efer & LONG_MODE) === LONG_MODE;
    const code = writes.flatMap(({ name, encoding }) => [
      ...(long ? movWide(0, after.fields[name]!) : mov(0, Number(after.fields[name]!))),
      ...mov(1, encoding),
      ...VMWRITE_ECX_EAX,
    ]);
    this.prepare({ ...after, fields: before.fields });
    core.setState32(STATE.VMCS_CHECKED, checked);
    bare.bytes(WRITES, code.length + 5).set([...code, 0xe9, 0, 0, 0, 0]);
    const jump = CODE + INTO_ROOT.length - (WRITES + code.length + 5);
    new DataView(core.memory.buffer).setInt32(ram + WRITES + code.length + 1, jump, true);
    core.exports.hostWritten(ram + WRITES, code.length + 5);
    core.setState64(STATE.RIP, BigInt(WRITES));
    const { entries } = this;
    this.execute(writes.length * 3 + 2);
    return this.verdict(entries + 1);
  }

  private prepare(state: EntryState): void {
    const { core } = this.entry.bare;
    const long = (state.efer & LONG_MODE) === LONG_MODE;
    core.u8.set(this.ready.get(long)!, LAYOUT.STATE);
    this.entry.write(state);
    core.exports.applyState();
  }

  private execute(instructions: number): void {
    const { exports } = this.entry.bare.core;
    exports.beginSlice(0, instructions);
    exports.runLoop();
  }

  /** What the processor and the VMCS show of the outcome. */
  private verdict(entriesIfPassed: number): Verdict {
    const { core } = this.entry.bare;
    const flags = core.exports.readFlags() & (FLAG_CF | FLAG_ZF);
    const row = ENTRY_CHECKS[core.machine32(MACHINE_WORD.ENTRY_CHECK) - 1];
    const behind = BigInt(CODE + INTO_ROOT.length + VMLAUNCH.length);
    const check = row?.phase === "msr" ? undefined : row?.id;
    if (core.state64(STATE.RIP) === behind && core.state32(STATE.VMX_OPERATION) === 1) {
      if (flags !== FLAG_ZF) throw new Error(`VMLAUNCH left the flags 0x${flags.toString(16)}`);
      const outcome = this.field("vm_instruction_error") as 7 | 8;
      return { outcome, qualification: 0, check };
    }
    if (this.field("exit_reason") === ENTRY_FAILURE + 33) {
      return { outcome: 33, qualification: this.field("exit_qualification"), check };
    }
    if (this.entries !== entriesIfPassed) throw new Error("VMLAUNCH neither failed nor entered");
    return { outcome: 0, qualification: 0, check };
  }
}

const cores = new Map<string, Promise<LaunchCore>>();

/** The core of a model; one for all tests of a file. */
export function launchCore(modelName: string): Promise<LaunchCore> {
  let core = cores.get(modelName);
  if (core === undefined) {
    core = LaunchCore.create(modelName);
    cores.set(modelName, core);
  }
  return core;
}
