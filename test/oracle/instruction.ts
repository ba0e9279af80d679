/** Bytes of one instruction: prefixes, opcode, ModRM, SIB, displacement and immediates of a form. */
import type { OpcodeRow } from "../../src/tables/opcodes/index.ts";
import type { Form } from "./forms.ts";
import { CODE, DATA, SELECTOR } from "./layout.ts";
import { mix, mixAgain, pick, pickedHigh } from "./values.ts";

/** Places of genes that shape the instruction. */
export const GENE = {
  PREFIXES: 0,
  REGISTERS: 1,
  ADDRESSING: 2,
  DISPLACEMENT: 3,
  IMMEDIATE: 4,
  TARGET: 5,
  COUNT: 6,
} as const;

/** What the bytes ask of the registers. */
export interface Operand {
  /** Numbers of the address registers, or -1. */
  base: number;
  index: number;
  scale: number;
  displacement: bigint;
  relative: boolean;
  /** 16, 32 or 64. */
  addressSize: number;
  /** ES CS SS DS FS GS as 0 to 5. */
  segment: number;
}

const SEGMENT_PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];
const OPCODE_MAPS: Record<string, readonly number[]> = {
  "1": [],
  "0F": [0x0f],
  "0F38": [0x0f, 0x38],
  "0F3A": [0x0f, 0x3a],
};
const STRINGS = new Set(["MOVS", "CMPS", "STOS", "LODS", "SCAS", "INS", "OUTS"]);
const MANDATORY: Record<string, number> = { "66": 0x66, F3: 0xf3, F2: 0xf2 };
const RSP = 4;
const RBP = 5;

/** True when F2 or F3 means nothing (or another row). LOOPcc is another matter on AMD processors. */
function takesJunkRepeat(row: OpcodeRow): boolean {
  return row.prefix === "any" && row.jump !== "loop";
}

/** Builds instructions; one object serves many, its fields hold the last one. */
export class InstructionBuilder {
  readonly bytes = new Uint8Array(32);
  length = 0;
  /** Offset of the 4 bytes of a RIP-relative or absolute displacement, or -1. */
  displacementAt = -1;
  displacementBytes = 0;
  /** Numbers of the ModRM.reg and ModRM.rm (or opcode) registers. */
  reg = 0;
  rm = 0;
  hasMemory = false;
  readonly operand: Operand = {
    base: -1,
    index: -1,
    scale: 0,
    displacement: 0n,
    relative: false,
    addressSize: 64,
    segment: 3,
  };

