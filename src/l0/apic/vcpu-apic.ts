/**
 * The local APIC of a vCPU between its register model and the processor's APIC virtualization: modes of
 * the APIC, TPR shadow, virtual-interrupt delivery, posted interrupts.
 */
import { FIELD, PIN, SECONDARY } from "../../generated/vmx.ts";
import { PAGE_BYTES } from "../frames.ts";
import { VECTOR } from "../pcpu.ts";
import { MODE, REQ } from "../requests.ts";
import type { Vcpu } from "../vcpu.ts";
import { setMsrIntercept } from "../vmcs01.ts";
import type { KvmLapic } from "./kvm-lapic.ts";

const TPR_WORD = 0x80 / 4;
/** Posted-interrupt descriptor: the bit ON behind 256 requests. */
const PI_ON_WORD = 8;
const X2APIC_FIRST = 0x800;
const X2APIC_TPR = 0x808;
const X2APIC_EOI = 0x80b;
const X2APIC_SELF_IPI = 0x83f;
const X2APIC_REGISTERS = 0x40;

export class VcpuApic {
  readonly lapic: KvmLapic | undefined;
  /** APICv is active: the processor delivers interrupts. */
  isActive = false;
  private readonly vcpu: Vcpu;
  private readonly u32: Uint32Array;
  /** Index of the first word of the virtual-APIC page, and of the descriptor. */
  private readonly page: number;
  private readonly descriptor: number;
  private readonly eoiExits = new Uint32Array(8);
  private threshold = 0;

  constructor(vcpu: Vcpu, lapic: KvmLapic | undefined) {
    this.vcpu = vcpu;
    this.lapic = lapic;
    const { frames, hw } = vcpu.vm;
    this.u32 = hw.core.u32;
    this.page = frames.words(vcpu.virtualApic);
    this.descriptor = frames.words(vcpu.postedInterruptDescriptor);
  }

  /** Whether an interrupt has to be injected by L0 (kvm_cpu_has_injectable_intr). */
  hasInjectable(): boolean {
    return this.vcpu.guestMode ? this.hasInterrupt() : this.vcpu.intrLine;
  }

  /** Acknowledges it: its vector. */
  acknowledge(): number {
    return this.vcpu.userspace.acknowledge(this.vcpu.index);
  }

  /** Whether a halted vCPU has an interrupt to wake for (kvm_cpu_has_interrupt). */
  hasInterrupt(): boolean {
    if (this.vcpu.intrLine) return true;
    if (!this.isActive || this.lapic === undefined) return false;
    this.syncPosted();
    return this.lapic.deliverableVector() >= 0;
  }

  /** The register page does not lie where L0's APIC-access page is. */
  get hasMoved(): boolean {
    const { lapic, vcpu } = this;
    return lapic?.hasPage === true && lapic.pageHpa !== vcpu.vm.apicGfn * PAGE_BYTES;
  }

  // --- modes ---

  /** IA32_APIC_BASE has changed: mode and APICv are looked at before the next entry. */
  baseChanged(): void {
    this.vcpu.makeRequest(REQ.apicvUpdate);
    this.vcpu.kick();
  }

