/**
 * The run loop of one logical processor: events, entering blocks, leaving them, single steps, and
 * the delivery of exceptions. `execute` (generated/dispatch.ts) runs the records in between.
 */
import { decodeBlock, decodeMode, nextPageWithinLimit } from "../decode/block";
import {
  B_CROSSING,
  B_END,
  B_OTHER,
  B_START,
  blockKey,
  CROSSING,
  dropBlock,
  findBlock,
  HEADER_BYTES,
} from "../decode/cache";
import { MODE_FLAT_CODE, MODE_SINGLE } from "../decode/decoder";
import {
  AGAIN,
  DONE,
  leftOf,
  lengthOf,
  REC_COUNT,
  REC_DISP,
  REC_JUMP,
  REC_OFF,
  REC_OP,
  REC_TARGET,
  SIZE_16,
  sizeOf,
} from "../decode/record";
import { OP_PATCH } from "../generated/decode-tables";
import { execute } from "../generated/dispatch";
import {
  ACTIVITY,
  ADDR_MASK,
  CODE_BASE,
  CODE_HPA,
  CODE_KEY,
  CODE_SIZE,
  CUR_REC,
  EVENT_INIT,
  EVENT_INTR,
  EVENT_NMI,
  EVENT_RESCHEDULE,
  EVENT_SIPI,
  EVENT_STOP,
  EVENTS,
  EXIT_LENGTH,
  FAULT_KIND,
  FETCH_VALID,
  FLAGS_REST,
  GPR,
  INTERRUPTIBILITY,
  L0_HOST,
  PENDING_DEBUG,
  REMAINING,
  RIP,
  SHADOW_NEW,
  SLOT_PAGE_LINEAR,
  SLOW_MODE,
  TF_AT_END,
  TICKS_NOT_RETIRED,
  VMX_OPERATION,
} from "../generated/state";
import { acknowledgeInterrupt, initDone, onInstruction } from "../host";
import { M_PATCH_OP, M_PATCH_REC, M_TLB_ARRAYS } from "../layout";
import { lastStale, NO_PAGE, translateFetch } from "../memory/access";
import { frameOf, ramPointer } from "../memory/physical";
import { isCanonical } from "../paging/walk";
import { F_HPA, F_READ, fetchEntry, fillFetchFront, frontContext } from "../tlb/front";
import { noteMonitorTrap, serveGuestEvents } from "../vmx/events";
import { endSliceAtDeadline } from "../vmx/timer";
import { isNonRoot, VMX_OUTSIDE, VMX_ROOT } from "../vmx/vmcs";
import { DR6_BS, instructionBreakpoints } from "./debug";
import {
  isFaulted,
  KIND_EXTERNAL,
  KIND_NMI,
  KIND_SOFTWARE_EXCEPTION,
  KIND_SOFTWARE_INTERRUPT,
  KIND_TYPE_MASK,
  KIND_VM_EXIT,
  raiseDb,
  raiseGp,
  VECTOR_NMI,
} from "./fault";
import { FLAG_IF, FLAG_RF, FLAG_TF } from "./flags";
import {
  ACTIVE,
  deliverFault,
  HALTED,
  MWAITING,
  raiseEvent,
  SHUTDOWN,
  WAIT_FOR_SIPI,
} from "./interrupt";
import { lookupJump, rememberJump, suspendJumpCache, updateJumpContext } from "./jump-cache";
import { SEG_CS, SLOW_BREAKPOINTS, SLOW_HOOK, SLOW_MTF, segmentLimit, writeFlags } from "./mode";
import { initProcessor, startProcessor } from "./reset";

/** Why `run` came back. */
export const STOP_SLICE: u32 = 0;
export const STOP_IDLE: u32 = 1;
export const STOP_SHUTDOWN: u32 = 2;
export const STOP_REQUEST: u32 = 3;
export const STOP_RESCHEDULE: u32 = 4;
export const STOP_HOOK: u32 = 5;
/** A VM exit whose host is L0 (vmx/host.ts). */
export const STOP_VM_EXIT: u32 = 6;

