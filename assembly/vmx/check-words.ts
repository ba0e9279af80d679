/** Control words of the current VMCS as the VM-entry checks see them, and conditions they share. */
import { addressBitsReserved } from "../cpu/control-registers";
import {
  ENTERING_IA32E_MODE_GUEST,
  EXITING_HOST_ADDRESS_SPACE_SIZE,
  PRIMARY_ACTIVATE_SECONDARY_CONTROLS,
  PRIMARY_ACTIVATE_TERTIARY_CONTROLS,
  SECONDARY_ENABLE_EPT,
  SECONDARY_UNRESTRICTED_GUEST,
  V_GUEST_RFLAGS,
  V_PIN_BASED_CONTROLS,
  V_PRIMARY_PROC_CONTROLS,
  V_SECONDARY_PROC_CONTROLS,
  V_TERTIARY_EXEC_CONTROLS,
  V_VMENTRY_CONTROLS,
  V_VMENTRY_INTR_INFO,
  V_VMEXIT_CONTROLS,
} from "../generated/vmx";
import { capability, vmcsRead } from "./vmcs";

export let pinControls: u32 = 0;
export let primaryControls: u32 = 0;
/** 0 unless activated; so are the tertiary ones. */
export let secondaryControls: u32 = 0;
export let tertiaryControls: u64 = 0;
export let exitControls: u32 = 0;
export let entryControls: u32 = 0;

/** Reads the control words of the current VMCS. */
export function readControlWords(): void {
  pinControls = vmcsRead<u32>(V_PIN_BASED_CONTROLS);
  primaryControls = vmcsRead<u32>(V_PRIMARY_PROC_CONTROLS);
  secondaryControls = 0;
  if ((primaryControls & PRIMARY_ACTIVATE_SECONDARY_CONTROLS) != 0) {
    secondaryControls = vmcsRead<u32>(V_SECONDARY_PROC_CONTROLS);
  }
  tertiaryControls = 0;
  if ((primaryControls & PRIMARY_ACTIVATE_TERTIARY_CONTROLS) != 0) {
    tertiaryControls = vmcsRead<u64>(V_TERTIARY_EXEC_CONTROLS);
  }
  exitControls = vmcsRead<u32>(V_VMEXIT_CONTROLS);
  entryControls = vmcsRead<u32>(V_VMENTRY_CONTROLS);
}

/** True when `word` has the bits that capability MSR `msr` wants and no others. */
export function isWordValid(word: u32, msr: u32): bool {
  const settings = capability(msr);
  const mustBeOne = settings as u32;
  const mayBeOne = (settings >> 32) as u32;
  return (word & mustBeOne) == mustBeOne && (word & ~mayBeOne) == 0;
}

/** @inline */
export function isEpt(): bool {
  return (secondaryControls & SECONDARY_ENABLE_EPT) != 0;
}

/** @inline */
export function isUnrestricted(): bool {
  return (secondaryControls & SECONDARY_UNRESTRICTED_GUEST) != 0;
}

/** The guest is to run in IA-32e mode. @inline */
export function isIa32eGuest(): bool {
  return (entryControls & ENTERING_IA32E_MODE_GUEST) != 0;
}

/** The host runs in 64-bit mode after an exit. @inline */
export function isHost64(): bool {
  return (exitControls & EXITING_HOST_ADDRESS_SPACE_SIZE) != 0;
}

/** RFLAGS.VM of the guest. @inline */
export function isVirtual8086Guest(): bool {
  return (vmcsRead<u32>(V_GUEST_RFLAGS) & 0x20000) != 0;
}

/** True when `address` is a physical address whose bits `low` are 0. @inline */
export function isPhysical(address: u64, low: u64): bool {
  return (address & (low | addressBitsReserved())) == 0;
}

// VM-entry interruption information.
export const INJECT_VALID: u32 = 0x80000000;
export const INJECT_ERROR_CODE: u32 = 1 << 11;
export const TYPE_INTERRUPT: u32 = 0;
export const TYPE_RESERVED: u32 = 1;
export const TYPE_NMI: u32 = 2;
export const TYPE_EXCEPTION: u32 = 3;
export const TYPE_SOFTWARE_INTERRUPT: u32 = 4;
export const TYPE_SOFTWARE_EXCEPTION: u32 = 6;
export const TYPE_OTHER: u32 = 7;

/** Type of the event to inject, or -1 when there is none. */
export function injectedType(): i32 {
  const info = vmcsRead<u32>(V_VMENTRY_INTR_INFO);
  return (info & INJECT_VALID) == 0 ? -1 : (((info >>> 8) & 7) as i32);
}

/** Vector of the event to inject. @inline */
export function injectedVector(): u32 {
  return vmcsRead<u32>(V_VMENTRY_INTR_INFO) & 0xff;
}