  /**
   * Sets controls by the mode of the APIC (vmx_set_virtual_apic_mode): the switch to xAPIC mode brings a
   * reload of the APIC-access address, and a flush, since accesses may have been cached as plain ones.
   */
  private setVirtualMode(): void {
    const { vcpu, lapic } = this;
    const { hw, config } = vcpu;
    if (lapic === undefined || !config.flexpriority) return;
    hw.at("vmx_set_virtual_apic_mode");
    const either = SECONDARY.virtualize_apic_accesses | SECONDARY.virtualize_x2apic_mode;
    const before = hw.read(FIELD.secondary_proc_controls);
    let after = (before & ~either) >>> 0;
    if (lapic.hasPage) {
      after |= SECONDARY.virtualize_apic_accesses;
    } else if (lapic.x2apic && this.isActive) {
      after |= SECONDARY.virtualize_x2apic_mode;
    }
    if (after >>> 0 === before) return;
    if ((after & ~before & SECONDARY.virtualize_apic_accesses) !== 0) {
      vcpu.makeRequest(REQ.apicPageReload);
      if (!vcpu.vm.policy.skips("NoFlushOnModeSwitch")) {
        // While L2 is active it is not the root in use that L1 has cached accesses by.
        vcpu.makeRequest(vcpu.guestMode ? REQ.tlbFlush : REQ.tlbFlushCurrent);
      }
    }
    hw.write(FIELD.secondary_proc_controls, after >>> 0);
    this.updateX2apicMsrs((after & SECONDARY.virtualize_x2apic_mode) !== 0);
  }

  /** Which MSRs of x2APIC mode the guest has for itself (vmx_update_msr_bitmap_x2apic). */
  private updateX2apicMsrs(virtual: boolean): void {
    const { vm, msrBitmap } = this.vcpu;
    const at = vm.frames.bytes(msrBitmap);
    const bitmap = vm.hw.core.u8.subarray(at, at + 4096);
    for (let i = 0; i < X2APIC_REGISTERS; i++) {
      const index = X2APIC_FIRST + i;
      const shown = virtual && this.lapic?.hasX2apicRegister(index) === true;
      setMsrIntercept(bitmap, index, "read", !shown);
      setMsrIntercept(bitmap, index, "write", true);
    }
    for (const index of [X2APIC_TPR, X2APIC_EOI, X2APIC_SELF_IPI]) {
      setMsrIntercept(bitmap, index, "write", !virtual);
    }
    vm.frames.written(msrBitmap);
  }

  /** KVM_REQ_APICV_UPDATE (__kvm_vcpu_update_apicv) together with the mode of the APIC. */
  update(): void {
    const { vcpu, lapic } = this;
    const { hw, config, vm } = vcpu;
    if (lapic === undefined) return;
    const active = config.apicv && lapic.enabled && vm.apicvInhibits === 0;
    if (active !== this.isActive) {
      hw.at("vmx_refresh_apicv_exec_ctrl");
      const both = SECONDARY.apic_register_virtualization | SECONDARY.virtual_interrupt_delivery;
      if (!active) this.syncPosted();
      this.isActive = active;
      lapic.setDeliverer(active ? this : undefined);
      hw.change(FIELD.secondary_proc_controls, active ? both : 0, active ? 0 : both);
      if (config.postedInterrupts) {
        const posted = PIN.process_posted_interrupts;
        hw.change(FIELD.pin_based_controls, active ? posted : 0, active ? 0 : posted);
      }
      lapic.isDirty = true;
      if (active) this.writeEoiExits();
      vcpu.makeRequest(REQ.event);
    }
    this.setVirtualMode();
  }

  // --- interrupts under APICv ---

  /** A fixed interrupt: posted, with a notification when the guest runs (vmx_deliver_interrupt). */
  deliver(vector: number, level: boolean): void {
    const { vcpu } = this;
    vcpu.vm.trace?.apicAcceptIrq(vcpu.index, vector);
    const word = this.descriptor + (vector >>> 5);
    this.u32[word] = (this.u32[word]! | (1 << (vector & 31))) >>> 0;
    this.u32[this.descriptor + PI_ON_WORD]! |= 1;
    vcpu.vm.frames.written(vcpu.postedInterruptDescriptor, 0, 64);
    const exits = (this.eoiExits[vector >>> 5]! & (1 << (vector & 31))) !== 0;
    if (vcpu.guestMode) {
      // L2 runs: the interrupt takes it out to L1, or is injected.
      if (level !== exits) vcpu.makeRequest(REQ.loadEoiExitmap);
      vcpu.makeRequest(REQ.event);
      vcpu.kick();
    } else if (level !== exits) {
      // The EOI of this vector is to exit, or no longer: the guest is left for that.
      vcpu.makeRequest(REQ.loadEoiExitmap);
      vcpu.kick();
    } else if (vcpu.mode === MODE.inGuest && vcpu.config.postedInterrupts) {
      vcpu.pcpu?.interrupt(VECTOR.postedInterrupt);
    } else {
      vcpu.kick();
    }
  }

