/**
 * The task priority as CR8 and the registers of x2APIC mode, as a guest with a virtual APIC sees them
 * (SDM "Virtualizing CR8-Based TPR Accesses", "Virtualizing MSR-Based APIC Accesses").
 */
import { NEXT } from "../decode/record";
import { CTL_SECONDARY, CTL_TERTIARY } from "../generated/state";
import { SECONDARY_VIRTUALIZE_X2APIC_MODE, TERTIARY_IPI_VIRTUALIZATION } from "../generated/vmx";
import {
  deliversVirtualInterrupts,
  VAPIC_EOI,
  VAPIC_ICR_LOW,
  VAPIC_SELF_IPI,
  VAPIC_TPR,
  vapicRead32,
  vapicRead64,
  vapicWrite32,
  vapicWrite64,
  virtualizesApicRegisters,
} from "./apic-page";
import { virtualizeEoi, virtualizeIcr, virtualizeSelfIpi, virtualizeTpr } from "./apic-virtual";

/** What became of an access to an MSR. */
export const VIRTUAL_MSR_NATIVE: u32 = 0;
export const VIRTUAL_MSR_DONE: u32 = 1;
export const VIRTUAL_MSR_FAULT: u32 = 2;

const MSR_FIRST: u32 = 0x800;
const MSR_LAST: u32 = 0x8ff;
const MSR_TPR: u32 = 0x808;
const MSR_EOI: u32 = 0x80b;
const MSR_ICR: u32 = 0x830;
const MSR_SELF_IPI: u32 = 0x83f;

/** Bits of ICR that are reserved in x2APIC mode. */
const ICR_RESERVED: u64 = 0xfff33000;

/** CR8 of a guest with a TPR shadow. */
export function readVirtualCr8(): u64 {
  return ((vapicRead32(VAPIC_TPR) >>> 4) & 15) as u64;
}

/** Writes it; bits 63:4 of `value` are 0. An exit, 43, comes behind the instruction. */
export function writeVirtualCr8(value: u64): u32 {
  vapicWrite32(VAPIC_TPR, (value as u32) << 4);
  virtualizeTpr();
  return NEXT;
}

/** Value that `virtualMsrRead` found. */
export let virtualMsrValue: u64 = 0;

/** True when `index` is a register of x2APIC mode and the guest has a virtual one. */
function isVirtualized(index: u32): bool {
  if (index < MSR_FIRST || index > MSR_LAST) return false;
  return (load<u32>(CTL_SECONDARY) & SECONDARY_VIRTUALIZE_X2APIC_MODE) != 0;
}

/** RDMSR in VMX non-root operation, below the MSR bitmaps: VIRTUAL_MSR_NATIVE or _DONE. */
export function virtualMsrRead(index: u32): u32 {
  if (!isVirtualized(index)) return VIRTUAL_MSR_NATIVE;
  if (index != MSR_TPR && !virtualizesApicRegisters()) return VIRTUAL_MSR_NATIVE;
  virtualMsrValue = vapicRead64((index & 0xff) << 4);
  return VIRTUAL_MSR_DONE;
}

/** WRMSR in VMX non-root operation, below the MSR bitmaps: VIRTUAL_MSR_*. */
export function virtualMsrWrite(index: u32, value: u64): u32 {
  if (!isVirtualized(index)) return VIRTUAL_MSR_NATIVE;
  switch (index) {
    case MSR_TPR:
      if (value > 0xff) return VIRTUAL_MSR_FAULT;
      vapicWrite64(VAPIC_TPR, value);
      virtualizeTpr();
      return VIRTUAL_MSR_DONE;
    case MSR_EOI:
      if (!deliversVirtualInterrupts()) return VIRTUAL_MSR_NATIVE;
      if (value != 0) return VIRTUAL_MSR_FAULT;
      vapicWrite32(VAPIC_EOI, 0);
      virtualizeEoi();
      return VIRTUAL_MSR_DONE;
    case MSR_SELF_IPI:
      if (!deliversVirtualInterrupts()) return VIRTUAL_MSR_NATIVE;
      if (value > 0xff) return VIRTUAL_MSR_FAULT;
      vapicWrite64(VAPIC_SELF_IPI, value);
      virtualizeSelfIpi(value as u32);
      return VIRTUAL_MSR_DONE;
    case MSR_ICR:
      if ((load<u32>(CTL_TERTIARY) & TERTIARY_IPI_VIRTUALIZATION) == 0) return VIRTUAL_MSR_NATIVE;
      if ((value & ICR_RESERVED) != 0) return VIRTUAL_MSR_FAULT;
      vapicWrite64(VAPIC_ICR_LOW, value);
      virtualizeIcr(value as u32, (value >> 32) as u32, VAPIC_ICR_LOW);
      return VIRTUAL_MSR_DONE;
    default:
      return VIRTUAL_MSR_NATIVE;
  }
}
