/** Access of the host to the current processor and to memory, with the same consequences as stores. */

import {
  FLUSH_CONFIGURE,
  FLUSH_HOST_STATE,
  FLUSH_VM_ENTRY,
  FLUSH_VM_EXIT,
} from "../generated/flush-operations";
import {
  ADDR_MASK,
  CODE_BASE,
  CUR_REC,
  MXCSR,
  RIP,
  SPACE_EPOCH,
  VMCS_CHECKED,
  VMX_OPERATION,
  XMM,
} from "../generated/state";
import { M_HOOKS } from "../layout";
import { translate } from "../memory/access";
import { noteStoreRange } from "../memory/code";
import { ramPointer } from "../memory/physical";
import { probe } from "../paging/probe";
import { noteWriteSize } from "../paging/spp";
import { ACCESS_IMPLICIT, isCanonical } from "../paging/walk";
import { clearFront, frontRightsLoaded, noteFrontRights } from "../tlb/front";
import { flushVpid0AtTransition, invalidateAll } from "../tlb/invalidate";
import { noteFlush } from "../tlb/provenance";
import { resetSpaces, spaceEpoch } from "../tlb/space";
import { VMX_NON_ROOT } from "../vmx/vmcs";
import { getFlags } from "./flags";
import { loadFpuImage, setMxcsr, storeFpuImage } from "./fpu-state";
import { updateMode, updateSlowMode, updateSpace, writeFlags } from "./mode";
import { MXCSR_DEFINED, updateSseMode } from "./mxcsr";
import { initProcessor } from "./reset";
import { ripOf } from "./run";

/** To be called after the host has written registers of the current processor directly. */
export function applyState(): void {
  updateMode();
  updateSpace();
  updateSlowMode();
  updateSseMode();
  clearFront();
  noteFrontRights();
  invalidateAll(FLUSH_HOST_STATE);
  // A guest's state may be any now.
  store<u32>(VMCS_CHECKED, 0);
}

/**
 * The same after a change of registers alone: what CR3, CR0 and CR4 say about translations is as it
 * was, so that the caches of translations stay.
 */
export function refreshState(): void {
  updateMode();
  updateSlowMode();
  updateSseMode();
}

/** Loads x87, XMM and MXCSR from the 512-byte FXSAVE image (REX.W format) at pointer `from`. */
export function loadFloating(from: u32): void {
  loadFpuImage(from, true);
  memory.copy(XMM, from + 160, 256);
  setMxcsr(load<u32>(from, 24));
}

/** Writes such an image to pointer `to`. */
export function storeFloating(to: u32): void {
  storeFpuImage(to, true);
  memory.copy(to + 160, XMM, 256);
  store<u32>(to, load<u32>(MXCSR), 24);
  store<u32>(to, MXCSR_DEFINED, 28);
}

/** Pointer to the RAM at host-physical address hi:lo, or 0. */
export function hostRead(lo: u32, hi: u32): u32 {
  return ramPointer(((hi as u64) << 32) | (lo as u64));
}

/** To be called after the host has stored `bytes` at RAM pointer `host`. */
export function hostWritten(host: u32, bytes: u32): void {
  noteStoreRange(host, bytes);
}

/** RFLAGS of the current processor. */
export function readFlags(): u32 {
  return getFlags();
}

/** Sets RFLAGS of the current processor. */
export function setFlagsWord(value: u32): void {
  writeFlags(value, 0x3f7fd5);
}

/** Chooses which hooks the core calls: HOOK_* bits. */
export function setHooks(hooks: u32): void {
  store<u32>(M_HOOKS, hooks);
  updateSlowMode();
}

/**
 * Translates a linear address of the current processor by its page tables and, under EPT, by those,
 * as a supervisor read. Leaves no trace: no flag is set and no exit is noted.
 * Returns 1 with the host-physical address in RESULT, or 0.
 */
export function translateLinear(lo: u32, hi: u32): u32 {
  const gla = ((hi as u64) << 32) | (lo as u64);
  if (!isCanonical(gla)) return 0;
  if (!probe(gla, ACCESS_IMPLICIT)) return 0;
  return 1;
}

/**
 * Carries out the translation of one access by the current processor, with all that an instruction
 * would meet: `access` holds ACCESS_* bits, `bytes` the size of a write. Returns a pointer to RAM, 1
 * where no RAM is, or 0 with the exception or VM exit noted in the state.
 */
export function translateAs(lo: u32, hi: u32, access: u32, bytes: u32): u32 {
  noteWriteSize(bytes);
  return translate(((hi as u64) << 32) | (lo as u64), access);
}

/**
 * To be called after the host has moved the processor between VMX root and non-root operation, or
 * to another guest: what is cached stays, but for VPID 0 when `flush` says so.
 */
export function switchContext(flush: u32): void {
  if (flush != 0) {
    const guest = load<u32>(VMX_OPERATION) == VMX_NON_ROOT;
    flushVpid0AtTransition(guest ? FLUSH_VM_ENTRY : FLUSH_VM_EXIT);
  }
  updateMode();
  updateSlowMode();
  updateSpace();
  frontRightsLoaded(load<u32>(VMX_OPERATION) == VMX_NON_ROOT);
}

/** Linear address of the instruction being executed, or of the next one between instructions. */
export function currentRip(): u64 {
  const rec = load<u32>(CUR_REC);
  const rip = rec != 0 ? ripOf(rec) : load<u64>(RIP);
  return (rip + load<u64>(CODE_BASE)) & load<u64>(ADDR_MASK);
}

/** Drops every cached translation of every processor; after a change of A20. */
export function dropTranslations(): void {
  resetSpaces();
  clearFront();
  store<u32>(SPACE_EPOCH, spaceEpoch);
  updateSpace();
  noteFlush(FLUSH_CONFIGURE, 0, 0, 0, 0, 0);
}

/** Puts the current processor into the state after INIT. */
export function restartProcessor(): void {
  initProcessor();
}