const SHADOWS: u32 = 3;
const KEY_SINGLE: u64 = (MODE_SINGLE as u64) << 52;
const NMI_BLOCKED: u32 = 8;
const SHADOW_MOV_SS: u32 = 2;

/** RIP of the instruction of `rec`. */
export function ripOf(rec: u32): u64 {
  const page = load<u64>(SLOT_PAGE_LINEAR, GPR);
  return (page + (load<u16>(rec, REC_OFF) as u64) - load<u64>(CODE_BASE)) & load<u64>(ADDR_MASK);
}

/** RIP of the instruction behind that of `rec`. @inline */
export function nextRipOf(rec: u32): u64 {
  return (ripOf(rec) + (lengthOf(rec) as u64)) & load<u64>(ADDR_MASK);
}

/** @inline */
function addRemaining(change: i32): void {
  store<i32>(REMAINING, load<i32>(REMAINING) + change);
}

/** Leaves the block at an instruction that did not retire. */
function leaveAt(rec: u32): void {
  addRemaining(leftOf(rec));
  store<u64>(RIP, ripOf(rec));
}

/**
 * VM exits by an access to memory leave the instruction length undefined by the SDM; processors give
 * that of the instruction, and hypervisors step over it by that.
 */
function noteExitLength(rec: u32): void {
  if ((load<u32>(FAULT_KIND) & KIND_TYPE_MASK) != KIND_VM_EXIT) return;
  if (load<u32>(EXIT_LENGTH) == 0) store<u32>(EXIT_LENGTH, lengthOf(rec));
}

/** `rec` raised an exception or caused a VM exit. */
export function leaveFaulted(rec: u32): void {
  leaveAt(rec);
  noteExitLength(rec);
}

/** `rec` is to be executed (again) after a look-up: stale, the end of a block, or a repetition. */
export function leaveAgain(rec: u32): void {
  leaveAt(rec);
}

/** Leaves at a record that was patched to stop here; takes the patch back. */
export function leavePatched(rec: u32): void {
  unpatch();
  leaveAt(rec);
}

/** Set when an instruction has done a part of its repetitions. */
let repeats: bool = false;

/** Leaves after an execute function returned `status`. */
export function leave(rec: u32, status: u32): void {
  if (status == DONE) {
    addRemaining(leftOf(rec) - (load<u8>(rec, REC_COUNT) as i32));
  } else {
    leaveAt(rec);
    if (status != AGAIN) {
      noteExitLength(rec);
      return;
    }
    repeats = true;
    tickUnretired();
  }
}

/** A block whose instructions the slice has no room for: leaves before it. */
export function leaveUnstarted(rec: u32, remaining: i32): void {
  store<i32>(REMAINING, remaining + leftOf(rec));
  store<u64>(RIP, ripOf(rec));
}

/** Time passes without an instruction retiring: a chunk of a repetition, an event. */
function tickUnretired(): void {
  addRemaining(-1);
  store<u64>(TICKS_NOT_RETIRED, load<u64>(TICKS_NOT_RETIRED) + 1);
}

/** Makes the record behind `rec` leave its block, so that an event is looked at in time. */
export function stopAfter(rec: u32): void {
  if (rec == 0) return;
  unpatch();
  const next = rec + 32;
  store<u32>(M_PATCH_REC, next);
  store<u32>(M_PATCH_OP, load<u16>(next, REC_OP) as u32);
  store<u16>(next, OP_PATCH as u16, REC_OP);
}

function unpatch(): void {
  const rec = load<u32>(M_PATCH_REC);
  if (rec == 0) return;
  store<u16>(rec, load<u32>(M_PATCH_OP) as u16, REC_OP);
  store<u32>(M_PATCH_REC, 0);
}

