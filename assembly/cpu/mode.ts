/** The words derived from control registers, segments and flags that decoding and access look at. */

import { MODE_FLAT, MODE_FLAT_CODE } from "../decode/decoder";
import {
  ADDR_MASK,
  CODE_BASE,
  CODE_KEY,
  CODE_SIZE,
  CPL,
  CPU_INDEX,
  CR0,
  CR3,
  CR4,
  CTL_PRIMARY,
  DR,
  EFER,
  EPTP,
  FETCH_VALID,
  FLAGS_REST,
  FPU_TRAP,
  GPR,
  LONG_MODE,
  PAGING_MODE,
  SEG_ACCESS,
  SEG_LIMIT,
  SLOT_CS_BASE,
  SLOT_DS_BASE,
  SLOT_ES_BASE,
  SLOT_SS_BASE,
  SLOW_MODE,
  SPACE_EPOCH,
  SPACE_GLOBAL,
  SPACE_ID,
  SPACE_PHYSICAL,
  SSE_TRAP,
  STACK_MASK,
  VPID,
} from "../generated/state";
import { PRIMARY_MONITOR_TRAP_FLAG } from "../generated/vmx";
import { M_HOOKS } from "../layout";
import {
  currentPcid,
  PAGING_4,
  PAGING_5,
  PAGING_32,
  PAGING_NONE,
  PAGING_PAE,
} from "../paging/walk";
import { clearFront, updateFrontContext } from "../tlb/front";
import {
  ep4taOf,
  internSpace,
  PCID_GLOBAL,
  spaceEpoch,
  takeFrontStale,
  VPID_PHYSICAL,
} from "../tlb/space";
import {
  CR0_EM,
  CR0_PE,
  CR0_PG,
  CR0_TS,
  CR4_LA57,
  CR4_OSFXSR,
  CR4_PAE,
  EFER_LMA,
} from "./control-bits";
import { FLAG_AC, FLAG_RF, FLAG_TF, FLAG_VM, FLAGS_ARITHMETIC, setArithmeticFlags } from "./flags";
import { updateJumpContext } from "./jump-cache";
import { updateSseMode } from "./mxcsr";

export const SEG_ES: u32 = 0;
export const SEG_CS: u32 = 1;
export const SEG_SS: u32 = 2;
export const SEG_DS: u32 = 3;
export const SEG_FS: u32 = 4;
export const SEG_GS: u32 = 5;
export const SEG_LDTR: u32 = 6;
export const SEG_TR: u32 = 7;

/** Access rights as VMX keeps them. */
export const AR_TYPE: u32 = 0xf;
export const AR_S: u32 = 0x10;
export const AR_DPL: u32 = 0x60;
export const AR_P: u32 = 0x80;
export const AR_L: u32 = 0x2000;
export const AR_DB: u32 = 0x4000;
export const AR_G: u32 = 0x8000;
export const AR_UNUSABLE: u32 = 0x10000;

/** SLOW_MODE bits. */
export const SLOW_TF: u32 = 1;
export const SLOW_RF: u32 = 2;
export const SLOW_BREAKPOINTS: u32 = 4;
export const SLOW_HOOK: u32 = 8;
/** The monitor trap flag. */
export const SLOW_MTF: u32 = 16;

/** M_HOOKS bits. */
export const HOOK_INSTRUCTION: u32 = 1;
export const HOOK_EXCEPTION: u32 = 2;
export const HOOK_VM_ENTRY: u32 = 4;
export const HOOK_VM_EXIT: u32 = 8;
export const HOOK_VM_ENTRY_FAILURE: u32 = 16;
export const HOOK_VM_ABORT: u32 = 32;

/** @inline */
export function segmentAccess(segment: u32): u32 {
  return load<u32>(SEG_ACCESS + (segment << 2));
}

/** @inline */
export function segmentLimit(segment: u32): u32 {
  return load<u32>(SEG_LIMIT + (segment << 2));
}

/** @inline */
export function segmentBase(segment: u32): u64 {
  return load<u64>(SLOT_ES_BASE + (segment << 3), GPR);
}

/** @inline */
export function isProtectedMode(): bool {
  return (load<u64>(CR0) & CR0_PE) != 0;
}

/** @inline */
export function isVirtual8086(): bool {
  return (load<u32>(FLAGS_REST) & FLAG_VM) != 0;
}

/** @inline */
export function isLongMode(): bool {
  return load<u32>(LONG_MODE) != 0;
}

/** @inline */
export function is64BitCode(): bool {
  return load<u32>(CODE_SIZE) == 2;
}

/** True for a read-write, expand-up data segment with base 0 and limit 4 GiB. */
function isFlatData(segment: u32, slot: u32): bool {
  const access = segmentAccess(segment);
  return (
    (access & (AR_UNUSABLE | AR_P | AR_S | 0xe)) == (AR_P | AR_S | 2) &&
    load<u64>(slot, GPR) == 0 &&
    segmentLimit(segment) == 0xffffffff
  );
}

/** Recomputes everything derived from control registers and segments. */
export function updateMode(): void {
  const cr0 = load<u64>(CR0);
  const long = (load<u64>(EFER) & EFER_LMA) != 0;
  store<u32>(LONG_MODE, u32(long));
  let paging = PAGING_NONE;
  if ((cr0 & CR0_PG) != 0) {
    const cr4 = load<u64>(CR4);
    if ((cr4 & CR4_PAE) == 0) paging = PAGING_32;
    else if (!long) paging = PAGING_PAE;
    else paging = (cr4 & CR4_LA57) != 0 ? PAGING_5 : PAGING_4;
  }
  store<u32>(PAGING_MODE, paging);
  const trap = (cr0 & (CR0_EM | CR0_TS)) as u32;
  store<u32>(FPU_TRAP, trap);
  store<u32>(SSE_TRAP, trap | u32((load<u64>(CR4) & CR4_OSFXSR) == 0));
  updateSseMode();
  updateCodeMode();
  updateFrontContext();
}

