/** Memory as an emulated instruction reads and writes it: linear addresses, RAM or devices. */
import type { AccessSize } from "../../devices/device.ts";
import { PAGE_BYTES } from "../frames.ts";
import { REQ } from "../requests.ts";
import type { Vcpu } from "../vcpu.ts";
import { gvaToGpa } from "./walk.ts";

const MASK_64 = 0xffff_ffff_ffff_ffffn;

/** True where L1 sees no RAM: no slot, or the slot of L0's own APIC page. */
function isDevice(vcpu: Vcpu, gpa: number, write: boolean): boolean {
  const slot = vcpu.vm.slotOf(Math.floor(gpa / PAGE_BYTES));
  if (slot === undefined || (write && slot.readOnly)) return true;
  return slot === vcpu.vm.apicAccessSlot();
}

/** Reads `size` bytes at `gla`; undefined with a page fault queued. */
export function readLinear(vcpu: Vcpu, gla: bigint, size: number): bigint | undefined {
  const user = vcpu.cpl === 3;
  const first = Math.min(size, PAGE_BYTES - Number(gla & 0xfffn));
  const low = gvaToGpa(vcpu, gla, { write: false, fetch: false, user });
  if (low === undefined) return undefined;
  if (first === size) return readPhysical(vcpu, low, size);
  const next = (gla + BigInt(first)) & MASK_64;
  const high = gvaToGpa(vcpu, next, { write: false, fetch: false, user });
  if (high === undefined) return undefined;
  const rest = readPhysical(vcpu, high, size - first);
  return readPhysical(vcpu, low, first) | (rest << BigInt(first * 8));
}

/** True when `size` bytes at `gla` may be written; false with a page fault queued. */
export function mayWrite(vcpu: Vcpu, gla: bigint, size: number): boolean {
  const access = { write: true, fetch: false, user: vcpu.cpl === 3 };
  if (gvaToGpa(vcpu, gla, access) === undefined) return false;
  const last = (gla + BigInt(size - 1)) & MASK_64;
  return last >> 12n === gla >> 12n || gvaToGpa(vcpu, last, access) !== undefined;
}

/** Writes `size` bytes at `gla`; false with a page fault queued, and nothing written. */
export function writeLinear(vcpu: Vcpu, gla: bigint, size: number, value: bigint): boolean {
  const access = { write: true, fetch: false, user: vcpu.cpl === 3 };
  const first = Math.min(size, PAGE_BYTES - Number(gla & 0xfffn));
  const low = gvaToGpa(vcpu, gla, access);
  if (low === undefined) return false;
  if (first === size) {
    writePhysical(vcpu, low, size, value);
    return true;
  }
  const high = gvaToGpa(vcpu, (gla + BigInt(first)) & MASK_64, access);
  if (high === undefined) return false;
  writePhysical(vcpu, low, first, value);
  writePhysical(vcpu, high, size - first, value >> BigInt(first * 8));
  return true;
}

const partOf = (rest: number): AccessSize => (rest >= 4 ? 4 : rest >= 2 ? 2 : 1);

function readPhysical(vcpu: Vcpu, gpa: number, size: number): bigint {
  let value = 0n;
  if (isDevice(vcpu, gpa, false)) {
    for (let done = 0; done < size; ) {
      const part = partOf(size - done);
      const read = vcpu.userspace.readMmio(vcpu.index, gpa + done, part);
      vcpu.vm.trace?.mmio(false, gpa + done, part, read >>> 0);
      value |= BigInt(read >>> 0) << BigInt(done * 8);
      done += part;
    }
    return value;
  }
  const at = vcpu.vm.guestByte(gpa, false);
  const { u8 } = vcpu.hw.core;
  for (let i = 0; i < size; i++) value |= BigInt(u8[at + i]!) << BigInt(i * 8);
  return value;
}

function writePhysical(vcpu: Vcpu, gpa: number, size: number, value: bigint): void {
  if (isDevice(vcpu, gpa, true)) {
    for (let done = 0; done < size; ) {
      const part = partOf(size - done);
      const mask = (1n << BigInt(part * 8)) - 1n;
      const written = Number((value >> BigInt(done * 8)) & mask);
      vcpu.vm.trace?.mmio(true, gpa + done, part, written);
      vcpu.userspace.writeMmio(vcpu.index, gpa + done, part, written);
      done += part;
    }
    return;
  }
  const at = vcpu.vm.guestByte(gpa, true);
  const { u8, exports } = vcpu.hw.core;
  for (let i = 0; i < size; i++) u8[at + i] = Number((value >> BigInt(i * 8)) & 0xffn);
  exports.hostWritten(at, size);
  noteTableWrite(vcpu, gpa, size);
}

/** A write to a table of EPT12: EPT02 follows before the guest goes on (kvm_page_track_write). */
function noteTableWrite(vcpu: Vcpu, gpa: number, bytes: number): void {
  if (!vcpu.vm.shadow.isShadowed(Math.floor(gpa / PAGE_BYTES))) return;
  vcpu.tableWrites.push({ gpa, bytes });
  vcpu.makeRequest(REQ.mmuTrackWrite);
}

/** Up to 15 bytes of code at linear address `gla`; fewer where the next page cannot be fetched. */
export function fetchCode(vcpu: Vcpu, gla: bigint, into: Uint8Array): number {
  const access = { write: false, fetch: true, user: vcpu.cpl === 3 };
  const first = Math.min(into.length, PAGE_BYTES - Number(gla & 0xfffn));
  const low = gvaToGpa(vcpu, gla, access);
  if (low === undefined || !vcpu.vm.readGuest(low, into.subarray(0, first))) return 0;
  if (first === into.length) return first;
  const { exception } = vcpu.events;
  const high = gvaToGpa(vcpu, (gla + BigInt(first)) & MASK_64, access);
  // The instruction may end before that page: a fault counts only if it does not.
  vcpu.events.exception = exception;
  if (high === undefined || !vcpu.vm.readGuest(high, into.subarray(first))) return first;
  return into.length;
}
