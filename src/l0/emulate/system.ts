/** Segment registers, descriptor tables and control words as the emulator loads and stores them. */
import { FIELD } from "../../generated/vmx.ts";
import { readCr0, readCr4, setCr0 } from "../control-registers.ts";
import { queueException, VECTOR_GP, VECTOR_NP, VECTOR_UD } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { CR4 } from "../vmcs01.ts";
import type { Decoded } from "./decode.ts";
import {
  AR,
  accessOf,
  type Descriptor,
  dplOf,
  isInTable,
  isNull,
  limitOf,
  loadDataSegment,
  readDescriptor,
  segmentOf,
  selectorOf,
  setBusy,
  systemBase,
  usesDescriptors,
  writeSegment,
} from "./descriptors.ts";
import { isCanonicalBase } from "./memory.ts";
import {
  type Execute,
  fault,
  load,
  type Outcome,
  readMemory,
  readRegister,
  SEG,
  setZero,
  store,
  writeMemory,
  writeRegister,
} from "./operands.ts";
import { BLOCKED_BY_MOV_SS } from "./stack.ts";

const SEGMENTS_MAX = 5;
/** Types of system descriptors. */
const TYPE = { tss16: 1, ldt: 2, tss32: 9 } as const;

/** A selector or control word: 16 bits to memory, all of the operand to a register. */
function storeWord(vcpu: Vcpu, d: Decoded, value: bigint): Outcome {
  return store(vcpu, d, value, d.hasMemory ? 2 : d.size);
}

/** The 16 bits of a selector operand. */
function loadSelector(vcpu: Vcpu, d: Decoded): number | undefined {
  const value = load(vcpu, d, 2);
  return value === undefined ? undefined : Number(value);
}

function moveSegment(vcpu: Vcpu, d: Decoded): Outcome {
  const segment = d.r1 & 7;
  if (segment > SEGMENTS_MAX) return fault(vcpu, VECTOR_UD);
  if (d.row.operands[1] === "Sw") return storeWord(vcpu, d, BigInt(selectorOf(vcpu, segment)));
  if (segment === SEG.cs) return fault(vcpu, VECTOR_UD);
  const selector = loadSelector(vcpu, d);
  if (selector === undefined || !loadDataSegment(vcpu, segment, selector)) return "fault";
  if (segment === SEG.ss) vcpu.nextShadow = BLOCKED_BY_MOV_SS;
  return "done";
}

/** LDS, LES, LSS, LFS, LGS. */
const loadFar =
  (segment: number): Execute =>
  (vcpu, d) => {
    const offset = readMemory(vcpu, d, d.size);
    if (offset === undefined) return "fault";
    const selector = readMemory(vcpu, d, 2, BigInt(d.size));
    if (selector === undefined) return "fault";
    if (!loadDataSegment(vcpu, segment, Number(selector))) return "fault";
    writeRegister(vcpu, d.r1, d.size, offset);
    return "done";
  };

function adjustLevel(vcpu: Vcpu, d: Decoded): Outcome {
  if (!usesDescriptors(vcpu)) return fault(vcpu, VECTOR_UD);
  const value = load(vcpu, d, 2);
  if (value === undefined) return "fault";
  const source = readRegister(vcpu, d.r1, 2);
  const raises = (value & 3n) < (source & 3n);
  const next = raises ? (value & ~3n) | (source & 3n) : value;
  if (store(vcpu, d, next, 2) !== "done") return "fault";
  setZero(vcpu, raises);
  return "done";
}

/** The descriptor that LAR, LSL, VERR and VERW ask about, if they may know of it. */
function visible(vcpu: Vcpu, selector: number): Descriptor | "none" | "fault" {
  if (isNull(selector) || !isInTable(vcpu, selector)) return "none";
  const found = readDescriptor(vcpu, selector);
  if (found === undefined) return "fault";
  const access = accessOf(found);
  const conforms = AR.notSystem | AR.code | AR.conforming;
  if ((access & conforms) === conforms) return found;
  const dpl = dplOf(access);
  return vcpu.cpl <= dpl && (selector & 3) <= dpl ? found : "none";
}

