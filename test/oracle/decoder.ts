/**
 * The decoder oracle: our decoder against iced-x86 for validity, length, mnemonic and operand form,
 * over byte strings that are random behind a plausible beginning, and over all opcodes with all
 * ModRM bytes.
 */
import { Code, Decoder, DecoderOptions, Instruction, Mnemonic } from "iced-x86";
import { Core, LAYOUT, MACHINE_WORD, SILENT_IMPORTS } from "../../src/core/core.ts";
import { OPCODES } from "../../src/tables/opcodes/index.ts";
import { DIFFERENCES, icedName, OURS, ourName } from "./decoder-names.ts";
import { operandsAgree } from "./decoder-operands.ts";
import { Genes } from "./values.ts";

const STRING_BYTES = 16;
const BATCH = 4096;
// assembly/decode/record.ts
const RECORD_BYTES = 32;
const RECORD_SIZE = 29;
const MODES = [16, 32, 64] as const;
const PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0xf3];

export interface DecodeDifference {
  readonly mode: number;
  readonly bytes: string;
  readonly ours: string;
  readonly iced: string;
}

export interface DecodeCounts {
  strings: number;
  valid: number;
  /** Instructions that iced knows and the table does not have. */
  notOurs: number;
  known: Map<string, number>;
  differences: Map<string, DecodeDifference & { count: number }>;
}

async function decoderCore(): Promise<Core> {
  const core = await Core.create({
    ...SILENT_IMPORTS,
  });
  for (let i = 0; i < 8; i++) core.setMachine32(MACHINE_WORD.FEATURES + i * 4, 0xffffffff);
  return core;
}

export class DecoderOracle {
  readonly counts = new Map<number, DecodeCounts>();
  private readonly core: Core;
  private readonly instruction = new Instruction();
  private readonly bytes = new Uint8Array(BATCH * STRING_BYTES);
  private filled = 0;

  private constructor(core: Core) {
    this.core = core;
    for (const mode of MODES) {
      this.counts.set(mode, {
        strings: 0,
        valid: 0,
        notOurs: 0,
        known: new Map(),
        differences: new Map(),
      });
    }
  }

  static async create(): Promise<DecoderOracle> {
    return new DecoderOracle(await decoderCore());
  }

  /** Bytes of the next string, to be filled; `commit` takes it into the batch. */
  next(): Uint8Array {
    return this.bytes.subarray(this.filled * STRING_BYTES, (this.filled + 1) * STRING_BYTES);
  }

  commit(mode: number): void {
    if (++this.filled === BATCH) this.flush(mode);
  }

  /** Judges the strings of the batch in one mode. */
  flush(mode: number): void {
    const decoder = new Decoder(mode, this.bytes, DecoderOptions.None);
    for (let i = 0; i < this.filled; i++) {
      decoder.position = i * STRING_BYTES;
      decoder.decodeOut(this.instruction);
      this.judge(mode, i * STRING_BYTES);
    }
    decoder.free();
    this.filled = 0;
  }

  private judge(mode: number, at: number): void {
    const { core, instruction } = this;
    const counts = this.counts.get(mode)!;
    counts.strings++;
    core.u8.set(this.bytes.subarray(at, at + STRING_BYTES), LAYOUT.SCRATCH);
    const row = core.exports.hostDecode(LAYOUT.SCRATCH, mode === 64 ? 14 : mode === 32 ? 13 : 0);
    const iced = instruction.code;
    if (row < 0 && iced === Code.INVALID) return;
    const name = icedName(iced, instruction.mnemonic);
    if (row < 0 && !OURS.has(name)) {
      counts.notOurs++;
      return;
    }
    if (row >= 0 && iced !== Code.INVALID) {
      const length = core.machine32(MACHINE_WORD.RESULT_LO);
      const same = length === instruction.length && ourName(row) === name;
      if (same && operandsAgree(row, this.operandSize(), iced)) {
        counts.valid++;
        return;
      }
    }
    this.note(mode, at, row, name, counts);
  }

  /** Operand size of the record, as log2 of bytes. */
  private operandSize(): number {
    const { core } = this;
    const record = core.machine32(MACHINE_WORD.RESULT_HI) & ~(RECORD_BYTES - 1);
    return core.u8[record + RECORD_SIZE]! & 3;
  }