  /** KVM_REQ_LOAD_EOI_EXITMAP: vectors whose EOI concerns an I/O APIC. */
  writeEoiExits(): void {
    const { vcpu, lapic, eoiExits } = this;
    if (lapic === undefined || !this.isActive) return;
    eoiExits.set(lapic.levelTriggered);
    for (let i = 0; i < 4; i++) {
      vcpu.hw.write(FIELD.eoi_exit_bitmap0 + i * 2, eoiExits[i * 2]!, eoiExits[i * 2 + 1]!);
    }
  }

  /** Carries posted requests to IRR (vmx_sync_pir_to_irr). */
  private syncPosted(): void {
    const { u32, descriptor, lapic } = this;
    if ((u32[descriptor + PI_ON_WORD]! & 1) === 0 || lapic === undefined) return;
    u32[descriptor + PI_ON_WORD]! &= ~1;
    for (let word = 0; word < 8; word++) {
      const bits = u32[descriptor + word]!;
      if (bits === 0) continue;
      lapic.addRequested(word, bits);
      u32[descriptor + word] = 0;
    }
  }

  // --- around each stay in the guest ---

  /** Makes the virtual-APIC page show what the APIC holds. */
  beforeEntry(): void {
    const { lapic, vcpu, u32, page } = this;
    // L2 has not L1's virtual-APIC page.
    if (lapic === undefined || !vcpu.config.flexpriority || vcpu.guestMode) return;
    if (!this.isActive) {
      if (u32[page + TPR_WORD] !== lapic.taskPriority) u32[page + TPR_WORD] = lapic.taskPriority;
      this.updateThreshold(lapic);
      return;
    }
    this.syncPosted();
    if (!lapic.isDirty) return;
    lapic.show(u32, page);
    vcpu.vm.frames.written(vcpu.virtualApic);
    const status =
      Math.max(0, lapic.requestedVector()) | (Math.max(0, lapic.servicedVector()) << 8);
    vcpu.hw.write(FIELD.guest_interrupt_status, status);
  }

  /** Takes over what the guest did without an exit. */
  afterExit(): void {
    const { lapic, vcpu, u32, page } = this;
    if (lapic === undefined || !vcpu.config.flexpriority || vcpu.guestMode) return;
    if (this.isActive) lapic.takeOver(u32, page);
    else lapic.taskPriority = u32[page + TPR_WORD]! & 0xff;
  }

  /** Exit when the TPR falls below what waits (vmx_update_cr8_intercept). */
  private updateThreshold(lapic: KvmLapic): void {
    const waiting = lapic.requestedVector() >> 4;
    const threshold = waiting < 0 || lapic.taskPriority >> 4 < waiting ? 0 : waiting;
    if (threshold === this.threshold) return;
    this.threshold = threshold;
    this.vcpu.hw.write(FIELD.tpr_threshold, threshold);
  }

  // --- exits ---

  /** EOI written by a plain store: no need to decode it (the shortcut of handle_apic_access). */
  endOfInterrupt(): void {
    this.lapic?.endOfInterrupt();
  }

  /** Register `offset` has been written in the virtual-APIC page (kvm_apic_write_nodecode). */
  registerWritten(offset: number): void {
    this.lapic?.writeMmio(offset & ~3, this.u32[this.page + (offset >> 2)]!);
  }

  virtualizedEoi(vector: number): void {
    this.lapic?.endOfVirtualInterrupt(vector);
  }
}
