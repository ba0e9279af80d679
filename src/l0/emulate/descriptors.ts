/** Segment registers and descriptors of the guest as emulated instructions load them. */
import { FIELD } from "../../generated/vmx.ts";
import { queueException, VECTOR_GP, VECTOR_NP, VECTOR_SS } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { readLinear, SYSTEM_READ, SYSTEM_WRITE, writeLinear } from "./memory.ts";
import { SEG } from "./operands.ts";

/** Access rights in the format of the VMCS. */
export const AR = {
  accessed: 1,
  /** Writable data, readable code. */
  open: 2,
  conforming: 4,
  code: 8,
  notSystem: 0x10,
  dpl: 0x60,
  present: 0x80,
  long: 0x2000,
  db: 0x4000,
  granularity: 0x8000,
  unusable: 0x10000,
} as const;
const BUSY = 0x200;
const ACCESSED = 0x100;
const STEP = 2;
/** Data and code of real-address mode, and segments of virtual-8086 mode. */
const REAL_DATA = 0x93;
const REAL_CODE = 0x9b;
const VIRTUAL = 0xf3;

/** A descriptor in its table. */
export interface Descriptor {
  readonly gla: bigint;
  readonly lo: number;
  readonly hi: number;
}

/** A segment register with its hidden part. */
export interface Segment {
  readonly selector: number;
  readonly base: bigint;
  readonly limit: number;
  readonly access: number;
}

export const accessOf = ({ hi }: Descriptor): number => (hi >>> 8) & 0xf0ff;
export const dplOf = (access: number): number => (access & AR.dpl) >>> 5;

export function baseOf({ lo, hi }: Descriptor): bigint {
  return BigInt(((lo >>> 16) | ((hi & 0xff) << 16) | (hi & 0xff000000)) >>> 0);
}

/** Limit in bytes. */
export function limitOf({ lo, hi }: Descriptor): number {
  const raw = (lo & 0xffff) | (hi & 0xf0000);
  return (hi & 0x800000) !== 0 ? ((raw << 12) | 0xfff) >>> 0 : raw;
}

export function readSegment(vcpu: Vcpu, segment: number): Segment {
  const { hw } = vcpu;
  const at = segment * STEP;
  return {
    selector: hw.read(FIELD.guest_es_selector + at),
    base: hw.readWide(FIELD.guest_es_base + at),
    limit: hw.read(FIELD.guest_es_limit + at),
    access: hw.read(FIELD.guest_es_ar + at),
  };
}

export function writeSegment(vcpu: Vcpu, segment: number, value: Segment): void {
  const { hw } = vcpu;
  const at = segment * STEP;
  hw.write(FIELD.guest_es_selector + at, value.selector);
  hw.writeWide(FIELD.guest_es_base + at, value.base);
  hw.write(FIELD.guest_es_limit + at, value.limit >>> 0);
  hw.write(FIELD.guest_es_ar + at, value.access);
}

export function selectorOf(vcpu: Vcpu, segment: number): number {
  return vcpu.hw.read(FIELD.guest_es_selector + segment * STEP);
}

export const isNull = (selector: number): boolean => (selector & 0xfffc) === 0;
const errorOf = (selector: number, ext: number) => (selector & 0xfffc) | ext;

/** Base and limit of the table that a selector is in; undefined without an LDT. */
function tableOf(vcpu: Vcpu, selector: number): Pick<Segment, "base" | "limit"> | undefined {
  const { hw } = vcpu;
  if ((selector & 4) === 0) {
    return { base: hw.readWide(FIELD.guest_gdtr_base), limit: hw.read(FIELD.guest_gdtr_limit) };
  }
  const ldt = readSegment(vcpu, SEG.ldtr);
  return (ldt.access & AR.unusable) !== 0 ? undefined : ldt;
}

/** Whether the descriptor of `selector`, of `bytes` bytes, lies within its table. */
export function isInTable(vcpu: Vcpu, selector: number, bytes = 8): boolean {
  const table = tableOf(vcpu, selector);
  return table !== undefined && (selector & 0xfff8) + bytes - 1 <= table.limit;
}

/** The descriptor that `selector` names; undefined with `vector` or a page fault queued. */
export function readDescriptor(
  vcpu: Vcpu,
  selector: number,
  vector = VECTOR_GP,
  ext = 0,
): Descriptor | undefined {
  if (!isInTable(vcpu, selector)) {
    queueException(vcpu, vector, errorOf(selector, ext));
    return undefined;
  }
  const sum = tableOf(vcpu, selector)!.base + BigInt(selector & 0xfff8);
  const gla = vcpu.isLongMode ? BigInt.asUintN(64, sum) : BigInt.asUintN(32, sum);
  const value = readLinear(vcpu, gla, 8, SYSTEM_READ);
  if (value === undefined) return undefined;
  return { gla, lo: Number(value & 0xffffffffn), hi: Number(value >> 32n) };
}

/** Base of a system descriptor; of 16 bytes in IA-32e mode. Undefined with a fault queued. */
export function systemBase(vcpu: Vcpu, selector: number, found: Descriptor): bigint | undefined {
  if (!vcpu.isLongMode) return baseOf(found);
  if (!isInTable(vcpu, selector, 16)) {
    queueException(vcpu, VECTOR_GP, errorOf(selector, 0));
    return undefined;
  }
  const top = readLinear(vcpu, BigInt.asUintN(64, found.gla + 8n), 8, SYSTEM_READ);
  if (top === undefined) return undefined;
  if ((Number(top >> 32n) & 0x1f00) !== 0) {
    queueException(vcpu, VECTOR_GP, errorOf(selector, 0));
    return undefined;
  }
  return baseOf(found) | ((top & 0xffffffffn) << 32n);
}

