/** The x87, MMX and SSE state that a case starts from, as an FXSAVE image made from genes. */
import type { OpcodeRow } from "../../src/tables/opcodes/index.ts";
import {
  extendedFrom,
  extendedHead,
  fillDecimal,
  fillLanes,
  type Lanes,
} from "./floating-values.ts";
import { mix, mixAgain } from "./values.ts";

/** Genes of the state: control words, MXCSR, eight stack registers, sixteen vector registers. */
export const FLOATING_GENE = { CONTROL: 0, MXCSR: 1, STACK: 2, VECTORS: 10, COUNT: 26 } as const;

const FCW = 0;
const FSW = 2;
const FTW = 4;
const MXCSR = 24;
const MXCSR_MASK = 28;
const STACK = 32;
const VECTORS = 160;
const FSW_ES = 0x80;
const FSW_B = 0x8000;

/** What a row has to do with the floating state. */
export interface FloatingTraits {
  readonly x87: boolean;
  readonly mmx: boolean;
  /** Uses vector registers or MXCSR. */
  readonly vector: boolean;
  readonly any: boolean;
  /** What the instruction takes its vectors for. */
  readonly lanes: Lanes;
}

const traits = new Map<OpcodeRow, FloatingTraits>();

export function traitsOf(row: OpcodeRow): FloatingTraits {
  let found = traits.get(row);
  if (!found) {
    found = deriveTraits(row);
    traits.set(row, found);
  }
  return found;
}

function deriveTraits(row: OpcodeRow): FloatingTraits {
  const { mnemonic, operands, group } = row;
  const state = /^(FXSAVE|FXRSTOR|LDMXCSR|STMXCSR)$/.test(mnemonic);
  const x87 = group === "x87" || /^F?WAIT$/.test(mnemonic) || /^FX/.test(mnemonic);
  const mmx = operands.some((o) => /^[PQN]/.test(o)) || mnemonic === "EMMS";
  const vector =
    state || /^(SSE|crypto)/.test(group) || operands.some((o) => /^[VWU]|^M(ps|pd|dq)$/.test(o));
  return { x87, mmx, vector, any: x87 || mmx || vector, lanes: lanesOf(row) };
}

function lanesOf({ mnemonic, operands }: OpcodeRow): Lanes {
  if (/^PCMP[IE]STR/.test(mnemonic)) return "text";
  const from = /^CVTT?(..)2/.exec(mnemonic)?.[1];
  if (from) return from === "PS" || from === "SS" ? "f32" : /[PS]D/.test(from) ? "f64" : "int";
  if (mnemonic.startsWith("P")) return "int";
  if (operands.some((o) => /^[VWUM](ps|ss)$/.test(o)) || /[PS]S$/.test(mnemonic)) return "f32";
  if (operands.some((o) => /^[VWUM](pd|sd)$/.test(o)) || /[PS]D$/.test(mnemonic)) return "f64";
  return "int";
}

function controlWord(gene: number): number {
  const noise = mix(gene);
  switch (gene & 3) {
    case 1:
      return (noise & 0x1f3f) | 0x40;
    case 2:
      return 0x340 | ((noise & 3) << 10) | (0x3f & ~(1 << ((noise >>> 8) % 6)));
    case 3:
      return 0x7f | ([0, 2, 3, 3][noise & 3]! << 8) | (((noise >>> 8) & 3) << 10);
    default:
      return 0x37f;
  }
}

/** Status without the top of the stack; pending exceptions are rare. */
function statusWord(gene: number, control: number): number {
  const noise = mixAgain(gene);
  let status = 0;
  if ((gene & 4) !== 0) status |= noise & 0x4700;
  if ((gene & 8) !== 0) {
    status |= (noise >>> 16) & 0x7f & ((gene & 0xf0) === 0xf0 ? 0x7f : control | 0x40);
  }
  if ((status & ~control & 0x3f) !== 0) status |= FSW_ES | FSW_B;
  return status;
}

function tags(gene: number, top: number): number {
  const noise = mix(gene >>> 3);
  const kind = (gene >>> 8) % 6;
  if (kind === 1) return noise & 0xff;
  if (kind < 2 || kind === 5) return 0xff;
  let word = 0;
  for (let i = 0; i <= noise % 7; i++) word |= 1 << ((top + i) & 7);
  return word;
}

function mxcsr(gene: number): number {
  const noise = mix(gene);
  const one = 1 << (7 + ((noise >>> 16) % 6));
  switch (gene & 7) {
    case 1:
      return 0x1fa0;
    case 2:
      return 0x1f80 | (noise & 0xe040);
    case 3:
      return noise & 0xffff;
    case 4:
      return (0x1f80 & ~one) | (noise & 0x6000);
    case 5:
      return 0x1f80 & ~one & ~(1 << (7 + ((noise >>> 24) % 6)));
    case 6:
      return (0x1f80 & ~one) | (noise & 0xe07f);
    default:
      return 0x1f80;
  }
}

/** Bytes that nobody asks for, so that a stray change shows. */
const NOISE = Uint8Array.from({ length: 512 }, (_, i) => mix(i + 1) >>> 7);

/** Every register holds a chosen value. */
export const ALL_REGISTERS = 0xffff;

/**
 * Fills the 512 bytes at `at` of `memory` for `row` from the genes from `first` on. `used` is a mask
 * of the register numbers that matter; the others hold noise.
 */
