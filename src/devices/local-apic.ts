/** A local APIC: IA32_APIC_BASE, the xAPIC page, the x2APIC MSRs, IPIs, reset and saved state. */
import type { ApicBus } from "./apic-bus.ts";
import type { ExtIntSource } from "./apic-core.ts";
import { ApicRegisterFile } from "./apic-register-file.ts";
import {
  APIC_ERROR,
  BASE,
  Delivery,
  ICR,
  LVT,
  LVT_BIT,
  APIC_REGISTER as R,
  Shorthand,
  SVR,
  VECTOR_MIN,
  X2APIC_MSR_FIRST,
  X2APIC_MSR_LAST,
} from "./apic-registers.ts";
import type { ApicTimerState, TscOffset } from "./apic-timer.ts";
import type { Clock, Device, ProcessorPins } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

/** The two halves of an MSR. */
export interface MsrValue {
  lo: number;
  hi: number;
}

export interface LocalApicOptions {
  /** Initial APIC ID as CPUID reports it; 8 bits, or 32 when x2APIC is advertised. */
  readonly apicId: number;
  /** This is the bootstrap processor. */
  readonly bootstrap?: boolean;
  readonly x2apicAdvertised?: boolean;
  readonly tscDeadlineAdvertised?: boolean;
  /** EOI broadcasts can be suppressed (version register bit 24); default true. */
  readonly eoiSuppressionAdvertised?: boolean;
  /** MAXPHYADDR, which bounds IA32_APIC_BASE; default 46. */
  readonly physicalAddressBits?: number;
  /**
   * LINT0 is unmasked as ExtINT after every reset, as firmware leaves it ("virtual wire"); default
   * true for the bootstrap processor.
   */
  readonly virtualWire?: boolean;
  /** What makes the processor's TSC out of virtual time; default 0. */
  readonly tsc?: TscOffset;
  readonly extInt?: ExtIntSource;
  /** Called after IA32_APIC_BASE has changed: the page has moved, appeared or gone. */
  readonly onBaseChange?: () => void;
}

const PHYSICAL_ADDRESS_BITS_DEFAULT = 46;
const ALL_ONES = 0xffffffff;
const ICR_WRITABLE = 0x000ccfff;
const DFR_ONES = 0x0fffffff;

interface SavedApic {
  readonly irr: Uint32Array;
  readonly isr: Uint32Array;
  readonly tmr: Uint32Array;
  readonly lvt: Uint32Array;
  readonly base: MsrValue;
  readonly icr: MsrValue;
  readonly id: number;
  readonly ldr: number;
  readonly dfr: number;
  readonly tpr: number;
  readonly svr: number;
  readonly esr: number;
  readonly esrNoted: number;
  readonly esrArmed: boolean;
  readonly lint: readonly boolean[];
  readonly extIntMessage: boolean;
  readonly intr: boolean;
  readonly timer: ApicTimerState;
}

export class LocalApic extends ApicRegisterFile implements Device {
  private readonly options: LocalApicOptions;
  private readonly msr: MsrValue = { lo: 0, hi: 0 };

  constructor(clock: Clock, bus: ApicBus, pins: ProcessorPins, options: LocalApicOptions) {
    const tsc = options.tsc ?? { lo: 0, hi: 0 };
    super(options.apicId, clock, bus, pins, options.extInt, tsc, {
      tscDeadline: options.tscDeadlineAdvertised ?? false,
      eoiSuppression: options.eoiSuppressionAdvertised ?? true,
    });
    this.options = options;
    this.reset();
    bus.attach(this);
  }

  /** Lower half of IA32_APIC_BASE, unsigned. */
  get apicBaseLo(): number {
    return this.baseLo >>> 0;
  }

  get apicBaseHi(): number {
    return this.baseHi >>> 0;
  }

  /** Host-physical address of the register page; it answers only in xAPIC mode. */
  get pageHpa(): number {
    return this.baseHi * 0x100000000 + ((this.baseLo & ~0xfff) >>> 0);
  }

  /** Whether the register page answers: the APIC is enabled and not in x2APIC mode. */
  get hasPage(): boolean {
    return this.enabled && !this.x2apic;
  }

  /**
   * Writes IA32_APIC_BASE. False, meaning #GP, for reserved bits and for the transitions that SDM
   * "x2APIC State Transitions" forbids.
   */
  setBase(lo: number, hi: number): boolean {
    if (this.hasReservedBaseBits(lo, hi)) return false;
    const enable = (lo & BASE.enable) !== 0;
    const x2apic = (lo & BASE.x2apic) !== 0;
    if (x2apic && !enable) return false;
    if (this.enabled && this.x2apic && enable && !x2apic) return false;
    if (!this.enabled && x2apic) return false;
    const wasEnabled = this.enabled;
    const entersX2apic = x2apic && !this.x2apic;
    this.baseLo = lo;
    this.baseHi = hi;
    // A disabled APIC has lost its state; it comes back as after a reset.
    if (wasEnabled !== enable) this.resetRegisters(true);
    if (entersX2apic) this.icrHi = 0;
    this.update();
    this.options.onBaseChange?.();
    return true;
  }

