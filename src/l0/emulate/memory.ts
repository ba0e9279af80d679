/** Memory as an emulated instruction reads and writes it: linear addresses, RAM or devices. */
import type { AccessSize } from "../../devices/device.ts";
import { FIELD } from "../../generated/vmx.ts";
import { readCr4 } from "../control-registers.ts";
import { PAGE_BYTES } from "../frames.ts";
import { queueException, VECTOR_GP, VECTOR_SS } from "../inject.ts";
import { REQ } from "../requests.ts";
import { InternalError } from "../userspace.ts";
import type { Vcpu } from "../vcpu.ts";
import { CR4 } from "../vmcs01.ts";
import { linearOf } from "./decode.ts";
import { emulationFailed } from "./failure.ts";
import { type Access, gvaToGpa } from "./walk.ts";

const MASK_64 = 0xffff_ffff_ffff_ffffn;
const MASK_32 = 0xffff_ffff;
const SS = 2;
/** Access rights of a segment: type bits, default size, unusable. */
const RIGHTS = { writable: 2, readable: 2, direction: 4, code: 8, db: 0x4000, unusable: 0x10000 };

/** True for addresses that sign-extend, with 48 or 57 bits. */
export function isCanonical(vcpu: Vcpu, gla: bigint): boolean {
  const bits = (Number(readCr4(vcpu)) & CR4.LA57) !== 0 ? 57 : 48;
  return BigInt.asUintN(64, BigInt.asIntN(bits, gla)) === gla;
}

/** The same for bases of tables and segments, which may use what the processor can be set to. */
export function isCanonicalBase(vcpu: Vcpu, gla: bigint): boolean {
  const bits = vcpu.msrs.has("LA57") ? 57 : 48;
  return BigInt.asUintN(64, BigInt.asIntN(bits, gla)) === gla;
}

/**
 * Linear address of `size` bytes at `offset` in `segment`; undefined with #GP or #SS queued where the
 * segment forbids it (__linearize).
 */
export function linearize(
  vcpu: Vcpu,
  d: { readonly codeBytes: number },
  segment: number,
  offset: bigint,
  size: number,
  write: boolean,
): bigint | undefined {
  const gla = linearOf(vcpu, segment, offset, d.codeBytes);
  const allowed =
    d.codeBytes === 8
      ? isCanonical(vcpu, gla) && isCanonical(vcpu, (gla + BigInt(size - 1)) & MASK_64)
      : segmentAllows(vcpu, segment, Number(offset & 0xffffffffn), size, write);
  if (allowed) return gla;
  queueException(vcpu, segment === SS ? VECTOR_SS : VECTOR_GP, 0);
  return undefined;
}

function segmentAllows(
  vcpu: Vcpu,
  segment: number,
  offset: number,
  size: number,
  write: boolean,
): boolean {
  const { hw } = vcpu;
  const access = hw.read(FIELD.guest_es_ar + segment * 2);
  const limit = hw.read(FIELD.guest_es_limit + segment * 2);
  if ((access & RIGHTS.unusable) !== 0) return false;
  const isCode = (access & RIGHTS.code) !== 0;
  if (vcpu.isProtectedMode && !vcpu.isVirtual8086) {
    if (write && (isCode || (access & RIGHTS.writable) === 0)) return false;
    if (!write && isCode && (access & RIGHTS.readable) === 0) return false;
  }
  const last = offset + size - 1;
  if (!isCode && (access & RIGHTS.direction) !== 0) {
    // Expand-down: what the limit covers is outside.
    return offset > limit && last <= ((access & RIGHTS.db) !== 0 ? MASK_32 : 0xffff);
  }
  return last <= limit;
}

/** With the rights of the guest's privilege level. */
function dataAccess(vcpu: Vcpu, write: boolean): Access {
  return { write, fetch: false, user: vcpu.cpl === 3 };
}

/** Tables of descriptors and task state are the supervisor's, whoever needs them. */
export const SYSTEM_READ: Access = { write: false, fetch: false, user: false, implicit: true };
export const SYSTEM_WRITE: Access = { write: true, fetch: false, user: false, implicit: true };