/**
 * The record that a taken jump at `rec` leads to; REMAINING has been settled. Returns 0 with RIP set
 * when the block must be left, be it for an exception.
 */
export function resolveJump(rec: u32): u32 {
  const count = load<u8>(rec, REC_COUNT) as u32;
  const behind = ripOf(rec) + (lengthOf(rec) as u64);
  let rip = behind + (load<i32>(rec, REC_JUMP) as i64 as u64);
  if (count == 0) rip = behind;
  if (!checkTarget(rec, rip)) {
    // Of a fused pair the compare has retired.
    addRemaining(count != 0 ? 1 : 0);
    store<u64>(RIP, (ripOf(rec) + (load<u32>(rec, REC_DISP) as u64)) & load<u64>(ADDR_MASK));
    return 0;
  }
  store<u64>(RIP, target);
  const page = load<u64>(SLOT_PAGE_LINEAR, GPR);
  const next = enterCached();
  if (next != 0 && load<u64>(SLOT_PAGE_LINEAR, GPR) == page && canLink(next)) {
    store<u32>(rec, next, REC_TARGET);
  }
  return next;
}

/** A record may be linked to when reaching it needs no check: flat code, not crossing a page. */
function canLink(rec: u32): bool {
  if ((decodeMode() & MODE_FLAT_CODE) == 0) return false;
  return load<u16>(rec - HEADER_BYTES, B_CROSSING) == 0;
}

let target: u64 = 0;

/** Truncates a near jump target to the operand size and checks it; raises #GP(0). */
function checkTarget(rec: u32, rip: u64): bool {
  if (load<u32>(CODE_SIZE) == 2) {
    target = rip;
    if (isCanonical(rip)) return true;
    raiseGp(0);
    return false;
  }
  const single = load<u8>(rec, REC_COUNT) == 1;
  target = single && sizeOf(rec) == SIZE_16 ? rip & 0xffff : rip & 0xffffffff;
  if (target <= (segmentLimit(SEG_CS) as u64)) return true;
  raiseGp(0);
  return false;
}

/** Checks the target of the near CALL at `rec` before the return address is pushed. */
export function checkCallTarget(rec: u32): bool {
  if (load<u32>(rec, REC_TARGET) != 0) return true;
  return checkTarget(rec, nextRipOf(rec) + (load<i32>(rec, REC_JUMP) as i64 as u64));
}

/** Makes RIP the target of the relative jump at `rec`; false with #GP raised. */
export function resolveNear(rec: u32): bool {
  if (!checkTarget(rec, nextRipOf(rec) + (load<i32>(rec, REC_JUMP) as i64 as u64))) return false;
  store<u64>(RIP, target);
  return true;
}

/** Checks an indirect near target of operand size `size` and makes it RIP. Returns FAULTED or 0. */
export function jumpTo(rip: u64, size: u32): u32 {
  if (load<u32>(CODE_SIZE) == 2) {
    if (!isCanonical(rip)) return raiseGp(0);
    store<u64>(RIP, rip);
    return 0;
  }
  const masked = size == SIZE_16 ? rip & 0xffff : rip & 0xffffffff;
  if (masked > (segmentLimit(SEG_CS) as u64)) return raiseGp(0);
  store<u64>(RIP, masked);
  return 0;
}

/** Enters the block at RIP from within a slice, or returns 0 where the run loop must look first. */
function enterNext(): u32 {
  if ((load<u32>(SLOW_MODE) | (load<u32>(INTERRUPTIBILITY) & SHADOWS)) != 0) return 0;
  return enterBlock();
}

/** After an indirect jump at `rec` has set RIP: the first record there, charged; or 0. */
export function enterAfter(rec: u32): u32 {
  const remaining = load<i32>(REMAINING) + leftOf(rec) - 1;
  store<i32>(REMAINING, remaining);
  const next = enterCached();
  if (next == 0) return 0;
  const left = leftOf(next);
  if (remaining < left) return 0;
  store<i32>(REMAINING, remaining - left);
  return next;
}

