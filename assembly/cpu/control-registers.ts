/** Writes of CR0, CR3, CR4 and IA32_EFER with their checks and consequences. */
import { FAULTED, NEXT } from "../decode/record";
import {
  FEATURE_FSGSBASE,
  FEATURE_FXSR,
  FEATURE_LA57,
  FEATURE_LM,
  FEATURE_NX,
  FEATURE_PCID,
  FEATURE_PKU,
  FEATURE_SMAP,
  FEATURE_SMEP,
  FEATURE_SYSCALL,
  FEATURE_UMIP,
  FEATURE_VME,
  FEATURE_VMX,
  FEATURE_XSAVE,
} from "../generated/features";
import { FLUSH_MOV_CR0, FLUSH_MOV_CR3, FLUSH_MOV_CR4 } from "../generated/flush-operations";
import { CR0, CR3, CR4, CTL_SECONDARY, EFER, EPTP, PDPTE, VMX_OPERATION } from "../generated/state";
import { SECONDARY_UNRESTRICTED_GUEST } from "../generated/vmx";
import { M_PHYS_BITS } from "../layout";
import { physicalRead64 } from "../memory/physical";
import { EPT_READ, eptHpa, translateGuestPhysical } from "../paging/ept";
import { passesApicAccess, takeWalkExit } from "../paging/ept-exit";
import { Counter, count } from "../tlb/counters";
import { noteFrontRights } from "../tlb/front";
import { invalidateAll, invalidatePcid } from "../tlb/invalidate";
import { beginSteps } from "../tlb/provenance";
import {
  capability,
  MSR_VMX_CR0_FIXED0,
  MSR_VMX_CR0_FIXED1,
  MSR_VMX_CR4_FIXED0,
  MSR_VMX_CR4_FIXED1,
  VMX_OUTSIDE,
} from "../vmx/vmcs";
import {
  CR0_AM,
  CR0_CD,
  CR0_EM,
  CR0_ET,
  CR0_MP,
  CR0_NE,
  CR0_NW,
  CR0_PE,
  CR0_PG,
  CR0_TS,
  CR0_WP,
  CR4_DE,
  CR4_FSGSBASE,
  CR4_LA57,
  CR4_MCE,
  CR4_OSFXSR,
  CR4_OSXMMEXCPT,
  CR4_OSXSAVE,
  CR4_PAE,
  CR4_PCE,
  CR4_PCIDE,
  CR4_PGE,
  CR4_PKE,
  CR4_PSE,
  CR4_PVI,
  CR4_SMAP,
  CR4_SMEP,
  CR4_TSD,
  CR4_UMIP,
  CR4_VME,
  CR4_VMXE,
  EFER_LMA,
  EFER_LME,
  EFER_NXE,
  EFER_SCE,
} from "./control-bits";
import { raiseGp } from "./fault";
import { hasFeature } from "./features";
import {
  AR_L,
  is64BitCode,
  isLongMode,
  SEG_CS,
  segmentAccess,
  updateMode,
  updateSpace,
} from "./mode";

const CR0_DEFINED: u64 =
  CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG;
/** Changes of these in CR0 and CR4 reload the PDPTEs under PAE paging. */
const CR0_RELOADS: u64 = CR0_CD | CR0_NW | CR0_PG;
const CR4_RELOADS: u64 = CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP;
/** Changes of these in CR4 drop every translation. */
const CR4_FLUSHES: u64 = CR4_PAE | CR4_PGE | CR4_PSE | CR4_LA57;

/** Mask of address bits above the physical-address width. */
export function addressBitsReserved(): u64 {
  return ~(((1 as u64) << (load<u32>(M_PHYS_BITS) as u64)) - 1);
}

/** CR4 bits that the CPU model has. */
export function cr4Permitted(): u64 {
  let bits = CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_PCE | CR4_OSXMMEXCPT;
  if (hasFeature(FEATURE_VME)) bits |= CR4_VME | CR4_PVI;
  if (hasFeature(FEATURE_FXSR)) bits |= CR4_OSFXSR;
  if (hasFeature(FEATURE_UMIP)) bits |= CR4_UMIP;
  if (hasFeature(FEATURE_LA57)) bits |= CR4_LA57;
  if (hasFeature(FEATURE_VMX)) bits |= CR4_VMXE;
  if (hasFeature(FEATURE_FSGSBASE)) bits |= CR4_FSGSBASE;
  if (hasFeature(FEATURE_PCID)) bits |= CR4_PCIDE;
  if (hasFeature(FEATURE_XSAVE)) bits |= CR4_OSXSAVE;
  if (hasFeature(FEATURE_SMEP)) bits |= CR4_SMEP;
  if (hasFeature(FEATURE_SMAP)) bits |= CR4_SMAP;
  if (hasFeature(FEATURE_PKU)) bits |= CR4_PKE;
  return bits;
}

