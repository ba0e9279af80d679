/** An instruction of the guest, decoded through the core's tables. */
import { LAYOUT, MACHINE_WORD } from "../../core/core.ts";
import { SLOT } from "../../generated/state.ts";
import { FIELD } from "../../generated/vmx.ts";
import { OPCODES, type OpcodeRow } from "../../tables/opcodes/index.ts";
import type { Vcpu } from "../vcpu.ts";
import { faultOnNextPage, fetchCode } from "./memory.ts";

const INSTRUCTION_BYTES_MAX = 15;
const REC_BYTES = 32;
const RECORDS_MASK = 15;
/** Fields of the record (assembly/decode/record.ts). */
const REC = {
  r1: 2,
  r2: 3,
  base: 4,
  index: 5,
  scale: 6,
  disp: 8,
  imm: 16,
  len: 28,
  size: 29,
  prefix: 30,
};
const RSP = 4;
const SEG_FS = 4;
const PREFIX = { rex: 8, f3: 0x10, f2: 0x20 } as const;
const MASK_32 = 0xffff_ffffn;
const MASK_64 = 0xffff_ffff_ffff_ffffn;

export interface Decoded {
  readonly row: OpcodeRow;
  readonly bytes: Uint8Array;
  readonly length: number;
  /** Operand size in bytes. */
  readonly size: number;
  /** Address size in bytes. */
  readonly addressSize: number;
  /** Register operands as byte offsets in the register file. */
  readonly r1: number;
  readonly r2: number;
  readonly hasMemory: boolean;
  /** Segment of the memory operand: 0 to 5. */
  readonly segment: number;
  /** Offset of the memory operand in its segment. */
  readonly offset: bigint;
  /** RSP is the base of the memory operand. */
  readonly usesRsp: boolean;
  readonly immediate: bigint;
  readonly repeat: "none" | "repz" | "repnz";
  readonly codeBytes: 2 | 4 | 8;
}

/** 16-, 32- or 64-bit code: 2, 4 or 8 bytes. */
export function codeBytes(vcpu: Vcpu): 2 | 4 | 8 {
  if (vcpu.is64BitCode) return 8;
  if (!vcpu.isProtectedMode) return (vcpu.hw.read(FIELD.guest_cs_ar) & 0x4000) !== 0 ? 4 : 2;
  return (vcpu.hw.read(FIELD.guest_cs_ar) & 0x4000) !== 0 ? 4 : 2;
}

/** Base of a segment; in 64-bit code only FS and GS have one. */
export function segmentBase(vcpu: Vcpu, segment: number, code: number): bigint {
  if (code === 8 && segment < SEG_FS) return 0n;
  return vcpu.hw.readWide(FIELD.guest_es_base + segment * 2);
}

/** Linear address of `offset` in `segment`. */
export function linearOf(vcpu: Vcpu, segment: number, offset: bigint, code: number): bigint {
  const sum = offset + segmentBase(vcpu, segment, code);
  return code === 8 ? sum & MASK_64 : sum & MASK_32;
}

const buffer = new Uint8Array(INSTRUCTION_BYTES_MAX);

/** What decoding came to: an instruction, bytes that are none, or a fault that is queued. */
export type DecodeResult = Decoded | { readonly bytes: Uint8Array } | undefined;

/** Decodes the instruction at RIP. */
export function decodeAtRip(vcpu: Vcpu): DecodeResult {
  const { core } = vcpu.hw;
  const code = codeBytes(vcpu);
  const rip = linearOf(vcpu, 1, vcpu.rip, code);
  buffer.fill(0);
  const count = fetchCode(vcpu, rip, buffer);
  if (count === 0) return undefined;
  core.u8.set(buffer, LAYOUT.SCRATCH);
  core.u8[LAYOUT.SCRATCH + INSTRUCTION_BYTES_MAX] = 0;
  const number = core.exports.hostDecode(LAYOUT.SCRATCH, code === 8 ? 2 : code === 4 ? 1 : 0);
  const length = core.machine32(MACHINE_WORD.RESULT_LO);
  const bytes = buffer.slice(0, Math.max(1, Math.min(count, length)));
  if (length > count) {
    faultOnNextPage(vcpu, rip);
    return undefined;
  }
  if (number < 0) return { bytes };
  const records = core.machine32(MACHINE_WORD.RESULT_HI);
  const first = (records & ~RECORDS_MASK) >>> 0;
  const last = first + ((records & RECORDS_MASK) - 1) * REC_BYTES;
  const view = new DataView(core.memory.buffer);
  const sizes = view.getUint8(last + REC.size);
  const hasMemory = (sizes & 0x80) !== 0;
  const prefix = view.getUint8(last + REC.prefix);
  const addressSize = 1 << ((sizes >> 2) & 3);
  const prepared = last !== first;
  return {
    row: OPCODES[number]!,
    bytes,
    length,
    size: 1 << (sizes & 3),
    addressSize,
    r1: view.getUint8(last + REC.r1),
    r2: view.getUint8(last + REC.r2),
    hasMemory,
    segment: prefix & 7,
    offset: hasMemory ? offsetOf(vcpu, view, first, prepared, addressSize, rip) : 0n,
    usesRsp: hasMemory && view.getUint8(first + REC.base) >> 3 === RSP,
    immediate: view.getBigInt64(last + REC.imm, true),
    repeat: (prefix & PREFIX.f3) !== 0 ? "repz" : (prefix & PREFIX.f2) !== 0 ? "repnz" : "none",
    codeBytes: code,
  };
}

/** Base, index and displacement of the memory operand; the record stands at `rec`. */
function offsetOf(
  vcpu: Vcpu,
  view: DataView,
  rec: number,
  prepared: boolean,
  addressSize: number,
  rip: bigint,
): bigint {
  const slot = (number: number) => {
    if (number < SLOT.ZERO) return vcpu.gpr(number);
    // The decoder was told that the instruction stands at the start of its page.
    return number === SLOT.PAGE_LINEAR ? rip : 0n;
  };
  const base = slot(view.getUint8(rec + REC.base) >> 3);
  const index = slot(view.getUint8(rec + REC.index) >> 3);
  const scale = BigInt(view.getUint8(rec + REC.scale));
  const disp = prepared
    ? view.getBigInt64(rec + REC.imm, true)
    : BigInt(view.getInt32(rec + REC.disp, true));
  const mask = addressSize === 8 ? MASK_64 : addressSize === 4 ? MASK_32 : 0xffffn;
  return (base + (index << scale) + disp) & mask;
}