/** Types of system descriptors that the instruction tells of, a bit each: else, and in IA-32e mode. */
const TELLING = { LAR: [0x1a3e, 0x1a04], LSL: [0x0a0e, 0x0a04] } as const;

/** LAR and LSL. */
function loadRights(vcpu: Vcpu, d: Decoded): Outcome {
  if (!usesDescriptors(vcpu)) return fault(vcpu, VECTOR_UD);
  const selector = loadSelector(vcpu, d);
  if (selector === undefined) return "fault";
  const found = visible(vcpu, selector);
  if (found === "fault") return "fault";
  const isLar = d.row.mnemonic === "LAR";
  const types = TELLING[isLar ? "LAR" : "LSL"][vcpu.isLongMode ? 1 : 0];
  const tells =
    found !== "none" &&
    ((accessOf(found) & AR.notSystem) !== 0 || ((types >>> (accessOf(found) & 15)) & 1) !== 0);
  setZero(vcpu, tells);
  if (!tells) return "done";
  const value = isLar ? found.hi & 0x00ffff00 : limitOf(found);
  writeRegister(vcpu, d.r1, d.size, BigInt(value >>> 0));
  return "done";
}

/** VERR and VERW. */
function verify(vcpu: Vcpu, d: Decoded): Outcome {
  if (!usesDescriptors(vcpu)) return fault(vcpu, VECTOR_UD);
  const selector = loadSelector(vcpu, d);
  if (selector === undefined) return "fault";
  const found = visible(vcpu, selector);
  if (found === "fault") return "fault";
  let valid = found !== "none" && (accessOf(found) & AR.notSystem) !== 0;
  if (found !== "none") {
    const isCode = (accessOf(found) & AR.code) !== 0;
    const isOpen = (accessOf(found) & AR.open) !== 0;
    valid &&= d.row.mnemonic === "VERW" ? !isCode && isOpen : !isCode || isOpen;
  }
  setZero(vcpu, valid);
  return "done";
}

/** With UMIP, SGDT, SIDT, SLDT, STR and SMSW are for level 0. */
function umipForbids(vcpu: Vcpu): boolean {
  if ((Number(readCr4(vcpu)) & CR4.UMIP) === 0 || vcpu.cpl === 0) return false;
  queueException(vcpu, VECTOR_GP, 0);
  return true;
}

const storeSystem =
  (segment: number): Execute =>
  (vcpu, d) => {
    if (!usesDescriptors(vcpu)) return fault(vcpu, VECTOR_UD);
    return umipForbids(vcpu) ? "fault" : storeWord(vcpu, d, BigInt(selectorOf(vcpu, segment)));
  };

/** LLDT and LTR. */
const loadSystem =
  (segment: typeof SEG.ldtr | typeof SEG.tr): Execute =>
  (vcpu, d) => {
    if (!usesDescriptors(vcpu)) return fault(vcpu, VECTOR_UD);
    if (vcpu.cpl !== 0) return fault(vcpu, VECTOR_GP, 0);
    const selector = loadSelector(vcpu, d);
    if (selector === undefined) return "fault";
    const isTr = segment === SEG.tr;
    if (isNull(selector)) {
      if (isTr) return fault(vcpu, VECTOR_GP, 0);
      const access = AR.unusable | 0x82;
      writeSegment(vcpu, segment, { selector, base: 0n, limit: 0, access });
      return "done";
    }
    return loadSystemDescriptor(vcpu, segment, selector);
  };

function loadSystemDescriptor(vcpu: Vcpu, segment: number, selector: number): Outcome {
  const isTr = segment === SEG.tr;
  const error = selector & 0xfffc;
  if ((selector & 4) !== 0) return fault(vcpu, VECTOR_GP, error);
  let found = readDescriptor(vcpu, selector);
  if (found === undefined) return "fault";
  const type = accessOf(found) & 0x1f;
  const fits = isTr
    ? type === TYPE.tss32 || (type === TYPE.tss16 && !vcpu.isLongMode)
    : type === TYPE.ldt;
  if (!fits) return fault(vcpu, VECTOR_GP, error);
  const base = systemBase(vcpu, selector, found);
  if (base === undefined) return "fault";
  if ((accessOf(found) & AR.present) === 0) return fault(vcpu, VECTOR_NP, error);
  if (vcpu.isLongMode && !isCanonicalBase(vcpu, base)) return fault(vcpu, VECTOR_GP, error);
  if (isTr) found = setBusy(vcpu, found);
  if (found === undefined) return "fault";
  writeSegment(vcpu, segment, { ...segmentOf(selector, found), base });
  return "done";
}