  /** Reads the register page. All ones while the page does not answer; only words are defined. */
  readMmio(offset: number): number {
    if (!this.hasPage) return ALL_ONES;
    if ((offset & 15) !== 0) return 0;
    const value = this.readRegister(offset);
    if (value !== undefined) return value >>> 0;
    this.noteError(APIC_ERROR.illegalRegister);
    return 0;
  }

  /** Writes a word of the register page; an unaligned write is dropped. */
  writeMmio(offset: number, value: number): void {
    if (!this.hasPage || (offset & 15) !== 0) return;
    switch (offset) {
      case R.id:
        this.id = value >>> 24;
        break;
      case R.ldr:
        this.ldr = (value & 0xff000000) >>> 0;
        break;
      case R.dfr:
        this.dfr = (value | DFR_ONES) >>> 0;
        break;
      case R.icrHigh:
        this.icrHi = (value & 0xff000000) >>> 0;
        break;
      case R.icrLow:
        this.writeIcr(value, this.icrHi);
        break;
      default:
        if (this.writeShared(offset, value)) break;
        if (this.readRegister(offset) === undefined) this.noteError(APIC_ERROR.illegalRegister);
    }
  }

  /**
   * Reads an x2APIC MSR (0x800 to 0x8ff); undefined means #GP. The next call reuses the object.
   */
  readMsr(index: number): Readonly<MsrValue> | undefined {
    const offset = this.msrOffset(index);
    if (offset < 0) return undefined;
    let lo: number | undefined;
    let hi = 0;
    if (offset === R.icrLow) {
      lo = this.icrLo;
      hi = this.icrHi;
    } else if (offset !== R.eoi && !isX2apicAbsent(offset)) {
      lo = this.readRegister(offset);
    }
    if (lo === undefined) return undefined;
    this.msr.lo = lo >>> 0;
    this.msr.hi = hi >>> 0;
    return this.msr;
  }

  /** Writes an x2APIC MSR; false means #GP. */
  writeMsr(index: number, lo: number, hi: number): boolean {
    const offset = this.msrOffset(index);
    if (offset < 0) return false;
    if (offset === R.icrLow) {
      if ((lo & ~ICR_WRITABLE) !== 0) return false;
      this.writeIcr(lo, hi);
      return true;
    }
    if (hi !== 0 || isX2apicAbsent(offset)) return false;
    if (offset === R.selfIpi) {
      if (lo >>> 0 > 0xff) return false;
      this.sendIpi(lo, Delivery.fixed, Shorthand.self, 0, false);
      return true;
    }
    if ((lo & ~this.x2apicWritable(offset)) !== 0) return false;
    return this.writeShared(offset, lo);
  }

  /** IA32_TSC_DEADLINE; 0 unless a deadline is armed. The object is reused by the next call. */
  readTscDeadline(): Readonly<MsrValue> {
    this.msr.lo = this.timer.deadlineLo;
    this.msr.hi = this.timer.deadlineHi;
    return this.msr;
  }

  /** Arms the TSC-deadline timer, or disarms it with 0; ignored in the other timer modes. */
  writeTscDeadline(lo: number, hi: number): void {
    this.timer.setDeadline(lo >>> 0, hi >>> 0);
  }

  /** To be called when the TSC offset has changed. */
  tscChanged(): void {
    this.timer.tscChanged();
  }

  /** Power-up or RESET. */
  reset(): void {
    this.baseHi = 0;
    this.baseLo = BASE.defaultHpa | BASE.enable | (this.options.bootstrap ? BASE.bootstrap : 0);
    this.resetRegisters(true);
    this.update();
    this.options.onBaseChange?.();
  }

  /**
   * What INIT does to the APIC, to be called when the processor acts on it: everything but
   * IA32_APIC_BASE and the APIC ID returns to its reset value.
   */
  initReset(): void {
    this.resetRegisters(false);
    this.update();
  }

  snapshot(): unknown {
    const state: SavedApic = {
      irr: this.irr.words,
      isr: this.isr.words,
      tmr: this.tmr.words,
      lvt: this.lvt,
      base: { lo: this.baseLo, hi: this.baseHi },
      icr: { lo: this.icrLo, hi: this.icrHi },
      id: this.id,
      ldr: this.ldr,
      dfr: this.dfr,
      tpr: this.tpr,
      svr: this.svr,
      esr: this.esr,
      esrNoted: this.esrNoted,
      esrArmed: this.esrArmed,
      lint: this.lint,
      extIntMessage: this.extIntMessage,
      intr: this.intr,
      timer: this.timer.save(),
    };
    return sealSnapshot("local-apic", 1, state);
  }