/** `enterNext` through the jump cache. */
function enterCached(): u32 {
  const rip = load<u64>(RIP);
  const known = lookupJump(rip);
  if (known != 0) return known;
  const next = enterNext();
  if (next != 0 && canLink(next)) rememberJump(rip, next);
  return next;
}

/** First record of the block at RIP, decoding it where needed; 0 with an exception raised. */
function enterBlock(): u32 {
  // The limit goes before a page fault.
  if ((decodeMode() & MODE_FLAT_CODE) == 0 && load<u64>(RIP) > (segmentLimit(SEG_CS) as u64)) {
    raiseGp(0);
    return 0;
  }
  const gla = (load<u64>(RIP) + load<u64>(CODE_BASE)) & load<u64>(ADDR_MASK);
  const page = gla & ~0xfff;
  if (load<u32>(FETCH_VALID) == 0 || load<u64>(SLOT_PAGE_LINEAR, GPR) != page) {
    if (!fetchPage(gla, page)) return 0;
  }
  const offset = (gla as u32) & 0xfff;
  let rec = blockAt(offset);
  if (rec == 0 || (decodeMode() & MODE_FLAT_CODE) != 0 || withinLimit(rec)) return rec;
  if ((decodeMode() & MODE_SINGLE) == 0) {
    const key = load<u64>(CODE_KEY);
    store<u64>(CODE_KEY, key | KEY_SINGLE);
    rec = blockAt(offset);
    store<u64>(CODE_KEY, key);
    if (rec == 0 || withinLimit(rec)) return rec;
  }
  raiseGp(0);
  return 0;
}

/** The block at page offset `offset` of the current page, from the cache or newly decoded. */
function blockAt(offset: u32): u32 {
  const rec = findBlock(blockKey(offset));
  if (rec != 0) {
    if (load<u16>(rec - HEADER_BYTES, B_CROSSING) == 0 || crossingHolds(rec)) return rec;
    if (isFaulted()) return 0;
    dropBlock(rec - HEADER_BYTES);
  }
  return decodeBlock(offset);
}

/** Translates the page of the next instruction. */
function fetchPage(gla: u64, page: u64): bool {
  const entry = fetchEntry(gla);
  let hpa: u64;
  let stale = false;
  if (load<u64>(entry, F_READ) == (page | frontContext())) {
    hpa = load<u64>(entry, F_HPA);
  } else {
    hpa = translateFetch(gla);
    if (hpa == NO_PAGE) return false;
    stale = lastStale;
    if (load<u32>(M_TLB_ARRAYS) != 0 && !stale) fillFetchFront(gla, hpa);
  }
  store<u64>(SLOT_PAGE_LINEAR, page, GPR);
  store<u64>(CODE_HPA, hpa);
  store<u32>(FETCH_VALID, u32(!stale));
  return true;
}

/** True when the second page of a crossing instruction is still where it was. */
function crossingHolds(rec: u32): bool {
  const block = rec - HEADER_BYTES;
  if (load<u16>(block, B_CROSSING) != (CROSSING as u16)) return true;
  if (!nextPageWithinLimit(load<u16>(block, B_START))) return false;
  const next = (load<u64>(SLOT_PAGE_LINEAR, GPR) + 0x1000) & load<u64>(ADDR_MASK);
  const hpa = translateFetch(next);
  if (hpa == NO_PAGE) return false;
  const host = ramPointer(hpa);
  return host != 0 && frameOf(host) == load<u32>(block, B_OTHER);
}