  private note(mode: number, at: number, row: number, name: string, counts: DecodeCounts): void {
    const { core, instruction } = this;
    const opcode = row < 0 ? undefined : OPCODES[row]!;
    const length = core.machine32(MACHINE_WORD.RESULT_LO);
    const valid = instruction.code !== Code.INVALID;
    const sameLength = !opcode || !valid || length === instruction.length;
    const known = DIFFERENCES.find((d) => sameLength && d.applies(opcode, name, mode));
    if (known) {
      counts.known.set(known.id, (counts.known.get(known.id) ?? 0) + 1);
      return;
    }
    const ours = opcode ? `${opcode.mnemonic} ${opcode.encoding}` : "invalid";
    const theirs = valid ? `${Code[instruction.code]}` : "invalid";
    const key = `${ours} / ${theirs} / ${opcode && valid ? length - instruction.length : ""}`;
    const seen = counts.differences.get(key);
    if (seen) {
      seen.count++;
      return;
    }
    const bytes = Buffer.from(this.bytes.subarray(at, at + STRING_BYTES)).toString("hex");
    counts.differences.set(key, {
      mode,
      bytes,
      ours: opcode ? `${ours}, ${length} bytes` : ours,
      iced: valid
        ? `${theirs} (${Mnemonic[instruction.mnemonic]}), ${instruction.length} bytes`
        : theirs,
      count: 1,
    });
  }
}

/** Fills a string: some prefixes, an opcode map, and noise. */
export function randomString(bytes: Uint8Array, genes: Genes, mode: number): void {
  const shape = genes.next();
  let at = 0;
  const count = (shape & 7) < 4 ? 0 : (shape & 7) < 7 ? (shape & 7) - 3 : (shape >>> 3) & 15;
  for (; at < count && at < 13; at++) bytes[at] = PREFIXES[genes.next() % PREFIXES.length]!;
  if (mode === 64 && (shape & 0x80) !== 0) bytes[at++] = 0x40 | ((shape >>> 8) & 15);
  const map = (shape >>> 12) & 15;
  if (map >= 8) bytes[at++] = 0x0f;
  if (map === 13) bytes[at++] = 0x38;
  else if (map === 14) bytes[at++] = 0x3a;
  else if (map === 7) {
    bytes[at++] = 0xc4;
    bytes[at++] = (genes.next() & 0xe0) | (1 + ((shape >>> 20) % 3));
  } else if (map === 6) bytes[at++] = 0xc5;
  for (; at < STRING_BYTES; at += 4) {
    const noise = genes.next();
    for (let i = 0; i < 4 && at + i < STRING_BYTES; i++) bytes[at + i] = noise >>> (i * 8);
  }
}

/** All opcodes of all maps with all ModRM bytes, behind each of some prefixes. */
export function enumerated(mode: number, take: (fill: (bytes: Uint8Array) => void) => void): void {
  const before: number[][] = [
    [],
    [0x66],
    [0xf2],
    [0xf3],
    [0x67],
    [0xf0],
    [0x66, 0xf2],
    [0x66, 0xf3],
  ];
  if (mode === 64) before.push([0x48], [0x41], [0x66, 0x48], [0xf3, 0x48], [0xf2, 0x48]);
  const maps: number[][] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
  for (const m of [1, 2, 3]) {
    for (const pp of [0, 1, 2, 3])
      maps.push([0xc4, 0xe0 | m, 0x78 | pp], [0xc4, 0xe0 | m, 0xf0 | pp]);
  }
  for (const prefix of before) {
    for (const map of maps) {
      for (let opcode = 0; opcode < 256; opcode++) {
        for (let modrm = 0; modrm < 256; modrm++) {
          take((bytes) => {
            bytes.fill(0x25);
            bytes.set([...prefix, ...map, opcode, modrm]);
          });
        }
      }
    }
  }
}

/** Runs `strings` random strings and, if asked, the enumeration, in every mode. */
export async function runDecoderOracle(
  strings: number,
  seed: number,
  all: boolean,
): Promise<DecoderOracle> {
  const oracle = await DecoderOracle.create();
  for (const mode of MODES) {
    const genes = new Genes(seed * 31 + mode);
    for (let i = 0; i < strings; i++) {
      randomString(oracle.next(), genes, mode);
      oracle.commit(mode);
    }
    if (all) {
      enumerated(mode, (fill) => {
        fill(oracle.next());
        oracle.commit(mode);
      });
    }
    oracle.flush(mode);
  }
  return oracle;
}