/**
 * Loads the four PDPTEs of PAE paging from the table at `cr3`. Returns false, with nothing loaded,
 * when a present one has reserved bits set or the EPT does not permit reading them; `pdpteFault`
 * then ends the instruction.
 */
export function loadPdptes(cr3: u64): bool {
  let table = cr3 & 0xffffffe0;
  if (load<u64>(EPTP) != 0) {
    // No linear address is translated, and the entries are only read, whatever the A/D flags ask.
    beginSteps();
    if (!translateGuestPhysical(table, 0, EPT_READ, EPT_READ)) return false;
    if (!passesApicAccess(table, eptHpa)) return false;
    table = eptHpa | (table & 0xfff);
  }
  const reserved = addressBitsReserved() | 0x1e6;
  for (let i: u64 = 0; i < 4; i++) {
    const entry = physicalRead64(table + i * 8);
    if ((entry & 1) != 0 && (entry & reserved) != 0) return false;
  }
  for (let i: u64 = 0; i < 4; i++) {
    store<u64>(PDPTE + ((i as u32) << 3), physicalRead64(table + i * 8));
  }
  return true;
}

/** True when CR0 may have this value in VMX operation; an unrestricted guest needs no PE and PG. */
function isCr0Fixed(value: u64): bool {
  const free: u64 =
    (load<u32>(CTL_SECONDARY) & SECONDARY_UNRESTRICTED_GUEST) != 0 ? CR0_PE | CR0_PG : 0;
  const fixed0 = capability(MSR_VMX_CR0_FIXED0) & ~free;
  return (value & fixed0) == fixed0 && (value & ~capability(MSR_VMX_CR0_FIXED1)) == 0;
}

/** The same for CR4. */
function isCr4Fixed(value: u64): bool {
  const fixed0 = capability(MSR_VMX_CR4_FIXED0);
  return (value & fixed0) == fixed0 && (value & ~capability(MSR_VMX_CR4_FIXED1)) == 0;
}

/** After `loadPdptes` has failed: #GP(0), unless a VM exit or #VE is noted. Returns FAULTED. */
export function pdpteFault(): u32 {
  return takeWalkExit() ? FAULTED : raiseGp(0);
}

/** MOV to CR0. */
export function writeCr0(value: u64): u32 {
  if (value >> 32 != 0) return raiseGp(0);
  const old = load<u64>(CR0);
  const next = (value & CR0_DEFINED) | CR0_ET;
  if (load<u32>(VMX_OPERATION) != VMX_OUTSIDE && !isCr0Fixed(next)) return raiseGp(0);
  if ((next & CR0_PG) != 0 && (next & CR0_PE) == 0) return raiseGp(0);
  if ((next & CR0_NW) != 0 && (next & CR0_CD) == 0) return raiseGp(0);
  const changed = old ^ next;
  const efer = load<u64>(EFER);
  if ((changed & next & CR0_PG) != 0 && (efer & EFER_LME) != 0) {
    if ((load<u64>(CR4) & CR4_PAE) == 0) return raiseGp(0);
    if ((segmentAccess(SEG_CS) & AR_L) != 0) return raiseGp(0);
  }
  if ((changed & old & CR0_PG) != 0) {
    if (is64BitCode() || (load<u64>(CR4) & CR4_PCIDE) != 0) return raiseGp(0);
  }
  const pae = (next & CR0_PG) != 0 && (load<u64>(CR4) & CR4_PAE) != 0;
  if (pae && (efer & EFER_LME) == 0 && (changed & CR0_RELOADS) != 0) {
    if (!loadPdptes(load<u64>(CR3))) return pdpteFault();
  }
  setCr0(next);
  return NEXT;
}

