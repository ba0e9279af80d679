/**
 * Active VMCSs (SDM "Software Use of Virtual-Machine Control Structures"): a logical processor keeps
 * the data of those that it has made active, and memory has them only after a VMCLEAR. So a region
 * that is moved, read or made active elsewhere without a VMCLEAR shows what it held before.
 *
 * VMCS_SLOTS a processor, each a copy of a region as far as fields reach, and behind it
 *
 *   SLOT_HPA u64   address of the region, all ones when the slot is free
 *
 * The architecture lets a processor write data back at any time. This one does so at VMCLEAR, at
 * VMXOFF, and when all its slots are taken, in turn.
 */
import { CPU_INDEX, VMCS_CHECKED, VMCS_HPA, VMCS_NEXT_SLOT, VMCS_PTR } from "../generated/state";
import { M_CPUS, M_VMCS_SLOTS } from "../layout";
import { noteStore } from "../memory/code";
import { isLaunched, NO_VMCS, regionPointer, setLaunched } from "./vmcs";

/** Regions are used up to here: behind the last field. */
const VMCS_DATA_BYTES: u32 = 0x700;
const SLOT_HPA: u32 = VMCS_DATA_BYTES;
const VMCS_SLOT_BYTES: u32 = 0x800;
const VMCS_SLOTS: u32 = 8;
/** Revision identifier and abort indicator, which stay those of memory. */
const HEADER_BYTES: u32 = 8;

/** Bytes of the slots of one processor. */
export const VMCS_CACHE_BYTES: u32 = VMCS_SLOTS * VMCS_SLOT_BYTES;

/** @inline */
function slotAt(cpu: u32, index: u32): u32 {
  return load<u32>(M_VMCS_SLOTS) + cpu * VMCS_CACHE_BYTES + index * VMCS_SLOT_BYTES;
}

/** The slot of the current processor that holds the region at `hpa`, or 0. */
function findSlot(hpa: u64): u32 {
  const first = slotAt(load<u32>(CPU_INDEX), 0);
  for (let slot = first; slot < first + VMCS_CACHE_BYTES; slot += VMCS_SLOT_BYTES) {
    if (load<u64>(slot, SLOT_HPA) == hpa) return slot;
  }
  return 0;
}

/** Carries the data of `slot` to memory and frees it. */
function writeBack(slot: u32): void {
  const region = regionPointer(load<u64>(slot, SLOT_HPA));
  store<u64>(slot, NO_VMCS, SLOT_HPA);
  if (region == 0) return;
  memory.copy(region + HEADER_BYTES, slot + HEADER_BYTES, VMCS_DATA_BYTES - HEADER_BYTES);
  noteStore(region, VMCS_DATA_BYTES);
}

/** A free slot; the current VMCS keeps its own. */
function takeSlot(): u32 {
  const cpu = load<u32>(CPU_INDEX);
  for (let index: u32 = 0; index < VMCS_SLOTS; index++) {
    const slot = slotAt(cpu, index);
    if (load<u64>(slot, SLOT_HPA) == NO_VMCS) return slot;
  }
  let next = load<u32>(VMCS_NEXT_SLOT);
  if (slotAt(cpu, next % VMCS_SLOTS) == load<u32>(VMCS_PTR)) next++;
  store<u32>(VMCS_NEXT_SLOT, (next + 1) % VMCS_SLOTS);
  const slot = slotAt(cpu, next % VMCS_SLOTS);
  writeBack(slot);
  return slot;
}

/** Makes the VMCS at `hpa`, which is RAM, active. Returns a pointer to its data. */
export function activateVmcs(hpa: u64): u32 {
  const known = findSlot(hpa);
  if (known != 0) return known;
  const slot = takeSlot();
  memory.copy(slot, regionPointer(hpa), VMCS_DATA_BYTES);
  store<u64>(slot, hpa, SLOT_HPA);
  return slot;
}

/** Makes the region at `hpa` the current VMCS; NO_VMCS for none. */
export function setCurrentVmcs(hpa: u64): void {
  store<u32>(VMCS_PTR, hpa == NO_VMCS ? 0 : activateVmcs(hpa));
  store<u64>(VMCS_HPA, hpa);
  store<u32>(VMCS_CHECKED, 0);
}

/** VMCLEAR: the data are in memory, the launch state is clear, the VMCS is not active here. */
export function clearVmcs(hpa: u64): void {
  const slot = findSlot(hpa);
  if (slot != 0) {
    setLaunched(slot, false);
    writeBack(slot);
    return;
  }
  const region = regionPointer(hpa);
  if (region != 0 && isLaunched(region)) setLaunched(region, false);
}

/** VMXOFF: nothing stays active. */
export function writeBackAll(): void {
  const first = slotAt(load<u32>(CPU_INDEX), 0);
  for (let slot = first; slot < first + VMCS_CACHE_BYTES; slot += VMCS_SLOT_BYTES) {
    if (load<u64>(slot, SLOT_HPA) != NO_VMCS) writeBack(slot);
  }
}

/** Forgets all active VMCSs of all processors; for a machine that starts. */
export function resetVmcsCache(): void {
  const cpus = load<u32>(M_CPUS);
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    for (let index: u32 = 0; index < VMCS_SLOTS; index++) {
      store<u64>(slotAt(cpu, index), NO_VMCS, SLOT_HPA);
    }
  }
}
