/**
 * The processor as L0 may use it in VMX root operation: the VMX instructions, RDMSR and WRMSR, the
 * general registers that a VM exit leaves, CR2, debug registers, x87 and SSE. Nothing else of the
 * core's state is read here, as a hypervisor could see nothing else.
 */
import { type Core, LAYOUT, MACHINE_WORD, STOP, VMX_OUTCOME } from "../core/core.ts";
import { EVENT, STATE } from "../generated/state.ts";
import { FIELD } from "../generated/vmx.ts";

const TWO_32 = 0x1_0000_0000;
const RESULT_LO = (LAYOUT.MACHINE + MACHINE_WORD.RESULT_LO) >> 2;
const RESULT_HI = (LAYOUT.MACHINE + MACHINE_WORD.RESULT_HI) >> 2;
/** Virtual time of WBINVD, as of the processor's own (assembly/execute/system.ts). */
const WBINVD_TICKS = 10_000;
/** INVEPT and INVVPID types (SDM "VMX Instructions"). */
export const INVEPT = { single: 1, all: 2 } as const;
export const INVVPID = { address: 0, single: 1, all: 2, singleButGlobals: 3 } as const;

/** A VMX instruction of L0 failed: a fault of L0 itself, never of its guest. */
export class VmxError extends Error {
  constructor(operation: string, outcome: number, error: number) {
    const name = Object.entries(VMX_OUTCOME).find(([, value]) => value === outcome)?.[0];
    super(`${operation}: ${name}${error === 0 ? "" : `, VM-instruction error ${error}`}`);
  }
}

/** A TLB invalidation that L0 has executed, for ledgers and for the sanitizer. */
export interface FlushNote {
  readonly instruction: "invept" | "invvpid";
  readonly type: number;
  readonly pcpu: number;
  /** EP4TA or VPID, 0 for all contexts. */
  readonly tag: number;
  /** Function of L0 that asked for it. */
  readonly site: string;
}

export class Hardware {
  readonly core: Core;
  /** General registers of the current processor in the order of instructions, two words each. */
  readonly gpr: Uint32Array;
  /** Function of L0 that acts, by KVM's name. */
  site = "";
  onFlush: ((note: FlushNote) => void) | undefined;
  /** Told which function of L0 acts; undefined while the guest does. */
  onActor: ((name: string | undefined) => void) | undefined;
  /** The core executes instructions of the guest. */
  isRunning = false;

  constructor(core: Core) {
    this.core = core;
    const first = (LAYOUT.STATE + STATE.GPR) >> 2;
    this.gpr = core.u32.subarray(first, first + 32);
  }

  /** Names the function of L0 that acts from now on. */
  at(site: string): this {
    this.site = site;
    if (this.onActor !== undefined) this.onActor(site);
    return this;
  }

  /** Number of the logical processor that executes. */
  get pcpu(): number {
    return this.core.machine32(MACHINE_WORD.CURRENT_CPU);
  }

  /** Goes on as logical processor `pcpu`. */
  switchTo(pcpu: number): void {
    this.core.exports.switchProcessor(pcpu);
  }

  vmxon(hpa: number): void {
    const outcome = this.core.exports.hostVmxon(hpa >>> 0, Math.floor(hpa / TWO_32));
    if (outcome !== 0) throw new VmxError(`VMXON 0x${hpa.toString(16)}`, outcome, 0);
  }

  vmxoff(): void {
    this.check("VMXOFF", this.core.exports.hostVmxoff());
  }

  vmclear(hpa: number): void {
    const outcome = this.core.exports.hostVmclear(hpa >>> 0, Math.floor(hpa / TWO_32));
    this.check("VMCLEAR", outcome);
  }

  vmptrld(hpa: number): void {
    const outcome = this.core.exports.hostVmptrld(hpa >>> 0, Math.floor(hpa / TWO_32));
    this.check("VMPTRLD", outcome);
  }

  /** VMREAD; the lower 32 bits, unsigned. `hi` has the upper ones until the next operation. */
  read(field: number): number {
    const outcome = this.core.exports.hostVmread(field);
    if (outcome !== 0) this.fail(`VMREAD 0x${field.toString(16)}`, outcome);
    return this.core.u32[RESULT_LO]!;
  }

  /** Upper half of what `read` or `rdmsr` has read. */
  get hi(): number {
    return this.core.u32[RESULT_HI]!;
  }

  /** VMREAD of an address below 2^53. */
  readAddress(field: number): number {
    const lo = this.read(field);
    return this.core.u32[RESULT_HI]! * TWO_32 + lo;
  }

  /** VMREAD of all 64 bits, for paths that are not taken at each exit. */
  readWide(field: number): bigint {
    const lo = this.read(field);
    return (BigInt(this.core.u32[RESULT_HI]!) << 32n) | BigInt(lo);
  }

  write(field: number, lo: number, hi = 0): void {
    const outcome = this.core.exports.hostVmwrite(field, lo, hi);
    if (outcome !== 0) this.fail(`VMWRITE 0x${field.toString(16)}`, outcome);
  }

  writeAddress(field: number, value: number): void {
    this.write(field, value >>> 0, Math.floor(value / TWO_32));
  }