/** Recomputes what the code, stack and data segments decide. */
export function updateCodeMode(): void {
  const long = load<u32>(LONG_MODE) != 0;
  const cs = segmentAccess(SEG_CS);
  const ss = segmentAccess(SEG_SS);
  if (long && (cs & AR_L) != 0) {
    store<u32>(CODE_SIZE, 2);
    store<u64>(ADDR_MASK, ~(0 as u64));
    store<u64>(STACK_MASK, ~(0 as u64));
    store<u64>(CODE_BASE, 0);
    store<u64>(CODE_KEY, ((2 | MODE_FLAT | MODE_FLAT_CODE) as u64) << 52);
    store<u32>(FETCH_VALID, 0);
    updateJumpContext();
    return;
  }
  const size = u32((cs & AR_DB) != 0);
  store<u32>(CODE_SIZE, size);
  store<u64>(ADDR_MASK, 0xffffffff);
  store<u64>(STACK_MASK, (ss & AR_DB) != 0 ? 0xffffffff : 0xffff);
  const base = load<u64>(SLOT_CS_BASE, GPR);
  store<u64>(CODE_BASE, base);
  let key = size;
  if (base == 0 && segmentLimit(SEG_CS) == 0xffffffff && size == 1) key |= MODE_FLAT_CODE;
  if (
    isProtectedMode() &&
    !isVirtual8086() &&
    (ss & AR_DB) != 0 &&
    isFlatData(SEG_DS, SLOT_DS_BASE) &&
    isFlatData(SEG_ES, SLOT_ES_BASE) &&
    isFlatData(SEG_SS, SLOT_SS_BASE)
  ) {
    key |= MODE_FLAT;
  }
  store<u64>(CODE_KEY, (key as u64) << 52);
  store<u32>(FETCH_VALID, 0);
  updateJumpContext();
}

/** Sets the privilege level. */
export function setCpl(cpl: u32): void {
  store<u32>(CPL, cpl);
  store<u32>(FETCH_VALID, 0);
  updateFrontContext();
}

/** Recomputes the reasons to execute one instruction at a time. */
export function updateSlowMode(): void {
  const flags = load<u32>(FLAGS_REST);
  let slow: u32 = 0;
  if ((flags & FLAG_TF) != 0) slow |= SLOW_TF;
  if ((flags & FLAG_RF) != 0) slow |= SLOW_RF;
  if ((load<u64>(DR + 56) & 0xff) != 0) slow |= SLOW_BREAKPOINTS;
  if ((load<u32>(M_HOOKS) & HOOK_INSTRUCTION) != 0) slow |= SLOW_HOOK;
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_MONITOR_TRAP_FLAG) != 0) slow |= SLOW_MTF;
  store<u32>(SLOW_MODE, slow);
  updateJumpContext();
}

/** Writes the bits of RFLAGS that `mask` selects, with all consequences. */
export function writeFlags(value: u32, mask: u32): void {
  if ((mask & FLAGS_ARITHMETIC) == FLAGS_ARITHMETIC) setArithmeticFlags(value);
  const rest = mask & ~FLAGS_ARITHMETIC;
  const old = load<u32>(FLAGS_REST);
  const next = (old & ~rest) | (value & rest);
  store<u32>(FLAGS_REST, next);
  const changed = old ^ next;
  if ((changed & FLAG_VM) != 0) updateMode();
  else if ((changed & FLAG_AC) != 0) updateFrontContext();
  if ((changed & (FLAG_TF | FLAG_RF)) != 0) updateSlowMode();
}

/**
 * Gives the current address space its numbers; after a change of CR3, CR4.PCIDE, VPID or EPTP, of
 * processor, and whenever a current number has been retired.
 */
export function updateSpace(): void {
  const cpu = load<u32>(CPU_INDEX);
  const vpid = load<u32>(VPID);
  const ep4ta = ep4taOf(load<u64>(EPTP));
  do {
    // When all numbers are taken back, those given out here before are taken, too.
    store<u32>(SPACE_EPOCH, spaceEpoch);
    store<u32>(SPACE_ID, internSpace(cpu, vpid, currentPcid(), ep4ta));
    store<u32>(SPACE_GLOBAL, internSpace(cpu, vpid, PCID_GLOBAL, ep4ta));
    if (ep4ta != 0) store<u32>(SPACE_PHYSICAL, internSpace(cpu, VPID_PHYSICAL, 0, ep4ta));
  } while (load<u32>(SPACE_EPOCH) != spaceEpoch);
  const stale = takeFrontStale(load<u32>(SPACE_ID));
  if (takeFrontStale(load<u32>(SPACE_GLOBAL)) || stale) clearFront();
  store<u32>(FETCH_VALID, 0);
  updateFrontContext();
}

/** True when CR3 is in use for linear addresses. @inline */
export function isPaging(): bool {
  return (load<u64>(CR0) & CR0_PG) != 0;
}

/** CR3 without the bits that are no address. @inline */
export function pageTableBase(): u64 {
  return load<u64>(CR3) & 0x000ffffffffff000;
}
