/** MSR-load and MSR-store lists of VM entries and exits (SDM "Loading MSRs", "Saving MSRs"). */
import {
  MSR_BIOS_SIGN_ID,
  MSR_FS_BASE,
  MSR_GS_BASE,
  msrValue,
  readMsr,
  writeMsr,
} from "../cpu/msr";
import {
  CHECK_MSR_COUNT,
  CHECK_MSR_FSGS,
  CHECK_MSR_GP,
  CHECK_MSR_MODEL,
  CHECK_MSR_RESERVED,
  CHECK_MSR_X2APIC,
} from "../generated/vmx";
import { physicalRead64, physicalWrite64 } from "../memory/physical";
import { capability, MSR_VMX_MISC } from "./vmcs";

const ENTRY_BYTES: u64 = 16;
const MSR_BIOS_UPDATE: u32 = 0x79;

/** Which check the last list failed. */
export let msrListCheck: u32 = 0;

/** Longest list that works: 512 times (N + 1), N in IA32_VMX_MISC. */
function longestList(): u32 {
  return 512 * (((capability(MSR_VMX_MISC) >> 25) as u32 & 7) + 1);
}

/** The check that forbids `index` in a list; 0 when it may stand there. */
function indexCheck(index: u32, load: bool): u32 {
  if (load && (index == MSR_FS_BASE || index == MSR_GS_BASE)) return CHECK_MSR_FSGS;
  if (index >>> 8 == 8) return CHECK_MSR_X2APIC;
  if (load && (index == MSR_BIOS_UPDATE || index == MSR_BIOS_SIGN_ID)) return CHECK_MSR_MODEL;
  return 0;
}

/**
 * Loads `count` MSRs from the list at `hpa`. Returns 0, or the number, from 1, of the entry that
 * failed; the ones before it have been loaded.
 */
export function loadMsrList(hpa: u64, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    msrListCheck = CHECK_MSR_COUNT;
    if (i >= longestList()) return i + 1;
    const at = hpa + (i as u64) * ENTRY_BYTES;
    const head = physicalRead64(at);
    msrListCheck = CHECK_MSR_RESERVED;
    if (head >> 32 != 0) return i + 1;
    msrListCheck = indexCheck(head as u32, true);
    if (msrListCheck != 0) return i + 1;
    msrListCheck = CHECK_MSR_GP;
    if (!writeMsr(head as u32, physicalRead64(at + 8))) return i + 1;
  }
  msrListCheck = 0;
  return 0;
}

/** Stores `count` MSRs to the list at `hpa`; false means a VMX abort. */
export function storeMsrList(hpa: u64, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (i >= longestList()) return false;
    const at = hpa + (i as u64) * ENTRY_BYTES;
    const head = physicalRead64(at);
    if (head >> 32 != 0 || indexCheck(head as u32, false) != 0) return false;
    if (!readMsr(head as u32)) return false;
    physicalWrite64(at + 8, msrValue);
  }
  return true;
}