  /** Restore the processor's TSC offset before: the deadline timer is armed by it. */
  restore(data: unknown): void {
    const state = openSnapshot<SavedApic>(data, "local-apic", 1);
    this.irr.words.set(state.irr);
    this.isr.words.set(state.isr);
    this.tmr.words.set(state.tmr);
    this.lvt.set(state.lvt);
    this.baseLo = state.base.lo;
    this.baseHi = state.base.hi;
    this.icrLo = state.icr.lo;
    this.icrHi = state.icr.hi;
    this.id = state.id;
    this.ldr = state.ldr;
    this.dfr = state.dfr;
    this.tpr = state.tpr;
    this.svr = state.svr;
    this.esr = state.esr;
    this.esrNoted = state.esrNoted;
    this.esrArmed = state.esrArmed;
    this.lint[0] = state.lint[0];
    this.lint[1] = state.lint[1];
    this.extIntMessage = state.extIntMessage;
    this.intr = state.intr;
    this.timer.load(state.timer);
    this.prioritiesChanged();
    this.options.onBaseChange?.();
  }

  private hasReservedBaseBits(lo: number, hi: number): boolean {
    let writable = BASE.bootstrap | BASE.enable | ~0xfff;
    if (this.options.x2apicAdvertised) writable |= BASE.x2apic;
    const bits = this.options.physicalAddressBits ?? PHYSICAL_ADDRESS_BITS_DEFAULT;
    const highLimit = 2 ** Math.max(0, bits - 32);
    return (lo & ~writable) !== 0 || hi >= highLimit;
  }

  private resetRegisters(withId: boolean): void {
    this.irr.clear();
    this.isr.clear();
    this.tmr.clear();
    if (withId) this.id = this.initialId & 0xff;
    this.ldr = 0;
    this.dfr = ALL_ONES;
    this.tpr = 0;
    this.ppr = 0;
    this.svr = SVR.vector;
    this.esr = 0;
    this.esrNoted = 0;
    this.esrArmed = true;
    this.extIntMessage = false;
    this.icrLo = 0;
    this.icrHi = 0;
    this.lvt.fill(LVT_BIT.masked);
    const virtualWire = this.options.virtualWire ?? this.options.bootstrap ?? false;
    if (virtualWire) this.lvt[LVT.lint0] = Delivery.extInt << 8;
    this.timer.reset();
  }

  /** Register offset of an x2APIC MSR; -1 outside the range or the mode. */
  private msrOffset(index: number): number {
    if (!this.x2apic || index < X2APIC_MSR_FIRST || index > X2APIC_MSR_LAST) return -1;
    return (index - X2APIC_MSR_FIRST) << 4;
  }

  private writeIcr(lo: number, hi: number): void {
    this.icrLo = (lo & ICR_WRITABLE) >>> 0;
    this.icrHi = hi >>> 0;
    const mode = (lo >>> 8) & 7;
    // INIT level de-assert only synchronised arbitration IDs on old processors.
    const isDeassert = (lo & (ICR.level | ICR.assert)) === ICR.level;
    if (mode === Delivery.init && isDeassert) return;
    const destination = this.x2apic ? this.icrHi : this.icrHi >>> 24;
    this.sendIpi(lo & 0xff, mode, (lo >>> 18) & 3, destination, (lo & ICR.logical) !== 0);
  }

  private sendIpi(
    vector: number,
    mode: number,
    shorthand: number,
    destination: number,
    logical: boolean,
  ): void {
    const isFixed = mode === Delivery.fixed || mode === Delivery.lowestPriority;
    if (isFixed && vector < VECTOR_MIN) {
      this.noteError(APIC_ERROR.sendIllegalVector);
      return;
    }
    // ExtINT and remote read cannot be sent.
    if (mode === Delivery.extInt || mode === 3) return;
    switch (shorthand) {
      case Shorthand.self:
        this.receive(mode, vector, false);
        break;
      case Shorthand.all:
        this.bus.sendToAll(undefined, mode, vector);
        break;
      case Shorthand.others:
        this.bus.sendToAll(this, mode, vector);
        break;
      default:
        this.bus.send(destination, this.x2apic, logical, mode, vector, false);
    }
  }
}

/** Registers of the page that have no MSR. */
function isX2apicAbsent(offset: number): boolean {
  return offset === R.apr || offset === R.remoteRead || offset === R.dfr || offset === R.icrHigh;
}