export function fillFloating(
  memory: Uint8Array,
  at: number,
  row: OpcodeRow,
  used: number,
  genes: Uint32Array,
  first: number,
): void {
  const view = new DataView(memory.buffer, memory.byteOffset);
  const control = genes[first + FLOATING_GENE.CONTROL]!;
  const { x87, lanes, mmx } = traitsOf(row);
  const word = controlWord(control);
  let status = statusWord(control, word);
  // Other instructions do not look at the flags; MMX instructions look at pending exceptions.
  if (!x87 && (control & 0x3000) !== 0) status &= 0x4740;
  const top = (control >>> 24) & 7;
  memory.set(NOISE, at);
  memory.fill(0, at, at + STACK);
  view.setUint16(at + FCW, word, true);
  view.setUint16(at + FSW, status | (top << 11), true);
  view.setUint8(at + FTW, control === 0 ? 0 : tags(control, top));
  view.setUint32(at + MXCSR, mxcsr(genes[first + FLOATING_GENE.MXCSR]!), true);
  view.setUint32(at + MXCSR_MASK, 0xffff, true);
  if (mmx) fillMmx(view, at + STACK, lanes, genes, first + FLOATING_GENE.STACK);
  else if (x87) fillStack(view, at + STACK, used, genes, first + FLOATING_GENE.STACK);
  const common = genes[first + FLOATING_GENE.VECTORS]!;
  for (let i = 0; i < 16; i++) {
    if ((used & (1 << i)) === 0) continue;
    const own = genes[first + FLOATING_GENE.VECTORS + i]!;
    // Equal operands now and then.
    fillLanes(view, at + VECTORS + i * 16, 16, lanes, isCommon(own) ? common : own);
  }
}

function isCommon(gene: number): boolean {
  return (gene & 0x70000000) === 0;
}

function fillMmx(
  view: DataView,
  at: number,
  lanes: Lanes,
  genes: Uint32Array,
  first: number,
): void {
  for (let i = 0; i < 8; i++) {
    const own = genes[first + i]!;
    fillLanes(view, at + i * 16, 8, lanes, isCommon(own) ? genes[first]! : own);
    view.setUint16(at + i * 16 + 8, (own & 0x100) !== 0 ? 0xffff : mix(own) & 0xffff, true);
  }
}

function fillStack(
  view: DataView,
  at: number,
  used: number,
  genes: Uint32Array,
  first: number,
): void {
  for (let i = 0; i < 8; i++) {
    if (i > 1 && (used & (1 << i)) === 0) continue;
    const own = genes[first + i]!;
    const common = i > 0 && isCommon(own);
    // Almost equal, or of the other sign.
    const changed = common ? own : 0;
    const significand = extendedFrom(common ? genes[first]! : own);
    view.setBigUint64(at + i * 16, significand ^ BigInt((changed >>> 8) & 1), true);
    view.setUint16(at + i * 16 + 8, extendedHead ^ (changed & 0x8000), true);
  }
}

const STATE_LOAD = /^(FLDENV|FRSTOR|FXRSTOR)$/;
const OPERAND_BYTES = 16;

/** Fills `memory` with what `row` finds in its memory operand; the number of bytes. */
export function fillOperand(
  memory: Uint8Array,
  row: OpcodeRow,
  size: number,
  genes: Uint32Array,
  first: number,
  gene: number,
): number {
  const view = new DataView(memory.buffer, memory.byteOffset);
  const { x87, lanes } = traitsOf(row);
  const kind = row.operands.find((o) => /^M/.test(o));
  if (STATE_LOAD.test(row.mnemonic)) return fillStateImage(memory, row, size, genes, first, gene);
  if (!x87) fillLanes(view, 0, OPERAND_BYTES, lanes, gene);
  else if (row.mnemonic === "FBLD") fillDecimal(view, 0, gene);
  else if (kind === "Mt") {
    view.setBigUint64(0, extendedFrom(gene), true);
    view.setUint16(8, extendedHead, true);
  } else if (/^FI|^FLDCW/.test(row.mnemonic)) fillLanes(view, 0, 8, "int", gene);
  else fillLanes(view, 0, 8, kind === "Md" ? "f32" : "f64", gene);
  // LDMXCSR: mostly without reserved bits.
  if (row.mnemonic === "LDMXCSR" && (gene & 3) !== 0) view.setUint16(2, 0, true);
  return OPERAND_BYTES;
}

/** Fills what FLDENV, FRSTOR or FXRSTOR find in memory; the number of bytes. */
function fillStateImage(
  memory: Uint8Array,
  row: OpcodeRow,
  size: number,
  genes: Uint32Array,
  first: number,
  gene: number,
): number {
  const view = new DataView(memory.buffer, memory.byteOffset);
  if (row.mnemonic === "FXRSTOR") {
    const others = genes.map((g) => (g === 0 ? 0 : mixAgain(g)));
    fillFloating(memory, 0, row, ALL_REGISTERS, others, first);
    if ((gene & 0x700) === 0x700) view.setUint32(MXCSR, mix(gene), true);
    return 512;
  }
  const step = size === 16 ? 2 : 4;
  const bytes = step * 7 + (row.mnemonic === "FRSTOR" ? 80 : 0);
  for (let i = 0; i < bytes; i++) memory[i] = mix(gene + 3 + i);
  const control = controlWord(mix(gene));
  view.setUint16(0, control, true);
  view.setUint16(step, statusWord(mixAgain(gene), control) | (mix(gene) & 0x3800), true);
  return bytes;
}
