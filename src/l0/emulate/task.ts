/** Task switches, which always exit and are carried out by L0 (emulator_do_task_switch). */
import { FIELD } from "../../generated/vmx.ts";
import { loadPdptes, readCr0, readCr4, setCr3 } from "../control-registers.ts";
import { queueException, VECTOR_GP, VECTOR_NP, VECTOR_TS } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { CR0, CR4 } from "../vmcs01.ts";
import { codeBytes } from "./decode.ts";
import {
  AR,
  accessOf,
  baseOf,
  clearBusy,
  type Descriptor,
  dataDescriptor,
  dplOf,
  isNull,
  limitOf,
  loadRealSegment,
  nullSegment,
  readDescriptor,
  readSegment,
  type Segment,
  segmentOf,
  selectorFault,
  selectorOf,
  setAccessed,
  setBusy,
  stackDescriptor,
  writeSegment,
} from "./descriptors.ts";
import { mayWrite, readLinear, SYSTEM_READ, SYSTEM_WRITE, writeLinear } from "./memory.ts";
import { SEG } from "./operands.ts";
import { EFLAGS, loadFlags, push } from "./stack.ts";

/** What asks for a task switch, as exit qualifications have it. */
export const SOURCE = { call: 0, iret: 1, jump: 2, gate: 3 } as const;

export interface TaskSwitch {
  readonly selector: number;
  readonly source: number;
  /** Error code of the exception that a task gate delivers. */
  readonly error: number | undefined;
  /** EXT bit of error codes: the event comes from outside the program. */
  readonly ext: number;
  /** Where the old task goes on. */
  readonly rip: bigint;
}

const TYPE_32 = 8;
const LDT = 2;
const TSS_FLAGS = 0x3f7fd5;
const DR7_LOCAL = 0x55;
const DR6_BT = 0x8000n;
const SEGMENTS = [SEG.es, SEG.cs, SEG.ss, SEG.ds, SEG.fs, SEG.gs];

/** Places in a TSS of 32 or 16 bits. */
interface Layout {
  /** Bytes that must be there, and bytes that a switch from it may write. */
  readonly bytes: number;
  readonly saved: number;
  readonly word: 2 | 4;
  /** RIP, flags and general registers lie one behind the other. */
  readonly rip: number;
  readonly segments: number;
  readonly segmentCount: number;
  readonly ldt: number;
}

const LAYOUT_32: Layout = {
  bytes: 104,
  saved: 96,
  word: 4,
  rip: 32,
  segments: 72,
  segmentCount: 6,
  ldt: 96,
};
const LAYOUT_16: Layout = {
  bytes: 44,
  saved: 42,
  word: 2,
  rip: 14,
  segments: 34,
  segmentCount: 4,
  ldt: 42,
};
const CR3_AT = 28;
const TRAP_AT = 100;
const layoutOf = (access: number) => ((access & TYPE_32) !== 0 ? LAYOUT_32 : LAYOUT_16);

/** Bytes of a TSS; undefined with a page fault queued. */
function readTask(vcpu: Vcpu, base: bigint, length: number): DataView | undefined {
  const image = new DataView(new ArrayBuffer(length));
  for (let i = 0; i < length; i += 2) {
    const value = readLinear(vcpu, BigInt.asUintN(32, base + BigInt(i)), 2, SYSTEM_READ);
    if (value === undefined) return undefined;
    image.setUint16(i, Number(value), true);
  }
  return image;
}

function write(vcpu: Vcpu, base: bigint, at: number, size: number, value: bigint): boolean {
  const gla = BigInt.asUintN(32, base + BigInt(at));
  return writeLinear(vcpu, gla, size, BigInt.asUintN(size * 8, value), SYSTEM_WRITE);
}

/** Bits 15:0 or 31:0 of an image, as the TSS is wide. */
function word(image: DataView, at: number, { word: size }: Layout): number {
  return size === 4 ? image.getUint32(at, true) : image.getUint16(at, true);
}

/** The descriptor of the new TSS, checked; undefined with a fault queued. */
function newTask(vcpu: Vcpu, { selector, source, ext }: TaskSwitch): Descriptor | undefined {
  const vector = source === SOURCE.iret ? VECTOR_TS : VECTOR_GP;
  if ((selector & 4) !== 0 || isNull(selector)) return selectorFault(vcpu, vector, selector, ext);
  const found = readDescriptor(vcpu, selector, vector, ext);
  if (found === undefined) return undefined;
  const access = accessOf(found);
  const busy = source === SOURCE.iret ? 2 : 0;
  const type = access & 0x1f & ~TYPE_32;
  if (type !== (1 | busy)) return selectorFault(vcpu, vector, selector, ext);
  if ((access & AR.present) === 0) return selectorFault(vcpu, VECTOR_NP, selector, ext);
  if (limitOf(found) + 1 < layoutOf(access).bytes) {
    return selectorFault(vcpu, VECTOR_TS, selector, ext);
  }
  return found;
}