/** Sets and clears bits of the upper half, in memory too; undefined with a fault queued. */
export function updateDescriptor(
  vcpu: Vcpu,
  found: Descriptor,
  set: number,
  clear = 0,
): Descriptor | undefined {
  const hi = ((found.hi | set) & ~clear) >>> 0;
  if (hi === found.hi) return found;
  const gla = BigInt.asUintN(64, found.gla + 4n);
  if (!writeLinear(vcpu, gla, 4, BigInt(hi), SYSTEM_WRITE)) return undefined;
  return { ...found, hi };
}

export const setAccessed = (vcpu: Vcpu, found: Descriptor) =>
  updateDescriptor(vcpu, found, ACCESSED);
export const setBusy = (vcpu: Vcpu, found: Descriptor) => updateDescriptor(vcpu, found, BUSY);
export const clearBusy = (vcpu: Vcpu, found: Descriptor) => updateDescriptor(vcpu, found, 0, BUSY);

/** A register that holds what its descriptor says. */
export function segmentOf(selector: number, found: Descriptor): Segment {
  return { selector, base: baseOf(found), limit: limitOf(found), access: accessOf(found) };
}

/** True outside real-address and virtual-8086 mode. */
export function usesDescriptors(vcpu: Vcpu): boolean {
  return vcpu.isProtectedMode && !vcpu.isVirtual8086;
}

/** Loads a register as real-address and virtual-8086 mode do. */
export function loadRealSegment(vcpu: Vcpu, segment: number, selector: number): void {
  const base = BigInt(selector << 4);
  if (vcpu.isVirtual8086) {
    writeSegment(vcpu, segment, { selector, base, limit: 0xffff, access: VIRTUAL });
    return;
  }
  // Limit and sizes stay, so that a limit set in protected mode survives.
  const old = readSegment(vcpu, segment);
  const kept = old.access & (AR.db | AR.granularity);
  const access = kept | (segment === SEG.cs ? REAL_CODE : REAL_DATA);
  writeSegment(vcpu, segment, { selector, base, limit: old.limit, access });
}

/** What a null selector makes of a data segment register. */
export function nullSegment(vcpu: Vcpu, segment: number, selector: number): Segment {
  const old = readSegment(vcpu, segment);
  const access = old.access | AR.unusable;
  return vcpu.isLongMode ? { selector, base: 0n, limit: 0, access } : { ...old, selector, access };
}

/** Loads ES, SS, DS, FS or GS in any mode; false with a fault queued. */
export function loadDataSegment(vcpu: Vcpu, segment: number, selector: number): boolean {
  if (!usesDescriptors(vcpu)) {
    loadRealSegment(vcpu, segment, selector);
    return true;
  }
  const found =
    segment === SEG.ss ? stackSegment(vcpu, selector) : dataSegment(vcpu, segment, selector);
  if (found === undefined) return false;
  writeSegment(vcpu, segment, found);
  return true;
}

/** Queues a fault of a selector. */
export function selectorFault(vcpu: Vcpu, vector: number, selector: number, ext = 0): undefined {
  queueException(vcpu, vector, errorOf(selector, ext));
  return undefined;
}

function stackSegment(vcpu: Vcpu, selector: number): Segment | undefined {
  const { cpl } = vcpu;
  if (isNull(selector)) {
    if (!vcpu.is64BitCode || cpl === 3 || (selector & 3) !== cpl) {
      return selectorFault(vcpu, VECTOR_GP, 0);
    }
    // The DPL of an unusable SS still tells the privilege level.
    return { selector, base: 0n, limit: 0, access: AR.unusable | (cpl << 5) };
  }
  return stackDescriptor(vcpu, selector, cpl, VECTOR_GP, 0);
}

/** A writable data segment of privilege level `level`, for SS. */
export function stackDescriptor(
  vcpu: Vcpu,
  selector: number,
  level: number,
  vector: number,
  ext: number,
): Segment | undefined {
  const found = readDescriptor(vcpu, selector, vector, ext);
  if (found === undefined) return undefined;
  const access = accessOf(found);
  const isStack = (access & (AR.notSystem | AR.code | AR.open)) === (AR.notSystem | AR.open);
  if ((selector & 3) !== level || !isStack || dplOf(access) !== level) {
    return selectorFault(vcpu, vector, selector, ext);
  }
  if ((access & AR.present) === 0) return selectorFault(vcpu, VECTOR_SS, selector, ext);
  const marked = setAccessed(vcpu, found);
  return marked && segmentOf(selector, marked);
}

function dataSegment(vcpu: Vcpu, segment: number, selector: number): Segment | undefined {
  if (isNull(selector)) return nullSegment(vcpu, segment, selector);
  return dataDescriptor(vcpu, selector, vcpu.cpl, VECTOR_GP, 0);
}

/** A data segment or readable code segment that level `level` may use. */
export function dataDescriptor(
  vcpu: Vcpu,
  selector: number,
  level: number,
  vector: number,
  ext: number,
): Segment | undefined {
  const found = readDescriptor(vcpu, selector, vector, ext);
  if (found === undefined) return undefined;
  const access = accessOf(found);
  const isReadable = (access & (AR.code | AR.open)) !== AR.code;
  if ((access & AR.notSystem) === 0 || !isReadable) {
    return selectorFault(vcpu, vector, selector, ext);
  }
  const conforms = (access & (AR.code | AR.conforming)) === (AR.code | AR.conforming);
  const dpl = dplOf(access);
  if (!conforms && ((selector & 3) > dpl || level > dpl)) {
    return selectorFault(vcpu, vector, selector, ext);
  }
  if ((access & AR.present) === 0) return selectorFault(vcpu, VECTOR_NP, selector, ext);
  const marked = setAccessed(vcpu, found);
  return marked && segmentOf(selector, marked);
}