/** True where L1 sees no RAM: no slot, one that is going away, or the slot of L0's own APIC page. */
function isDevice(vcpu: Vcpu, gpa: number, write: boolean): boolean {
  const slot = vcpu.vm.slotOf(Math.floor(gpa / PAGE_BYTES));
  if (slot === undefined || slot.invalid || (write && slot.readOnly)) return true;
  return slot === vcpu.vm.apicAccessSlot();
}

/** Reads `size` bytes at `gla`; undefined with a page fault queued. */
export function readLinear(
  vcpu: Vcpu,
  gla: bigint,
  size: number,
  access = dataAccess(vcpu, false),
): bigint | undefined {
  const first = Math.min(size, PAGE_BYTES - Number(gla & 0xfffn));
  const low = gvaToGpa(vcpu, gla, access);
  if (low === undefined) return undefined;
  if (first === size) return readPhysical(vcpu, low, size);
  const high = gvaToGpa(vcpu, (gla + BigInt(first)) & MASK_64, access);
  if (high === undefined) return undefined;
  const rest = readPhysical(vcpu, high, size - first);
  return readPhysical(vcpu, low, first) | (rest << BigInt(first * 8));
}

/** True when `size` bytes at `gla` may be written; false with a page fault queued. */
export function mayWrite(
  vcpu: Vcpu,
  gla: bigint,
  size: number,
  access = dataAccess(vcpu, true),
): boolean {
  if (gvaToGpa(vcpu, gla, access) === undefined) return false;
  const last = (gla + BigInt(size - 1)) & MASK_64;
  return last >> 12n === gla >> 12n || gvaToGpa(vcpu, last & ~0xfffn, access) !== undefined;
}

/** Writes `size` bytes at `gla`; false with a page fault queued, and nothing written. */
export function writeLinear(
  vcpu: Vcpu,
  gla: bigint,
  size: number,
  value: bigint,
  access = dataAccess(vcpu, true),
): boolean {
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

/** Place of a byte of the guest's RAM. @throws InternalError where the host has no memory for it */
function ramByte(vcpu: Vcpu, gpa: number, write: boolean): number {
  const at = vcpu.vm.guestByte(gpa, write);
  if (at >= 0) return at;
  const place = `guest-physical 0x${gpa.toString(16)}`;
  throw new InternalError("memory", `vCPU ${vcpu.index}: no memory behind ${place} (EFAULT)`);
}

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
  const at = ramByte(vcpu, gpa, false);
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
  const at = ramByte(vcpu, gpa, true);
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

/**
 * Up to 15 bytes of code at linear address `gla`; fewer where the next page cannot be fetched, 0 with a
 * fault queued. @throws InternalError for code in device memory
 */
export function fetchCode(vcpu: Vcpu, gla: bigint, into: Uint8Array): number {
  const access = { write: false, fetch: true, user: vcpu.cpl === 3 };
  const first = Math.min(into.length, PAGE_BYTES - Number(gla & 0xfffn));
  const low = gvaToGpa(vcpu, gla, access);
  if (low === undefined) return 0;
  if (isDevice(vcpu, low, false) || !vcpu.vm.readGuest(low, into.subarray(0, first))) {
    emulationFailed(vcpu, "fetch from device memory");
    return 0;
  }
  if (first === into.length) return first;
  const { exception } = vcpu.events;
  const { requests } = vcpu;
  const high = gvaToGpa(vcpu, (gla + BigInt(first)) & MASK_64, access);
  if (high !== undefined) {
    const isCode = !isDevice(vcpu, high, false);
    return isCode && vcpu.vm.readGuest(high, into.subarray(first)) ? into.length : first;
  }
  // The instruction may end before that page: a fault counts only if it does not.
  vcpu.events.exception = exception;
  vcpu.requests = requests;
  return first;
}

/** Queues the page fault of an instruction that goes on in a page that cannot be fetched. */
export function faultOnNextPage(vcpu: Vcpu, gla: bigint): void {
  const access = { write: false, fetch: true, user: vcpu.cpl === 3 };
  if (gvaToGpa(vcpu, ((gla | 0xfffn) + 1n) & MASK_64, access) === undefined) return;
  emulationFailed(vcpu, "fetch from device memory behind the instruction");
}