/** True when all bytes of the block lie within the limit of the code segment. */
function withinLimit(rec: u32): bool {
  const limit = segmentLimit(SEG_CS) as u64;
  const block = rec - HEADER_BYTES;
  const rip = load<u64>(RIP);
  const own = (load<u16>(block, B_END) - load<u16>(block, B_START)) as u64;
  const bytes =
    load<u16>(block, B_CROSSING) == (CROSSING as u16) ? (lengthOf(lastRecord(rec)) as u64) : own;
  return rip <= limit && rip + bytes - 1 <= limit;
}

/** The record that carries the instruction of a single-instruction block. @inline */
function lastRecord(rec: u32): u32 {
  return load<u8>(rec, REC_COUNT) == 0 ? rec + 32 : rec;
}

/** Enters a block of one instruction at RIP. */
function enterSingle(): u32 {
  const key = load<u64>(CODE_KEY);
  store<u64>(CODE_KEY, key | KEY_SINGLE);
  const rec = enterBlock();
  store<u64>(CODE_KEY, key);
  return rec;
}

/** Executes records; outside, no record is current. @inline */
function runRecords(rec: u32): void {
  execute(rec);
  store<u32>(CUR_REC, 0);
}

/** True just behind a load of SS, where debug traps wait for the next instruction. */
function holdsTraps(): bool {
  return (load<u32>(INTERRUPTIBILITY) & SHADOW_MOV_SS) != 0;
}

/** Executes exactly one instruction, with everything that must be looked at around it. */
function step(): u32 {
  const slow = load<u32>(SLOW_MODE);
  if ((slow & SLOW_HOOK) != 0 && onInstruction() != 0) return STOP_HOOK;
  const flags = load<u32>(FLAGS_REST);
  const gla = (load<u64>(RIP) + load<u64>(CODE_BASE)) & load<u64>(ADDR_MASK);
  const shadowed = (load<u32>(INTERRUPTIBILITY) & SHADOW_MOV_SS) != 0;
  if ((slow & SLOW_BREAKPOINTS) != 0 && (flags & FLAG_RF) == 0 && !shadowed) {
    const hits = instructionBreakpoints(gla);
    if (hits != 0) {
      raiseDb(hits as u64, true);
      return STOP_SLICE;
    }
  }
  const rec = enterSingle();
  if (rec == 0) return STOP_SLICE;
  if ((flags & FLAG_RF) != 0) writeFlags(0, FLAG_RF);
  store<u32>(SHADOW_NEW, 0);
  store<u32>(TF_AT_END, 0);
  addRemaining(-1);
  repeats = false;
  // Jumps must come back here.
  suspendJumpCache();
  runRecords(rec);
  updateJumpContext();
  if (isFaulted()) {
    if ((flags & FLAG_RF) != 0) writeFlags(FLAG_RF, FLAG_RF);
    // A debug trap held back by a load of SS comes behind INT n and INT3; a fault loses it, and a VM
    // exit saves it.
    const type = load<u32>(FAULT_KIND) & KIND_TYPE_MASK;
    if (
      type != KIND_SOFTWARE_INTERRUPT &&
      type != KIND_SOFTWARE_EXCEPTION &&
      type != KIND_VM_EXIT
    ) {
      store<u32>(PENDING_DEBUG, 0);
    }
    return STOP_SLICE;
  }
  // A repetition that goes on must not meet its breakpoint again.
  if (repeats && (slow & SLOW_BREAKPOINTS) != 0) writeFlags(FLAG_RF, FLAG_RF);
  if (load<u32>(SHADOW_NEW) == 0) {
    store<u32>(INTERRUPTIBILITY, load<u32>(INTERRUPTIBILITY) & ~SHADOWS);
  }
  // Not behind the VMLAUNCH that has just set the flag.
  if ((slow & SLOW_MTF) != 0) noteMonitorTrap();
  // A trap flag that was set before the instruction traps behind it; not behind a load of SS.
  if ((flags & FLAG_TF) != 0 && load<u32>(TF_AT_END) == 0 && !holdsTraps()) {
    store<u32>(PENDING_DEBUG, load<u32>(PENDING_DEBUG) | DR6_BS);
  }
  return STOP_SLICE;
}

