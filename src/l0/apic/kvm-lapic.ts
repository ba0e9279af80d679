/**
 * L1's local APIC as L0 has it: the register model of the machine, with what virtual-interrupt delivery
 * takes out of its hands.
 */
import { APIC_REGISTER as R } from "../../devices/apic-registers.ts";
import { LocalApic } from "../../devices/local-apic.ts";

/** Who delivers interrupts while the processor does it for the APIC. */
export interface Deliverer {
  /** A fixed interrupt has come (vmx_deliver_interrupt). */
  deliver(vector: number, level: boolean): void;
}

/** Registers besides the sets of vectors that the virtual-APIC page shows. */
const SHOWN = [
  R.id,
  R.version,
  R.ldr,
  R.dfr,
  R.svr,
  R.esr,
  R.icrLow,
  R.icrHigh,
  R.lvtTimer,
  R.lvtThermal,
  R.lvtPerformance,
  R.lvtLint0,
  R.lvtLint1,
  R.lvtError,
  R.initialCount,
  R.divide,
] as const;

export class KvmLapic extends LocalApic {
  /** Set while APICv is active. */
  deliverer: Deliverer | undefined;
  /** The virtual-APIC page does not show the registers as they are. */
  isDirty = true;

  override writeMmio(offset: number, value: number): void {
    super.writeMmio(offset, value);
    this.isDirty = true;
  }

  override writeMsr(index: number, lo: number, hi: number): boolean {
    this.isDirty = true;
    return super.writeMsr(index, lo, hi);
  }

  /** The 8-bit task priority. */
  get taskPriority(): number {
    return this.tpr;
  }

  set taskPriority(value: number) {
    if (value !== this.tpr) this.setTpr(value);
  }

  protected override acceptFixed(vector: number, level: boolean): boolean {
    const { deliverer } = this;
    if (deliverer === undefined || !this.acceptsFixed() || vector < 16) {
      return super.acceptFixed(vector, level);
    }
    if (level) this.tmr.add(vector);
    else this.tmr.remove(vector);
    deliverer.deliver(vector, level);
    return true;
  }

  protected override update(): void {
    this.isDirty = true;
    if (this.deliverer === undefined) {
      super.update();
      return;
    }
    // The processor looks after IRR: only the 8259 has to be injected.
    const level = this.hasExtInt();
    if (level === this.intr) return;
    this.intr = level;
    this.pins.setIntr(level);
  }

  /** The processor takes over, or gives back, the delivery of interrupts. */
  setDeliverer(deliverer: Deliverer | undefined): void {
    this.deliverer = deliverer;
    this.update();
  }

  /** Adds what was posted to IRR. */
  addRequested(word: number, bits: number): void {
    this.irr.words[word] = (this.irr.words[word]! | bits) >>> 0;
    this.isDirty = true;
  }

  addVector(vector: number): void {
    this.irr.add(vector);
    this.isDirty = true;
  }

  /** Whether x2APIC mode has the register of MSR `index` (kvm_lapic_readable_reg_mask). */
  hasX2apicRegister(index: number): boolean {
    const offset = (index & 0xff) << 4;
    const isSet = offset >= R.isr && offset < R.esr;
    const named: readonly number[] = SHOWN;
    const absent = offset === R.dfr || offset === R.icrHigh;
    return isSet || offset === R.tpr || offset === R.ppr || (named.includes(offset) && !absent);
  }

  /** Level-triggered vectors, 32 a word. */
  get levelTriggered(): Uint32Array {
    return this.tmr.words;
  }

  /** Writes the registers to the virtual-APIC page, whose words begin at `page`. */
  show(u32: Uint32Array, page: number): void {
    this.isDirty = false;
    for (const offset of SHOWN) u32[page + offset / 4] = this.readRegister(offset) ?? 0;
    // In x2APIC mode ICR is one register of 64 bits.
    u32[page + R.icrLow / 4 + 1] = this.x2apic ? this.icrHi : 0;
    u32[page + R.tpr / 4] = this.tpr;
    u32[page + R.ppr / 4] = this.ppr;
    u32[page + R.eoi / 4] = 0;
    for (let word = 0; word < 8; word++) {
      u32[page + R.isr / 4 + word * 4] = this.isr.words[word]!;
      u32[page + R.tmr / 4 + word * 4] = this.tmr.words[word]!;
      u32[page + R.irr / 4 + word * 4] = this.irr.words[word]!;
    }
  }

  /** Takes over what the processor has done to IRR, ISR, TPR and ICR of the page. */
  takeOver(u32: Uint32Array, page: number): void {
    for (let word = 0; word < 8; word++) {
      this.isr.words[word] = u32[page + R.isr / 4 + word * 4]!;
      this.irr.words[word] = u32[page + R.irr / 4 + word * 4]!;
    }
    this.tpr = u32[page + R.tpr / 4]! & 0xff;
    if (!this.x2apic) this.icrHi = u32[page + R.icrHigh / 4]!;
    const served = Math.max(0, this.isr.highest()) & 0xf0;
    this.ppr = (this.tpr & 0xf0) >= served ? this.tpr : served;
  }

  /** An EOI that the processor has virtualized already (kvm_apic_set_eoi_accelerated). */
  endOfVirtualInterrupt(vector: number): void {
    if (!this.tmr.has(vector)) return;
    this.endLintService(vector);
    this.bus.broadcastEoi(vector);
  }
}