/**
 * Switches tasks. Where it comes to a fault that is queued: in the old task while that is still in the
 * registers, else in the new one.
 */
export function switchTask(vcpu: Vcpu, request: TaskSwitch): void {
  const { hw } = vcpu;
  const { selector, source } = request;
  const found = newTask(vcpu, request);
  if (found === undefined) return;
  const base = baseOf(found);
  const layout = layoutOf(accessOf(found));
  const old = readSegment(vcpu, SEG.tr);
  const oldLayout = layoutOf(old.access);
  if (!mayWrite(vcpu, old.base, oldLayout.saved, SYSTEM_WRITE)) return;
  const image = readTask(vcpu, base, layout.bytes);
  if (image === undefined) return;
  const ends = source === SOURCE.jump || source === SOURCE.iret;
  if (ends && !changeBusy(vcpu, old.selector, clearBusy)) return;
  const flags = source === SOURCE.iret ? vcpu.rflags & ~EFLAGS.NT : vcpu.rflags;
  if (!saveTask(vcpu, old.base, oldLayout, request.rip, flags)) return;
  if (!ends && !write(vcpu, base, 0, 2, BigInt(old.selector))) return;
  if (source !== SOURCE.iret && !changeBusy(vcpu, selector, setBusy)) return;
  // From here on everything belongs to the new task.
  const access = accessOf(found) | 2;
  writeSegment(vcpu, SEG.tr, { selector: selector & 0xfffc, base, limit: limitOf(found), access });
  hw.writeWide(FIELD.guest_cr0, hw.readWide(FIELD.guest_cr0) | BigInt(CR0.TS));
  hw.change(FIELD.guest_dr7, 0, DR7_LOCAL);
  loadTask(vcpu, image, layout, request);
  vcpu.endInstruction(false);
}

type Change = (vcpu: Vcpu, found: Descriptor) => Descriptor | undefined;

function changeBusy(vcpu: Vcpu, selector: number, change: Change): boolean {
  const found = readDescriptor(vcpu, selector, VECTOR_TS);
  return found !== undefined && change(vcpu, found) !== undefined;
}

function saveTask(vcpu: Vcpu, base: bigint, layout: Layout, rip: bigint, flags: number): boolean {
  const { word: size } = layout;
  const words = [rip, BigInt(flags), ...Array.from({ length: 8 }, (_, i) => vcpu.gpr(i))];
  const done = words.every((value, i) => write(vcpu, base, layout.rip + i * size, size, value));
  // The upper half of each selector's slot keeps what it holds.
  return (
    done &&
    SEGMENTS.slice(0, layout.segmentCount).every((segment, i) =>
      write(vcpu, base, layout.segments + i * size, 2, BigInt(selectorOf(vcpu, segment))),
    )
  );
}

function loadTask(vcpu: Vcpu, image: DataView, layout: Layout, request: TaskSwitch): void {
  const { hw } = vcpu;
  const isWide = layout === LAYOUT_32;
  if (isWide && !loadPageTables(vcpu, image.getUint32(CR3_AT, true))) return;
  const { word: size, rip } = layout;
  hw.write(FIELD.guest_rip, word(image, rip, layout));
  let flags = word(image, rip + size, layout);
  if (request.source === SOURCE.call || request.source === SOURCE.gate) flags |= EFLAGS.NT;
  for (let i = 0; i < 8; i++) {
    const value = word(image, rip + (2 + i) * size, layout);
    vcpu.setGpr(i, BigInt(isWide ? value : value + 0xffff0000));
  }
  loadFlags(vcpu, BigInt(flags >>> 0), isWide ? TSS_FLAGS : TSS_FLAGS & 0xffff);
  if (!loadSegments(vcpu, image, layout, request.ext)) return;
  if (request.error !== undefined) {
    const code = { codeBytes: codeBytes(vcpu), size };
    if (!push(vcpu, code, BigInt(request.error), size)) return;
  }
  if (hw.read(FIELD.guest_rip) > hw.read(FIELD.guest_cs_limit)) {
    queueException(vcpu, VECTOR_GP, request.ext);
    return;
  }
  const traps = isWide && (image.getUint8(TRAP_AT) & 1) !== 0;
  if (traps) vcpu.events.queueDebug(vcpu, DR6_BT);
}