/** Sets CR0 without checks. */
export function setCr0(next: u64): void {
  const changed = load<u64>(CR0) ^ next;
  store<u64>(CR0, next);
  if ((changed & CR0_PG) != 0) {
    const efer = load<u64>(EFER);
    if ((next & CR0_PG) != 0 && (efer & EFER_LME) != 0) store<u64>(EFER, efer | EFER_LMA);
    else store<u64>(EFER, efer & ~EFER_LMA);
    updateMode();
    invalidateAll(FLUSH_MOV_CR0);
  } else {
    updateMode();
  }
  noteFrontRights();
}

/** MOV to CR3: checks, PDPTEs, and the invalidation that bit 63 may suppress. */
export function movToCr3(value: u64): u32 {
  const pcide = (load<u64>(CR4) & CR4_PCIDE) != 0;
  const keep = pcide && value >> 63 != 0;
  const next = pcide ? value & 0x7fffffffffffffff : value;
  if (isLongMode() && (next & addressBitsReserved()) != 0) return raiseGp(0);
  return writeCr3(next, keep, FLUSH_MOV_CR3) ? NEXT : pdpteFault();
}

/**
 * Sets CR3 by `operation`, FLUSH_*; `keep` retains the translations of the PCID. False when
 * `loadPdptes` fails.
 */
export function writeCr3(value: u64, keep: bool, operation: u32): bool {
  const cr4 = load<u64>(CR4);
  if ((load<u64>(CR0) & CR0_PG) != 0 && (cr4 & CR4_PAE) != 0 && !isLongMode()) {
    if (!loadPdptes(value)) return false;
  }
  store<u64>(CR3, value);
  if (keep) {
    count(Counter.CR3_KEEP);
    updateSpace();
  } else {
    count(Counter.CR3_FLUSH);
    invalidatePcid((cr4 & CR4_PCIDE) != 0 ? (value as u32) & 0xfff : 0, operation);
  }
  return true;
}

/** MOV to CR4. */
export function writeCr4(value: u64): u32 {
  if ((value & ~cr4Permitted()) != 0) return raiseGp(0);
  if (load<u32>(VMX_OPERATION) != VMX_OUTSIDE && !isCr4Fixed(value)) return raiseGp(0);
  const old = load<u64>(CR4);
  const changed = old ^ value;
  if (isLongMode()) {
    if ((value & CR4_PAE) == 0 || (changed & CR4_LA57) != 0) return raiseGp(0);
  }
  if ((changed & value & CR4_PCIDE) != 0) {
    if (!isLongMode() || (load<u64>(CR3) & 0xfff) != 0) return raiseGp(0);
  }
  const pae = (value & CR4_PAE) != 0 && (load<u64>(CR0) & CR0_PG) != 0 && !isLongMode();
  if (pae && (changed & CR4_RELOADS) != 0 && !loadPdptes(load<u64>(CR3))) return pdpteFault();
  setCr4(value);
  return NEXT;
}

/** Sets CR4 without checks. */
export function setCr4(next: u64): void {
  const changed = load<u64>(CR4) ^ next;
  store<u64>(CR4, next);
  updateMode();
  const smepOn = (changed & next & CR4_SMEP) != 0;
  const pcidOff = (changed & CR4_PCIDE) != 0 && (next & CR4_PCIDE) == 0;
  if ((changed & CR4_FLUSHES) != 0 || smepOn || pcidOff) {
    invalidateAll(FLUSH_MOV_CR4);
  } else if (changed != 0) {
    updateSpace();
  }
  noteFrontRights();
}

/** Bits of IA32_EFER that the CPU model has. */
export function eferPermitted(): u64 {
  let permitted: u64 = 0;
  if (hasFeature(FEATURE_SYSCALL)) permitted |= EFER_SCE;
  if (hasFeature(FEATURE_LM)) permitted |= EFER_LME | EFER_LMA;
  if (hasFeature(FEATURE_NX)) permitted |= EFER_NXE;
  return permitted;
}

/** WRMSR to IA32_EFER. Returns false for #GP. */
export function writeEfer(value: u64): bool {
  if ((value & ~eferPermitted()) != 0) return false;
  const old = load<u64>(EFER);
  if (((old ^ value) & EFER_LME) != 0 && (load<u64>(CR0) & CR0_PG) != 0) return false;
  // LMA is read-only.
  store<u64>(EFER, (value & ~EFER_LMA) | (old & EFER_LMA));
  noteFrontRights();
  updateMode();
  return true;
}