/** Serves pending events in order of priority. Returns a reason to stop, or STOP_SLICE. */
function serveEvents(): u32 {
  const events = load<u32>(EVENTS);
  if ((events & EVENT_STOP) != 0) {
    store<u32>(EVENTS, events & ~EVENT_STOP);
    return STOP_REQUEST;
  }
  if ((events & EVENT_RESCHEDULE) != 0) {
    store<u32>(EVENTS, events & ~EVENT_RESCHEDULE);
    return STOP_RESCHEDULE;
  }
  // VMX operation holds INIT back.
  if ((events & EVENT_INIT) != 0 && load<u32>(VMX_OPERATION) == VMX_OUTSIDE) {
    initProcessor();
    initDone();
    return STOP_SLICE;
  }
  const activity = load<u32>(ACTIVITY);
  if ((events & EVENT_SIPI) != 0) {
    store<u32>(EVENTS, events & ~EVENT_SIPI);
    if (activity == WAIT_FOR_SIPI) startProcessor();
    return STOP_SLICE;
  }
  if (activity == WAIT_FOR_SIPI || activity == SHUTDOWN) return STOP_SLICE;
  const blocking = load<u32>(INTERRUPTIBILITY);
  if ((events & EVENT_NMI) != 0 && (blocking & (NMI_BLOCKED | SHADOWS)) == 0) {
    store<u32>(EVENTS, events & ~EVENT_NMI);
    raiseEvent(VECTOR_NMI, KIND_NMI);
    return STOP_SLICE;
  }
  if (
    (events & EVENT_INTR) != 0 &&
    (blocking & SHADOWS) == 0 &&
    (load<u32>(FLAGS_REST) & FLAG_IF) != 0
  ) {
    const vector = acknowledgeInterrupt();
    if (vector >= 0) raiseEvent(vector, KIND_EXTERNAL);
  }
  return STOP_SLICE;
}

/** Runs until the slice is used up or something asks for the host. Returns a STOP_* reason. */
export function runLoop(): u32 {
  if (isNonRoot()) endSliceAtDeadline();
  while (true) {
    if (isNonRoot()) {
      if (!isFaulted()) {
        const reason = serveGuestEvents();
        if (reason != STOP_SLICE) return reason;
      }
    } else if (!isFaulted()) {
      const debug = load<u32>(PENDING_DEBUG);
      if (debug != 0 && !holdsTraps()) {
        store<u32>(PENDING_DEBUG, 0);
        raiseDb(debug as u64, false);
      } else if (load<u32>(EVENTS) != 0) {
        const reason = serveEvents();
        if (reason != STOP_SLICE) return reason;
      }
    }
    if (isFaulted()) {
      deliverFault();
      tickUnretired();
      if (load<u32>(L0_HOST) != 0 && load<u32>(VMX_OPERATION) == VMX_ROOT) return STOP_VM_EXIT;
      // Delivery of an event ends on a boundary of its own.
      if (isNonRoot()) continue;
    }
    const activity = load<u32>(ACTIVITY);
    if (activity != ACTIVE) {
      if (activity == SHUTDOWN) return STOP_SHUTDOWN;
      if (activity == HALTED || activity == MWAITING || activity == WAIT_FOR_SIPI) return STOP_IDLE;
    }
    if (load<i32>(REMAINING) <= 0) return STOP_SLICE;
    if ((load<u32>(SLOW_MODE) | (load<u32>(INTERRUPTIBILITY) & SHADOWS)) != 0) {
      const reason = step();
      if (reason != STOP_SLICE) return reason;
      continue;
    }
    let rec = enterBlock();
    if (rec != 0 && load<i32>(REMAINING) < leftOf(rec)) rec = enterSingle();
    if (rec == 0) continue;
    addRemaining(-leftOf(rec));
    runRecords(rec);
  }
}