  private put(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  private putLittle(value: bigint, count: number): void {
    let rest = BigInt.asUintN(64, value);
    for (let i = 0; i < count; i++) {
      this.put(Number(rest & 0xffn));
      rest >>= 8n;
    }
  }

  /** Builds the instruction of `form` that the genes from `first` on describe. */
  build(form: Form, genes: Uint32Array, first: number): void {
    const { row, mode } = form;
    const prefixes = genes[first + GENE.PREFIXES]!;
    const registers = genes[first + GENE.REGISTERS]!;
    this.length = 0;
    this.displacementAt = -1;
    this.hasMemory = form.memory;
    const long = mode === 64;
    const wide = long ? registers & 0x1f : 0;
    // Bits 3 of the registers; without bit 4 the low eight are used.
    const extend = (wide & 16) !== 0 ? wide & 7 : 0;
    this.reg = ((registers >>> 5) & 7) | ((extend & 4) << 1);
    this.rm = ((registers >>> 8) & 7) | ((extend & 1) << 3);
    const vex = row.map.startsWith("VEX");
    const addressPrefix = ((prefixes >>> 8) & 7) === 7;
    this.operand.addressSize = addressPrefix ? (mode === 32 ? 16 : 32) : mode;
    this.legacyPrefixes(form, prefixes, addressPrefix, vex);
    if (row.digit !== undefined) this.reg = row.digit | (this.reg & 8);
    const encode = form.memory ? this.chooseAddress(genes, first, long) : undefined;
    if (vex) this.vexPrefix(form, registers, encode);
    else this.rexAndOpcode(form, prefixes, encode);
    if (row.modrm !== undefined) this.put(row.modrm);
    else if (row.hasModrm) {
      if (encode) this.putAddress(encode);
      else this.put(0xc0 | ((this.reg & 7) << 3) | (this.rm & 7));
    } else if (form.memory) this.putAbsolute();
    this.immediates(form, genes[first + GENE.IMMEDIATE]!);
  }

  private legacyPrefixes(form: Form, genes: number, addressPrefix: boolean, vex: boolean): void {
    const { row, mode, size } = form;
    const order: number[] = [];
    const { operand } = this;
    operand.segment = -1;
    if ((genes & 7) === 7) {
      operand.segment = ((genes >>> 3) & 31) % 6;
      // ES, CS, SS and DS prefixes mean nothing in 64-bit mode.
      order.push(SEGMENT_PREFIXES[operand.segment]!);
      if (mode === 64 && operand.segment < 4) operand.segment = -1;
    }
    if (addressPrefix) order.push(0x67);
    if (this.needsOperandPrefix(row, mode, size)) order.push(0x66);
    const mandatory = vex ? undefined : MANDATORY[row.prefix];
    if (mandatory !== undefined && mandatory !== 0x66) order.push(mandatory);
    else if (STRINGS.has(row.mnemonic)) {
      const repeat = (genes >>> 11) & 3;
      if (repeat === 1) order.push(0xf3);
      else if (repeat >= 2) order.push(0xf2);
    } else if (!vex && takesJunkRepeat(row) && ((genes >>> 13) & 31) === 31) {
      // Means nothing here, or selects another row.
      order.push((genes & 8) !== 0 ? 0xf3 : 0xf2);
    }
    const lockable = row.lock && form.memory;
    if (!vex && ((genes >>> 18) & (lockable ? 3 : 63)) === (lockable ? 3 : 63)) order.push(0xf0);
    if (((genes >>> 24) & 63) === 63) {
      // Repeated prefixes, up to beyond the longest instruction.
      for (let i = (genes >>> 11) & 15; i > 0 && order.length > 0; i--) order.push(order[0]!);
    }
    // The order of legacy prefixes means nothing.
    const turn = (genes >>> 20) % 7;
    for (let i = 0; i < order.length; i++) this.put(order[(i + turn) % order.length]!);
  }

  private needsOperandPrefix(row: OpcodeRow, mode: number, size: number): boolean {
    if (row.map.startsWith("VEX")) return false;
    if (row.prefix === "66") return true;
    if (row.prefix === "NP") return false;
    if (["b", "w", "d", "q", "y"].includes(row.size)) return false;
    return mode === 16 ? size === 32 : size === 16;
  }

  private rexAndOpcode(form: Form, prefixes: number, address: Encoded | undefined): void {
    const { row, mode, size } = form;
    if (mode === 64) {
      const needsW = size === 64 && (row.size === "v" || row.size === "y" || row.size === "q");
      let rex = (this.reg >> 3) << 2;
      if (address) rex |= address.rex;
      else rex |= this.rm >> 3;
      if (needsW) rex |= 8;
      // Where the size does not depend on REX.W, W means nothing.
      else if (["b", "w", "d", "f64"].includes(row.size) && ((prefixes >>> 27) & 7) === 7) rex |= 8;
      if (rex !== 0 || ((prefixes >>> 24) & 3) === 3) this.put(0x40 | rex);
    }
    for (const byte of OPCODE_MAPS[row.map]!) this.put(byte);
    this.put(row.lowRegister ? row.opcode | (this.rm & 7) : row.opcode);
  }

  private vexPrefix(form: Form, registers: number, address: Encoded | undefined): void {
    const { row, mode, size } = form;
    const long = mode === 64;
    const pp = { any: 0, NP: 0, "66": 1, F3: 2, F2: 3 }[row.prefix];
    const map = { VEX0F: 1, VEX0F38: 2, VEX0F3A: 3 }[row.map as "VEX0F"];
    const r = long ? this.reg >> 3 : 0;
    const x = long && address ? (address.rex >> 1) & 1 : 0;
    const b = long ? (address ? address.rex & 1 : this.rm >> 3) : 0;
    const w = size === 64 ? 1 : long ? 0 : (registers >>> 16) & 1;
    // The register of vvvv; 15 must stand there when the row has none.
    const uses = row.operands.some((o) => o.startsWith("B"));
    const number = (registers >>> 11) & (long ? 15 : 7);
    const none = ((registers >>> 17) & 31) === 31 ? number : 0;
    const vvvv = ~(uses ? number : none) & 15;
    const l = ((registers >>> 22) & 63) === 63 ? 4 : 0;
    if (map === 1 && x === 0 && b === 0 && w === 0) {
      this.put(0xc5);
      this.put(((r ^ 1) << 7) | (vvvv << 3) | l | pp);
    } else {
      this.put(0xc4);
      this.put(((r ^ 1) << 7) | ((x ^ 1) << 6) | ((b ^ 1) << 5) | map);
      this.put((w << 7) | (vvvv << 3) | l | pp);
    }
    this.put(row.opcode);
  }

  /** Chooses how ModRM addresses memory and fills `operand`. */
  private chooseAddress(genes: Uint32Array, first: number, long: boolean): Encoded {
    const gene = genes[first + GENE.ADDRESSING]!;
    const { operand } = this;
    operand.base = -1;
    operand.index = -1;
    operand.scale = 0;
    operand.relative = false;
    const displacement = pick(genes[first + GENE.DISPLACEMENT]!) | 0;
    if (operand.addressSize === 16) return this.choose16(gene, displacement);
    const high = long ? 8 : 0;
    const base = this.rm & (7 | high);
    const index = ((gene >>> 8) & 7) | ((gene >>> 3) & high);
    const scale = (gene >>> 12) & 3;
    const mod = (gene >>> 4) & 3;
    const encoded: Encoded = { modrm: 0, sib: -1, rex: base >> 3, bytes: 0 };
    const kind = gene & 7;
    if (kind === 6 || (kind === 7 && !long)) {
      // No base: an index and 32 bits of displacement, or the displacement alone.
      operand.index = index === RSP ? -1 : index;
      operand.scale = operand.index >= 0 ? scale : 0;
      encoded.modrm = RSP;
      encoded.sib = (scale << 6) | ((index & 7) << 3) | RBP;
      encoded.rex = (index >> 3) << 1;
      encoded.bytes = 4;
    } else if (kind === 7) {
      operand.relative = true;
      encoded.modrm = RBP;
      encoded.rex = 0;
      encoded.bytes = 4;
    } else {
      const withSib = (base & 7) === RSP || kind >= 4;
      const needsDisplacement = (base & 7) === RBP;
      const kept = mod === 3 ? 0 : mod;
      const form = needsDisplacement && kept === 0 ? 1 : kept;
      operand.base = base;
      encoded.bytes = form === 0 ? 0 : form === 1 ? 1 : 4;
      encoded.modrm = (form << 6) | (withSib ? RSP : base & 7);
      if (withSib) {
        const used = kind >= 4 && index !== RSP ? index : -1;
        operand.index = used;
        operand.scale = used >= 0 ? scale : 0;
        encoded.sib = (scale << 6) | ((used >= 0 ? used & 7 : RSP) << 3) | (base & 7);
        if (used >= 0) encoded.rex |= (used >> 3) << 1;
      }
    }
    const bits = encoded.bytes === 0 ? 0 : encoded.bytes === 1 ? 8 : 32;
    operand.displacement = bits === 0 ? 0n : BigInt.asIntN(bits, BigInt(displacement));
    if (operand.segment < 0) {
      operand.segment = operand.base === RSP || operand.base === RBP ? 2 : 3;
    }
    return encoded;
  }

  private choose16(gene: number, displacement: number): Encoded {
    const { operand } = this;
    const rm = this.rm & 7;
    const mod = ((gene >>> 4) & 3) % 3;
    operand.base = [3, 3, 5, 5, 6, 7, 5, 3][rm]!;
    operand.index = [6, 7, 6, 7, -1, -1, -1, -1][rm]!;
    const absolute = rm === 6 && mod === 0;
    if (absolute) operand.base = -1;
    const bytes = absolute || mod === 2 ? 2 : mod;
    const bits = bytes * 8;
    operand.displacement = bits === 0 ? 0n : BigInt.asIntN(bits, BigInt(displacement));
    if (operand.segment < 0) operand.segment = operand.base === 5 ? 2 : 3;
    return { modrm: (mod << 6) | rm, sib: -1, rex: 0, bytes };
  }

  private putAddress(encoded: Encoded): void {
    this.put(encoded.modrm | ((this.reg & 7) << 3));
    if (encoded.sib >= 0) this.put(encoded.sib);
    this.displacementAt = this.length;
    this.displacementBytes = encoded.bytes;
    this.putLittle(this.operand.displacement, encoded.bytes);
  }

  /** The absolute address of MOV with an O operand. */
  private putAbsolute(): void {
    const { operand } = this;
    operand.base = -1;
    operand.index = -1;
    operand.relative = false;
    operand.displacement = 0n;
    if (operand.segment < 0) operand.segment = 3;
    this.displacementAt = this.length;
    this.displacementBytes = operand.addressSize / 8;
    this.putLittle(0n, this.displacementBytes);
  }

  /** Replaces the displacement, as far as its bytes can hold it. */
  setDisplacement(value: bigint): void {
    const length = this.length;
    this.length = this.displacementAt;
    this.putLittle(value, this.displacementBytes);
    this.length = length;
  }

  private immediates(form: Form, gene: number): void {
    const { row, size, mode } = form;
    const low = pick(gene);
    const value = (BigInt(pickedHigh) << 32n) | BigInt(low);
    for (const operand of row.operands) {
      switch (operand) {
        case "Ib":
        case "Isb":
          this.put(low & 0xff);
          break;
        case "Jb":
          this.putLittle(clearOfSelf(BigInt.asIntN(8, value)), 1);
          break;
        case "Iw":
          this.putLittle(value, 2);
          break;
        case "Id":
          this.putLittle(value, 4);
          break;
        case "Iz":
        case "Jz":
          this.putLittle(
            operand === "Jz" ? nearJump(gene, value, size) : value,
            size === 16 ? 2 : 4,
          );
          break;
        case "Iv":
          this.putLittle(value, size / 8);
          break;
        case "Ap":
          this.putLittle(farOffset(gene, mode), size === 16 ? 2 : 4);
          this.putLittle(BigInt(farSelector(mix(gene))), 2);
          break;
        default:
          break;
      }
    }
  }
}

interface Encoded {
  modrm: number;
  sib: number;
  rex: number;
  bytes: number;
}

/** Offset in the code pages of an INT3, away from where instructions under test stand. */
export function besideCode(gene: number): number {
  return (gene & 0x1000) | (0x100 + ((gene & 0xfff) % 0x700));
}

/** A displacement that does not lead into the instruction itself or the jump behind it. */
function clearOfSelf(value: bigint): bigint {
  if (value > 0n && value < 64n) return value + 64n;
  return value < 0n && value > -64n ? value - 64n : value;
}

/** Displacements of near jumps: mostly within the code pages. */
function nearJump(gene: number, value: bigint, size: number): bigint {
  return clearOfSelf(
    (gene & 3) < 3
      ? BigInt((mix(gene) & 0xfff) - 0x800)
      : BigInt.asIntN(size === 16 ? 16 : 32, value),
  );
}

/** An offset to jump to in a far transfer. */
export function farOffset(gene: number, mode: number): bigint {
  const inside = besideCode(mixAgain(gene));
  switch (gene & 7) {
    case 1:
    case 2:
      return BigInt(inside);
    case 3:
      return BigInt(mix(gene));
    case 4:
      return mode === 64 ? 0x800000000000n : 0xffffffffn;
    default:
      return BigInt(CODE + inside);
  }
}

const FAR_SELECTORS = [
  SELECTOR.CODE64,
  SELECTOR.CODE32,
  SELECTOR.CODE16,
  SELECTOR.CODE_ONLY,
  SELECTOR.DATA,
  SELECTOR.ABSENT,
  0,
  0x10,
  0x18,
  0x40,
  0x50,
  0x30,
  0x22,
  0x47,
  0x83,
  0xffff,
];

/** A selector for CS: good ones half of the time. */
export function farSelector(gene: number): number {
  const detail = gene >>> 3;
  if ((gene & 4) === 0) return FAR_SELECTORS[detail % 4]!;
  return FAR_SELECTORS[detail % FAR_SELECTORS.length]!;
}

const DATA_SELECTORS = [
  SELECTOR.DATA,
  0,
  SELECTOR.DATA16,
  SELECTOR.LIMITED,
  SELECTOR.CODE64,
  SELECTOR.CODE32,
  SELECTOR.DOWN32,
  SELECTOR.CONSTANT,
  SELECTOR.ABSENT,
  SELECTOR.CODE_ONLY,
  SELECTOR.CODE16,
  3,
  0x18,
  0x28,
  0x10,
  0x43,
  0x53,
  0x7f8,
  0xffff,
];

/** A selector for a data segment register. */
export function dataSelector(gene: number): number {
  return DATA_SELECTORS[gene % DATA_SELECTORS.length]!;
}

/** Where the data pages begin, for callers that place operands. */
export const OPERANDS = DATA;