/** CR3 of the new task; false with #GP queued for page-directory pointers that cannot be. */
function loadPageTables(vcpu: Vcpu, cr3: number): boolean {
  if ((Number(readCr0(vcpu) & 0xffffffffn) & CR0.PG) === 0) return true;
  setCr3(vcpu, BigInt(cr3));
  if ((Number(readCr4(vcpu)) & CR4.PAE) === 0 || loadPdptes(vcpu)) return true;
  queueException(vcpu, VECTOR_GP, 0);
  return false;
}

/** All selectors are in the registers before one of them is checked. */
function loadSegments(vcpu: Vcpu, image: DataView, layout: Layout, ext: number): boolean {
  const { segments, segmentCount, word: size } = layout;
  SEGMENTS.forEach((segment, i) => {
    const selector = i < segmentCount ? image.getUint16(segments + i * size, true) : 0;
    vcpu.hw.write(FIELD.guest_es_selector + segment * 2, selector);
  });
  // No entry is possible with EFLAGS.VM and other segments, be it to deliver a fault of the LDT.
  if (vcpu.isVirtual8086) {
    for (const segment of SEGMENTS) loadRealSegment(vcpu, segment, selectorOf(vcpu, segment));
  }
  if (!loadLdt(vcpu, image.getUint16(layout.ldt, true), ext)) return false;
  if (vcpu.isVirtual8086) return true;
  return loadCode(vcpu, ext) && loadStack(vcpu, ext) && loadData(vcpu, ext);
}

function loadLdt(vcpu: Vcpu, selector: number, ext: number): boolean {
  const none = { selector, base: 0n, limit: 0, access: AR.unusable | 0x82 };
  writeSegment(vcpu, SEG.ldtr, none);
  if (isNull(selector)) return true;
  const fails = () => {
    queueException(vcpu, VECTOR_TS, (selector & 0xfffc) | ext);
    return false;
  };
  if ((selector & 4) !== 0) return fails();
  const found = readDescriptor(vcpu, selector, VECTOR_TS, ext);
  if (found === undefined) return false;
  const access = accessOf(found);
  if ((access & 0x1f) !== LDT || (access & AR.present) === 0) return fails();
  writeSegment(vcpu, SEG.ldtr, segmentOf(selector, found));
  return true;
}

/** CS gives the privilege level; until they are loaded the others hold nothing. */
function loadCode(vcpu: Vcpu, ext: number): boolean {
  const found = codeSegment(vcpu, selectorOf(vcpu, SEG.cs), ext);
  if (found === undefined) return false;
  const cpl = found.selector & 3;
  writeSegment(vcpu, SEG.cs, found);
  for (const segment of SEGMENTS) {
    if (segment === SEG.cs) continue;
    const selector = selectorOf(vcpu, segment);
    const access = AR.unusable | (segment === SEG.ss ? cpl << 5 : 0);
    writeSegment(vcpu, segment, { selector, base: 0n, limit: 0, access });
  }
  return true;
}

function codeSegment(vcpu: Vcpu, selector: number, ext: number): Segment | undefined {
  if (isNull(selector)) return selectorFault(vcpu, VECTOR_TS, 0, ext);
  const found = readDescriptor(vcpu, selector, VECTOR_TS, ext);
  if (found === undefined) return undefined;
  const access = accessOf(found);
  const level = selector & 3;
  const dpl = dplOf(access);
  const isCode = (access & (AR.notSystem | AR.code)) === (AR.notSystem | AR.code);
  const fits = (access & AR.conforming) !== 0 ? dpl <= level : dpl === level;
  if (!isCode || !fits) return selectorFault(vcpu, VECTOR_TS, selector, ext);
  if ((access & AR.present) === 0) return selectorFault(vcpu, VECTOR_NP, selector, ext);
  const marked = setAccessed(vcpu, found);
  return marked && segmentOf(selector, marked);
}

function loadStack(vcpu: Vcpu, ext: number): boolean {
  const selector = selectorOf(vcpu, SEG.ss);
  const found = isNull(selector)
    ? selectorFault(vcpu, VECTOR_TS, 0, ext)
    : stackDescriptor(vcpu, selector, vcpu.cpl, VECTOR_TS, ext);
  if (found === undefined) return false;
  writeSegment(vcpu, SEG.ss, found);
  return true;
}

function loadData(vcpu: Vcpu, ext: number): boolean {
  return [SEG.ds, SEG.es, SEG.fs, SEG.gs].every((segment) => {
    const selector = selectorOf(vcpu, segment);
    const found = isNull(selector)
      ? nullSegment(vcpu, segment, selector)
      : dataDescriptor(vcpu, selector, vcpu.cpl, VECTOR_TS, ext);
    if (found === undefined) return false;
    writeSegment(vcpu, segment, found);
    return true;
  });
}
