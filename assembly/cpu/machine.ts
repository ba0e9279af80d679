/** The machine as a whole: placing the regions, switching between logical processors. */

import { flushArena } from "../decode/cache";
import { FLUSH_CONFIGURE } from "../generated/flush-operations";
import { CUR_REC, FETCH_VALID, GPR, SLOT_ZERO, SPACE_EPOCH, STATE_USED } from "../generated/state";
import {
  ARENA,
  CPU_SAVE,
  DYNAMIC,
  M_CPUS,
  M_CURRENT_CPU,
  M_FRAME_BLOCKS,
  M_FRAME_CODE,
  M_FRAME_FLAGS,
  M_FRAMES,
  M_PROVENANCE_REFS,
  M_RAM_BASE,
  M_TLB_ARRAYS,
  M_TLB_BASE,
  M_TLB_CPU_BYTES,
  M_VMCS_SLOTS,
  PROVENANCES_MAX,
  STATE,
  STATE_BYTES,
} from "../layout";
import { arraysBytes, describeArrays } from "../tlb/array";
import { resetFront, updateFrontContext } from "../tlb/front";
import { isSanitizing, noteFlush } from "../tlb/provenance";
import { resetSpaces, spaceEpoch } from "../tlb/space";
import { resetVmcsCache, VMCS_CACHE_BYTES } from "../vmx/vmcs-cache";
import { updateSpace } from "./mode";
import { resetProcessor } from "./reset";

/** @inline */
function align(value: u32, to: u32): u32 {
  return (value + to - 1) & ~(to - 1);
}

/**
 * Places the regions whose size depends on the machine, for `frames` frames of memory and `cpus`
 * logical processors; the rows of the geometry must be there, `tlbArrays` of them of the TLB.
 * Grows the memory and returns the address of the first frame, or 0 when there is not enough.
 */
export function configure(frames: u32, cpus: u32, tlbArrays: u32): u32 {
  store<u32>(M_TLB_ARRAYS, tlbArrays);
  describeArrays(tlbArrays);
  store<u32>(M_CPUS, cpus);
  store<u32>(M_FRAMES, frames);
  let at: u32 = DYNAMIC;
  const perCpu = align(arraysBytes(), 64);
  store<u32>(M_TLB_BASE, at);
  store<u32>(M_TLB_CPU_BYTES, perCpu);
  at = align(at + perCpu * cpus, 4096);
  if (isSanitizing()) {
    store<u32>(M_PROVENANCE_REFS, at);
    at += PROVENANCES_MAX * 2;
  }
  store<u32>(M_VMCS_SLOTS, at);
  at = align(at + VMCS_CACHE_BYTES * cpus, 4096);
  store<u32>(M_FRAME_FLAGS, at);
  at = align(at + frames, 4096);
  store<u32>(M_FRAME_CODE, at);
  at = align(at + frames * 8, 4096);
  store<u32>(M_FRAME_BLOCKS, at);
  at = align(at + frames * 4, 0x10000);
  store<u32>(M_RAM_BASE, at);
  const end = (at as u64) + ((frames as u64) << 12);
  if (end > 0x100000000) return 0;
  const pages = (end >> 16) as i32;
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return 0;
  return at;
}

/** Power-up of every logical processor. */
export function resetAll(): void {
  resetSpaces();
  resetFront();
  flushArena();
  resetVmcsCache();
  const cpus = load<u32>(M_CPUS);
  for (let cpu = cpus; cpu > 0; cpu--) {
    resetProcessor(cpu - 1);
    store<u64>(SLOT_ZERO, 0, GPR);
    store<u32>(SPACE_EPOCH, spaceEpoch);
    store<u32>(M_CURRENT_CPU, cpu - 1);
    if (cpu > 1) memory.copy(CPU_SAVE + (cpu - 1) * STATE_BYTES, STATE, STATE_USED);
  }
  noteFlush(FLUSH_CONFIGURE, 0, 0, 0, 0, 0);
}

/** Makes logical processor `cpu` the current one. */
export function switchProcessor(cpu: u32): void {
  const current = load<u32>(M_CURRENT_CPU);
  if (current == cpu) return;
  memory.copy(CPU_SAVE + current * STATE_BYTES, STATE, STATE_USED);
  memory.copy(STATE, CPU_SAVE + cpu * STATE_BYTES, STATE_USED);
  store<u32>(M_CURRENT_CPU, cpu);
  store<u32>(CUR_REC, 0);
  store<u32>(FETCH_VALID, 0);
  // The numbers in the tags of the front caches may have been given out anew.
  updateFrontContext();
  // All numbers of address spaces may have been taken back meanwhile.
  if (load<u32>(SPACE_EPOCH) != spaceEpoch) {
    store<u32>(SPACE_EPOCH, spaceEpoch);
    updateSpace();
  }
}

/** Start of the arena of decoded records, for tests. */
export function arenaAddress(): u32 {
  return ARENA;
}
