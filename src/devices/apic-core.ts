/** Interrupt acceptance and priority of a local APIC: IRR, ISR, TMR, local vector table, pins. */
import type { ApicBus, ApicTarget } from "./apic-bus.ts";
import {
  APIC_ERROR,
  BASE,
  Delivery,
  LVT,
  LVT_BIT,
  LVT_ENTRIES,
  SVR,
  VECTOR_MIN,
} from "./apic-registers.ts";
import type { ProcessorPins } from "./device.ts";
import { NO_VECTOR, VectorSet } from "./vector-set.ts";

/** Who answers INTA for an ExtINT interrupt: the 8259 pair. */
export interface ExtIntSource {
  acknowledge(): number;
}

const DFR_FLAT = 0xf;
const DFR_CLUSTER = 0x0;

/**
 * The part of a local APIC that takes interrupts in and hands them to the processor. Registers that
 * belong to both views (xAPIC page and x2APIC MSRs) are kept here in their xAPIC form.
 */
export class ApicCore implements ApicTarget {
  readonly initialId: number;
  protected readonly bus: ApicBus;
  protected readonly pins: ProcessorPins;
  protected readonly extInt: ExtIntSource | undefined;
  protected readonly irr = new VectorSet();
  protected readonly isr = new VectorSet();
  protected readonly tmr = new VectorSet();
  protected readonly lvt = new Uint32Array(LVT_ENTRIES);
  protected baseLo = 0;
  protected baseHi = 0;
  /** The xAPIC ID register, which software may rewrite. */
  protected id = 0;
  protected ldr = 0;
  protected dfr = 0xffffffff;
  protected tpr = 0;
  protected ppr = 0;
  protected svr: number = SVR.vector;
  /** Errors software has made visible by writing ESR, and those noted since. */
  protected esr = 0;
  protected esrNoted = 0;
  /** The error interrupt has not fired since the last write to ESR. */
  protected esrArmed = true;
  /** Levels of LINT0 and LINT1. */
  protected readonly lint = [false, false];
  /** An ExtINT message from an I/O APIC waits. */
  protected extIntMessage = false;
  protected intr = false;

  constructor(apicId: number, bus: ApicBus, pins: ProcessorPins, extInt: ExtIntSource | undefined) {
    this.initialId = apicId;
    this.bus = bus;
    this.pins = pins;
    this.extInt = extInt;
  }

  /** IA32_APIC_BASE bit 11: the APIC takes part in anything at all. */
  get enabled(): boolean {
    return (this.baseLo & BASE.enable) !== 0;
  }

  /** The APIC is in x2APIC mode. */
  get x2apic(): boolean {
    return (this.baseLo & BASE.x2apic) !== 0;
  }

  /** The APIC ID that messages are matched against in the present mode. */
  get currentId(): number {
    return this.x2apic ? this.initialId : this.id;
  }

  /** The logical ID: the upper byte of LDR, or the one x2APIC derives from the ID. */
  get logicalId(): number {
    if (!this.x2apic) return this.ldr;
    return (((this.initialId >>> 4) << 16) | (1 << (this.initialId & 15))) >>> 0;
  }

  isPresent(): boolean {
    return this.enabled;
  }

  acceptsFixed(): boolean {
    return (this.svr & SVR.enable) !== 0;
  }

  matchesPhysical(destination: number): boolean {
    return destination === this.currentId;
  }

  matchesLogical(destination: number): boolean {
    if (this.x2apic) {
      const own = this.logicalId;
      return destination >>> 16 === own >>> 16 && (destination & own & 0xffff) !== 0;
    }
    if (destination > 0xff) return false;
    const own = this.ldr >>> 24;
    const model = this.dfr >>> 28;
    if (model === DFR_FLAT) return (own & destination) !== 0;
    if (model !== DFR_CLUSTER) return false;
    return own >>> 4 === destination >>> 4 && (own & destination & 15) !== 0;
  }

  /** The value of the arbitration priority register (SDM "Lowest Priority Arbitration"). */
  arbitrationPriority(): number {
    const requested = Math.max(0, this.irr.highest()) & 0xf0;
    const served = Math.max(0, this.isr.highest()) & 0xf0;
    const task = this.tpr & 0xf0;
    if (task >= requested && task > served) return this.tpr;
    return Math.max(task, requested, served);
  }

  receive(mode: number, vector: number, level: boolean): boolean {
    switch (mode) {
      case Delivery.fixed:
      case Delivery.lowestPriority:
        return this.acceptFixed(vector, level);
      case Delivery.smi:
        this.pins.smi();
        return true;
      case Delivery.nmi:
        this.pins.nmi();
        return true;
      case Delivery.init:
        this.pins.init();
        return true;
      case Delivery.startup:
        this.pins.startup(vector);
        return true;
      case Delivery.extInt:
        this.extIntMessage = true;
        this.update();
        return true;
      default:
        return false;
    }
  }

  /** Sets the level of LINT0 (`pin` 0, wired to the 8259) or LINT1 (`pin` 1, wired to NMI). */
  setLint(pin: 0 | 1, level: boolean): void {
    const rose = level && !this.lint[pin];
    this.lint[pin] = level;
    if (this.enabled) this.evaluateLint(pin, rose);
    else if (rose && pin === 1) this.pins.nmi();
    this.update();
  }

  /** The thermal sensor interrupts. */
  raiseThermal(): void {
    this.deliverLvt(LVT.thermal);
  }

