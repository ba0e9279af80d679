/** The registers of a local APIC that its page and its MSRs share, by page offset. */
import type { ApicBus } from "./apic-bus.ts";
import { ApicCore, type ExtIntSource } from "./apic-core.ts";
import { LVT, LVT_BIT, LVT_ENTRIES, APIC_REGISTER as R, SVR } from "./apic-registers.ts";
import { ApicTimer, type TscOffset } from "./apic-timer.ts";
import type { Clock, ProcessorPins } from "./device.ts";
import { TimerOrder } from "./timer-order.ts";

/** What distinguishes one processor model's APIC from another's. */
export interface ApicFeatures {
  readonly tscDeadline: boolean;
  readonly eoiSuppression: boolean;
}

const VERSION = 0x14;
const VERSION_EOI_SUPPRESSION = 1 << 24;
const ALL_ONES = 0xffffffff;
/** Bits of the LVT entries that software can write, in the order of `LVT`. */
const LVT_WRITABLE = [0x700ff, 0x107ff, 0x107ff, 0x1a7ff, 0x1a7ff, 0x100ff] as const;
/** Bits that only read: delivery status, and remote IRR of the LINT entries. */
const LVT_STATUS = LVT_BIT.status | LVT_BIT.remoteIrr;
const LVT_TIMER_DEADLINE = 1 << 18;
const DIVIDE_WRITABLE = 0x0b;

export class ApicRegisterFile extends ApicCore {
  protected readonly timer: ApicTimer;
  protected icrLo = 0;
  protected icrHi = 0;
  private readonly lvtWritable: readonly number[];
  private readonly version: number;

  constructor(
    apicId: number,
    clock: Clock,
    bus: ApicBus,
    pins: ProcessorPins,
    extInt: ExtIntSource | undefined,
    tsc: TscOffset,
    features: ApicFeatures,
  ) {
    super(apicId, bus, pins, extInt);
    const order = TimerOrder.localApic + apicId;
    this.timer = new ApicTimer(clock, tsc, order, () => this.deliverLvt(LVT.timer));
    const absent = features.tscDeadline ? 0 : LVT_TIMER_DEADLINE;
    this.lvtWritable = LVT_WRITABLE.map((bits, i) => (i === LVT.timer ? bits & ~absent : bits));
    const suppression = features.eoiSuppression ? VERSION_EOI_SUPPRESSION : 0;
    this.version = VERSION | ((LVT_ENTRIES - 1) << 16) | suppression;
  }

  /** A register by its offset; undefined when there is none to read. */
  protected readRegister(offset: number): number | undefined {
    if (offset >= R.isr && offset < R.esr) {
      const set = offset < R.tmr ? this.isr : offset < R.irr ? this.tmr : this.irr;
      return set.words[(offset >> 4) & 7];
    }
    if (offset >= R.lvtTimer && offset <= R.lvtError) return this.lvt[(offset - R.lvtTimer) >> 4];
    switch (offset) {
      case R.id:
        return this.x2apic ? this.initialId : this.id << 24;
      case R.version:
        return this.version;
      case R.tpr:
        return this.tpr;
      case R.apr:
        return this.arbitrationPriority();
      case R.ppr:
        return this.ppr;
      case R.eoi:
      case R.remoteRead:
        return 0;
      case R.ldr:
        return this.logicalId;
      case R.dfr:
        return this.dfr;
      case R.svr:
        return this.svr;
      case R.esr:
        return this.esr;
      case R.icrLow:
        return this.icrLo;
      case R.icrHigh:
        return this.icrHi;
      case R.initialCount:
        return this.timer.initial;
      case R.currentCount:
        return this.timer.currentCount();
      case R.divide:
        return this.timer.divide;
      default:
        return undefined;
    }
  }

  /** Writes a register that both views have; false when there is none to write. */
  protected writeShared(offset: number, value: number): boolean {
    if (offset >= R.lvtTimer && offset <= R.lvtError) {
      this.writeLvt((offset - R.lvtTimer) >> 4, value);
      return true;
    }
    switch (offset) {
      case R.tpr:
        this.setTpr(value);
        return true;
      case R.eoi:
        this.endOfInterrupt();
        return true;
      case R.svr:
        this.writeSvr(value);
        return true;
      case R.esr:
        this.esr = this.esrNoted;
        this.esrNoted = 0;
        this.esrArmed = true;
        return true;
      case R.initialCount:
        this.timer.start(value >>> 0);
        return true;
      case R.divide:
        this.timer.setDivide(value & DIVIDE_WRITABLE);
        return true;
      default:
        return false;
    }
  }

  /** Bits that WRMSR may set in a register; 0 where only 0 may be written. */
  protected x2apicWritable(offset: number): number {
    if (offset >= R.lvtTimer && offset <= R.lvtError) {
      return this.lvtWritable[(offset - R.lvtTimer) >> 4] | LVT_STATUS;
    }
    switch (offset) {
      case R.tpr:
        return 0xff;
      case R.svr:
        return this.svrWritable();
      case R.initialCount:
        return ALL_ONES;
      case R.divide:
        return DIVIDE_WRITABLE;
      default:
        return 0;
    }
  }

  protected svrWritable(): number {
    const suppression = (this.version & VERSION_EOI_SUPPRESSION) !== 0;
    return (
      SVR.vector | SVR.enable | SVR.focusDisable | (suppression ? SVR.suppressEoiBroadcast : 0)
    );
  }

  protected writeSvr(value: number): void {
    this.svr = value & this.svrWritable();
    if (this.acceptsFixed()) return;
    // Disabling by software masks every entry of the local vector table.
    for (let index = 0; index < LVT_ENTRIES; index++) this.writeLvt(index, this.lvt[index]);
  }

  protected writeLvt(index: number, value: number): void {
    const forced = this.acceptsFixed() ? 0 : LVT_BIT.masked;
    const kept = this.lvt[index] & LVT_STATUS;
    this.lvt[index] = (value & this.lvtWritable[index]) | kept | forced;
    const entry = this.lvt[index];
    if (index === LVT.timer) {
      this.timer.configure((entry >>> 17) & 3, (entry & LVT_BIT.masked) !== 0);
    } else if (index === LVT.lint0) {
      if ((entry & LVT_BIT.level) === 0) this.lvt[index] &= ~LVT_BIT.remoteIrr;
      this.evaluateLint(0, false);
    }
    this.update();
  }
}