  writeWide(field: number, value: bigint): void {
    this.write(field, Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn));
  }

  /** Sets and clears bits of a 32-bit field. */
  change(field: number, set: number, clear = 0): void {
    this.write(field, ((this.read(field) & ~clear) | set) >>> 0);
  }

  /** VMLAUNCH or VMRESUME: an outcome of VMX_OUTCOME; 0 when the processor is in the guest. */
  enter(launched: boolean): number {
    const { exports } = this.core;
    const outcome = launched ? exports.hostVmresume() : exports.hostVmlaunch();
    if (outcome === VMX_OUTCOME.succeed && this.onActor !== undefined) this.onActor(undefined);
    return outcome;
  }

  /** Runs the guest that has been entered until it exits or the slice ends: a reason of STOP. */
  run(): number {
    this.isRunning = true;
    if (this.onActor !== undefined) this.onActor(undefined);
    const stop = this.core.exports.runLoop();
    this.isRunning = false;
    if (stop === STOP.VM_EXIT && this.onActor !== undefined) this.at("vmx_handle_exit");
    return stop;
  }

  inveptSingle(eptp: number): void {
    const lo = eptp >>> 0;
    this.check(
      "INVEPT",
      this.core.exports.hostInvept(INVEPT.single, lo, Math.floor(eptp / TWO_32)),
    );
    this.note("invept", INVEPT.single, eptp - (lo & 0xfff));
  }

  inveptAll(): void {
    this.check("INVEPT", this.core.exports.hostInvept(INVEPT.all, 0, 0));
    this.note("invept", INVEPT.all, 0);
  }

  invvpid(type: number, vpid: number, glaLo = 0, glaHi = 0): void {
    this.check("INVVPID", this.core.exports.hostInvvpid(type, vpid, glaLo, glaHi));
    this.note("invvpid", type, vpid);
  }

  /** RDMSR; undefined when it would fault. `hi` has the upper half. */
  rdmsr(index: number): number | undefined {
    if (this.core.exports.hostRdmsr(index) !== 0) return undefined;
    return this.core.u32[RESULT_LO]!;
  }

  /** WRMSR; false when it would fault. */
  wrmsr(index: number, lo: number, hi: number): boolean {
    return this.core.exports.hostWrmsr(index, lo, hi) === 0;
  }

  /** XSETBV of XCR0; false when it would fault. */
  xsetbv(lo: number, hi: number): boolean {
    return this.core.exports.hostXsetbv(lo, hi) === 0;
  }

  /** WBINVD: nothing is cached here that would have to be written back, but it takes its time. */
  wbinvd(): void {
    const at = (LAYOUT.STATE + STATE.REMAINING) >> 2;
    const idle = (LAYOUT.STATE + STATE.TICKS_NOT_RETIRED) >> 2;
    this.core.u32[at]! -= WBINVD_TICKS;
    this.core.u32[idle]! += WBINVD_TICKS;
  }

  /** CR2, which VM exits leave as the guest had it. */
  get cr2(): bigint {
    return this.core.state64(STATE.CR2);
  }

  set cr2(value: bigint) {
    this.core.setState64(STATE.CR2, value);
  }

  /** Debug register `index`: 0 to 3, and 6. VM exits save and load DR7 only. */
  debugRegister(index: number): bigint {
    return this.core.state64(STATE.DR + index * 8);
  }

  setDebugRegister(index: number, value: bigint): void {
    this.core.setState64(STATE.DR + index * 8, value);
  }

  /** An XMM register, which VM exits leave as the guest had it. */
  xmm(index: number): bigint {
    const at = STATE.XMM + index * 16;
    return (this.core.state64(at + 8) << 64n) | this.core.state64(at);
  }

  setXmm(index: number, value: bigint): void {
    const at = STATE.XMM + index * 16;
    this.core.setState64(at, BigInt.asUintN(64, value));
    this.core.setState64(at + 8, BigInt.asUintN(64, value >> 64n));
  }

  /** XGETBV of XCR0, as a number: no component above 31 exists. */
  get xcr0(): number {
    return this.core.state32(STATE.XCR0);
  }

  get pkru(): number {
    return this.core.state32(STATE.PKRU);
  }

  set pkru(value: number) {
    this.core.exports.hostWrpkru(value);
  }

  /** FXSAVE64 of x87, XMM and MXCSR. */
  saveFloating(into: Uint8Array): void {
    this.core.exports.storeFloating(LAYOUT.SCRATCH);
    into.set(this.core.u8.subarray(LAYOUT.SCRATCH, LAYOUT.SCRATCH + into.length));
  }

  /** FXRSTOR64 of such an image. */
  loadFloating(image: Uint8Array): void {
    this.core.u8.set(image, LAYOUT.SCRATCH);
    this.core.exports.loadFloating(LAYOUT.SCRATCH);
  }

  /** Delivers an interrupt of the local APIC to logical processor `pcpu`, as an IPI does. */
  raiseInterrupt(pcpu: number, pending: boolean): void {
    const base = pcpu === this.pcpu ? LAYOUT.STATE : LAYOUT.CPU_SAVE + pcpu * LAYOUT.STATE_BYTES;
    const at = (base + STATE.EVENTS) >> 2;
    const events = this.core.u32[at]!;
    this.core.u32[at] = pending ? events | EVENT.INTR : events & ~EVENT.INTR;
  }

  private check(operation: string, outcome: number): void {
    if (outcome !== 0) this.fail(operation, outcome);
  }

  private fail(operation: string, outcome: number): never {
    throw new VmxError(`${this.site} ${operation}`, outcome, this.instructionError(outcome));
  }

  /** VM-instruction error of the current VMCS after VMfailValid. */
  instructionError(outcome: number): number {
    if (outcome !== VMX_OUTCOME.failValid) return 0;
    return this.core.exports.hostVmread(FIELD.vm_instruction_error) === 0
      ? this.core.u32[RESULT_LO]!
      : 0;
  }

  private note(instruction: FlushNote["instruction"], type: number, tag: number): void {
    this.onFlush?.({ instruction, type, tag, pcpu: this.pcpu, site: this.site });
  }
}

export { STOP, VMX_OUTCOME };