  /** A performance counter overflows; the entry masks itself. */
  raisePerformance(): void {
    if (this.deliverLvt(LVT.performance)) this.lvt[LVT.performance] |= LVT_BIT.masked;
  }

  /** Whether an interrupt of the 8259 comes before everything in IRR. */
  hasExtInt(): boolean {
    if (!this.enabled) return this.lint[0];
    if (this.extIntMessage) return true;
    const entry = this.lvt[LVT.lint0];
    return (
      this.lint[0] && (entry & LVT_BIT.masked) === 0 && deliveryMode(entry) === Delivery.extInt
    );
  }

  /** The vector that IRR would deliver now, or NO_VECTOR. */
  deliverableVector(): number {
    if (!this.enabled) return NO_VECTOR;
    const vector = this.irr.highest();
    return (vector & 0xf0) > (this.ppr & 0xf0) && vector >= 0 ? vector : NO_VECTOR;
  }

  /** The highest vector in IRR whatever its priority, or NO_VECTOR. */
  requestedVector(): number {
    return this.irr.highest();
  }

  /** The highest vector in service, or NO_VECTOR. */
  servicedVector(): number {
    return this.isr.highest();
  }

  /** Hands the pending interrupt to the processor: its vector, which moves from IRR to ISR. */
  acknowledge(): number {
    if (this.hasExtInt()) {
      this.extIntMessage = false;
      const vector = this.extInt?.acknowledge() ?? this.svr & SVR.vector;
      this.update();
      return vector;
    }
    const vector = this.deliverableVector();
    // Nothing is left to deliver: the spurious vector, which does not go into service.
    if (vector === NO_VECTOR) return this.svr & SVR.vector;
    this.irr.remove(vector);
    this.isr.add(vector);
    this.prioritiesChanged();
    return vector;
  }

  /** What writing the EOI register does. */
  endOfInterrupt(): void {
    const vector = this.isr.highest();
    if (vector === NO_VECTOR) return;
    this.isr.remove(vector);
    if (this.tmr.has(vector)) {
      this.endLintService(vector);
      if ((this.svr & SVR.suppressEoiBroadcast) === 0) this.bus.broadcastEoi(vector);
    }
    this.prioritiesChanged();
  }

  /** The task priority as CR8 shows it: TPR bits 7:4. */
  getCr8(): number {
    return this.tpr >> 4;
  }

  setCr8(value: number): void {
    this.setTpr((value & 15) << 4);
  }

  protected setTpr(value: number): void {
    this.tpr = value & 0xff;
    this.prioritiesChanged();
  }

  /** Takes a fixed interrupt into IRR; false when the APIC is disabled by software. */
  protected acceptFixed(vector: number, level: boolean): boolean {
    if (!this.acceptsFixed()) return false;
    if (vector < VECTOR_MIN) {
      this.noteError(APIC_ERROR.receiveIllegalVector);
      return true;
    }
    this.irr.add(vector);
    if (level) this.tmr.add(vector);
    else this.tmr.remove(vector);
    this.update();
    return true;
  }

  /** Delivers through an entry of the local vector table; false when it is masked. */
  protected deliverLvt(index: number): boolean {
    if (!this.enabled) return false;
    const entry = this.lvt[index];
    if ((entry & LVT_BIT.masked) !== 0) return false;
    const mode = deliveryMode(entry);
    // Start-up and lowest-priority make no sense here.
    if (mode === Delivery.startup || mode === Delivery.lowestPriority) return false;
    return this.receive(mode, entry & 0xff, false);
  }

  /** Notes an error for ESR; the first since its last write interrupts. */
  protected noteError(bit: number): void {
    this.esrNoted |= bit;
    if (!this.esrArmed) return;
    this.esrArmed = false;
    this.deliverLvt(LVT.error);
  }

  /** Looks at a LINT pin after its level or its entry has changed. */
  protected evaluateLint(pin: 0 | 1, rose: boolean): void {
    const index = pin === 0 ? LVT.lint0 : LVT.lint1;
    const entry = this.lvt[index];
    if (!this.lint[pin] || (entry & LVT_BIT.masked) !== 0) return;
    // Only LINT0 in fixed mode can be level-triggered.
    const level = pin === 0 && (entry & LVT_BIT.level) !== 0;
    if (level && deliveryMode(entry) === Delivery.fixed) {
      if ((entry & LVT_BIT.remoteIrr) !== 0) return;
      if (this.acceptFixed(entry & 0xff, true)) this.lvt[index] |= LVT_BIT.remoteIrr;
      return;
    }
    // The level of an ExtINT line is looked at by hasExtInt.
    if (rose && deliveryMode(entry) !== Delivery.extInt) this.deliverLvt(index);
  }

  protected prioritiesChanged(): void {
    const served = Math.max(0, this.isr.highest()) & 0xf0;
    this.ppr = (this.tpr & 0xf0) >= served ? this.tpr : served;
    this.update();
  }

  /** Drives INTR. */
  protected update(): void {
    const level = this.hasExtInt() || this.deliverableVector() !== NO_VECTOR;
    if (level === this.intr) return;
    this.intr = level;
    this.pins.setIntr(level);
  }

  protected endLintService(vector: number): void {
    const entry = this.lvt[LVT.lint0];
    if ((entry & LVT_BIT.remoteIrr) === 0 || (entry & 0xff) !== vector) return;
    this.lvt[LVT.lint0] = entry & ~LVT_BIT.remoteIrr;
    this.evaluateLint(0, false);
  }
}

function deliveryMode(entry: number): number {
  return (entry >>> 8) & 7;
}
