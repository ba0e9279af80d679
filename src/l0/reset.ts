/** Guest state of a vCPU after RESET and INIT (vmx_vcpu_reset), and with which an image is entered. */
import { FIELD, PRIMARY } from "../generated/vmx.ts";
import type { SegmentName, StartState } from "../loaders/loader.ts";
import { setCr0, setCr4, setEfer } from "./control-registers.ts";
import { VECTOR } from "./pcpu.ts";
import { REQ } from "./requests.ts";
import { MP_STATE, type Vcpu } from "./vcpu.ts";
import { CR0, initMsrBitmap, initVmcs } from "./vmcs01.ts";

/** Access rights after RESET, ES to TR. */
const SEGMENT_NAMES: readonly SegmentName[] = ["es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"];
const ACCESS = [0x93, 0x9b, 0x93, 0x93, 0x93, 0x93, 0x82, 0x8b] as const;
const CS = 1;
const RDX = 2;
const STEP = 2;

/** First set-up, on the vCPU's own processor: controls, MSR bitmap, state after RESET. */
export function setUpVcpu(vcpu: Vcpu): void {
  const { vm, hw, config, index } = vcpu;
  const frames = {
    msrBitmap: vcpu.msrBitmap,
    virtualApic: vcpu.virtualApic,
    postedInterruptDescriptor: vcpu.postedInterruptDescriptor,
  };
  initVmcs(hw, config, frames, vcpu.vpid, VECTOR.postedInterrupt, vcpu.msrs);
  if (vm.policy.skips("InterceptInvpcid")) {
    hw.change(FIELD.primary_proc_controls, PRIMARY.invlpg_exiting);
  }
  const at = vm.frames.bytes(vcpu.msrBitmap);
  const bitmap = hw.core.u8.subarray(at, at + 4096);
  initMsrBitmap(bitmap, (msr) => hw.rdmsr(msr) !== undefined);
  vm.frames.written(vcpu.msrBitmap);
  if (config.postedInterrupts) {
    // Notification vector and destination, bits 287:272 and 319:288.
    const descriptor = vm.frames.words(vcpu.postedInterruptDescriptor);
    hw.core.u32[descriptor + 8] = VECTOR.postedInterrupt << 16;
    hw.core.u32[descriptor + 9] = index;
  }
  resetVcpu(vcpu, false);
  vcpu.makeRequest(REQ.apicvUpdate | REQ.event);
}

/** RESET, or with `init` INIT, which keeps MSRs and the caching bits of CR0. */
export function resetVcpu(vcpu: Vcpu, init: boolean): void {
  const { hw } = vcpu;
  hw.at("vmx_vcpu_reset");
  vcpu.regs.fill(0);
  vcpu.regs[RDX * 2] = vcpu.msrs.signature;
  const caching = init ? hw.read(FIELD.cr0_read_shadow) & (CR0.CD | CR0.NW) : CR0.CD | CR0.NW;
  for (let i = 0; i < ACCESS.length; i++) {
    const at = i * STEP;
    hw.write(FIELD.guest_es_selector + at, i === CS ? 0xf000 : 0);
    hw.write(FIELD.guest_es_base + at, i === CS ? 0xffff0000 : 0);
    hw.write(FIELD.guest_es_limit + at, 0xffff);
    hw.write(FIELD.guest_es_ar + at, ACCESS[i]!);
  }
  hw.write(FIELD.guest_gdtr_base, 0);
  hw.write(FIELD.guest_gdtr_limit, 0xffff);
  hw.write(FIELD.guest_idtr_base, 0);
  hw.write(FIELD.guest_idtr_limit, 0xffff);
  hw.write(FIELD.guest_rip, 0xfff0);
  hw.write(FIELD.guest_rsp, 0);
  hw.write(FIELD.guest_rflags, 2);
  hw.write(FIELD.guest_dr7, 0x400);
  hw.write(FIELD.guest_cr3, 0);
  hw.write(FIELD.guest_activity_state, 0);
  hw.write(FIELD.guest_interruptibility, 0);
  hw.write(FIELD.guest_pending_debug, 0);
  hw.write(FIELD.vmentry_intr_info, 0);
  hw.write(FIELD.guest_ia32_debugctl, 0);
  if (!init) {
    hw.write(FIELD.guest_ia32_pat, 0x00070406, 0x00070406);
    hw.write(FIELD.tsc_offset, 0);
    hw.write(FIELD.guest_ia32_sysenter_cs, 0);
    hw.write(FIELD.guest_ia32_sysenter_esp, 0);
    hw.write(FIELD.guest_ia32_sysenter_eip, 0);
  }
  hw.cr2 = 0n;
  for (const index of [0, 1, 2, 3]) hw.setDebugRegister(index, 0n);
  hw.setDebugRegister(6, 0xffff0ff0n);
  vcpu.events.exception = undefined;
  vcpu.events.interrupt = undefined;
  vcpu.events.nmiInjected = false;
  vcpu.events.nmiPending = 0;
  vcpu.events.nmiQueued = 0;
  setEfer(vcpu, 0n, true);
  setCr0(vcpu, BigInt((CR0.ET | caching) >>> 0), true);
  setCr4(vcpu, 0n, true);
  vcpu.makeRequest(REQ.tlbFlushGuest);
}

/** Start-up IPI: real-address mode at page `vector` (kvm_vcpu_deliver_sipi_vector). */
export function startAt(vcpu: Vcpu, vector: number, offset = 0): void {
  const { hw } = vcpu;
  hw.write(FIELD.guest_cs_selector, vector << 8);
  hw.write(FIELD.guest_cs_base, vector << 12);
  hw.write(FIELD.guest_rip, offset);
}

/** The state in which an image is entered (KVM_SET_REGS, KVM_SET_SREGS). */
export function applyStart(vcpu: Vcpu, start: StartState): void {
  const { hw } = vcpu;
  hw.at("KVM_SET_SREGS");
  start.gpr.forEach((value, i) => {
    vcpu.setGpr(i, BigInt(value));
  });
  if (start.mode === "reset") vcpu.regs[RDX * 2] = vcpu.msrs.signature;
  SEGMENT_NAMES.forEach((name, i) => {
    const { selector, base, limit, access } = start.segments[name];
    const at = i * STEP;
    hw.write(FIELD.guest_es_selector + at, selector);
    hw.writeAddress(FIELD.guest_es_base + at, base);
    hw.write(FIELD.guest_es_limit + at, limit);
    hw.write(FIELD.guest_es_ar + at, access);
  });
  hw.writeAddress(FIELD.guest_gdtr_base, start.gdtr.base);
  hw.write(FIELD.guest_gdtr_limit, start.gdtr.limit);
  hw.writeAddress(FIELD.guest_idtr_base, start.idtr.base);
  hw.write(FIELD.guest_idtr_limit, start.idtr.limit);
  hw.writeAddress(FIELD.guest_rip, start.rip);
  hw.write(FIELD.guest_rflags, start.rflags);
  hw.writeAddress(FIELD.guest_cr3, start.cr3);
  setEfer(vcpu, BigInt(start.efer), true);
  setCr4(vcpu, BigInt(start.cr4), true);
  setCr0(vcpu, BigInt(start.cr0), true);
  vcpu.mpState = MP_STATE.runnable;
  vcpu.makeRequest(REQ.tlbFlushGuest);
  if (vcpu.vm.policy.skips("NoFlushOnSetSregs")) vcpu.requests &= ~REQ.tlbFlushGuest;
}