const TABLE_FIELDS = {
  GDT: [FIELD.guest_gdtr_base, FIELD.guest_gdtr_limit],
  IDT: [FIELD.guest_idtr_base, FIELD.guest_idtr_limit],
} as const;

/** SGDT and SIDT. */
const storeTable =
  (table: keyof typeof TABLE_FIELDS): Execute =>
  (vcpu, d) => {
    if (umipForbids(vcpu)) return "fault";
    const [base, limit] = TABLE_FIELDS[table];
    const bytes = d.codeBytes === 8 ? 8 : 4;
    const value = (vcpu.hw.readWide(base) << 16n) | BigInt(vcpu.hw.read(limit) & 0xffff);
    return writeMemory(vcpu, d, bytes + 2, BigInt.asUintN((bytes + 2) * 8, value));
  };

/** LGDT and LIDT. */
const loadTable =
  (table: keyof typeof TABLE_FIELDS): Execute =>
  (vcpu, d) => {
    if (vcpu.cpl !== 0) return fault(vcpu, VECTOR_GP, 0);
    const isLong = d.codeBytes === 8;
    const value = readMemory(vcpu, d, isLong ? 10 : 6);
    if (value === undefined) return "fault";
    let base = value >> 16n;
    // With a 16-bit operand size only 24 bits of the base are loaded.
    if (!isLong && d.size === 2) base &= 0xffffffn;
    if (isLong && !isCanonicalBase(vcpu, base)) return fault(vcpu, VECTOR_GP, 0);
    const [baseField, limitField] = TABLE_FIELDS[table];
    vcpu.hw.writeWide(baseField, base);
    vcpu.hw.write(limitField, Number(value & 0xffffn));
    return "done";
  };

function storeMachineWord(vcpu: Vcpu, d: Decoded): Outcome {
  return umipForbids(vcpu) ? "fault" : storeWord(vcpu, d, readCr0(vcpu));
}

/** LMSW changes PE, MP, EM and TS, and cannot clear PE. */
function loadMachineWord(vcpu: Vcpu, d: Decoded): Outcome {
  if (vcpu.guestMode) return "unknown";
  if (vcpu.cpl !== 0) return fault(vcpu, VECTOR_GP, 0);
  const source = load(vcpu, d, 2);
  if (source === undefined) return "fault";
  const old = readCr0(vcpu);
  const done = setCr0(vcpu, (old & ~0xen) | (source & 15n));
  return done ? "done" : fault(vcpu, VECTOR_GP, 0);
}

export const SYSTEM_INSTRUCTIONS: readonly (readonly [string, Execute])[] = [
  ["LES", loadFar(SEG.es)],
  ["LDS", loadFar(SEG.ds)],
  ["LSS", loadFar(SEG.ss)],
  ["LFS", loadFar(SEG.fs)],
  ["LGS", loadFar(SEG.gs)],
  ["ARPL", adjustLevel],
  ["LAR", loadRights],
  ["LSL", loadRights],
  ["VERR", verify],
  ["VERW", verify],
  ["SLDT", storeSystem(SEG.ldtr)],
  ["STR", storeSystem(SEG.tr)],
  ["LLDT", loadSystem(SEG.ldtr)],
  ["LTR", loadSystem(SEG.tr)],
  ["SGDT", storeTable("GDT")],
  ["SIDT", storeTable("IDT")],
  ["LGDT", loadTable("GDT")],
  ["LIDT", loadTable("IDT")],
  ["SMSW", storeMachineWord],
  ["LMSW", loadMachineWord],
];

/** MOV to and from segment registers. */
export const SEGMENT_MOVE: Execute = moveSegment;
