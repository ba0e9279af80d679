/** `vmxlab disasm`: a file or bytes as instructions. */
import { existsSync } from "node:fs";
import { isElf, PT_LOAD, readElf } from "../loaders/elf-file.ts";
import { elfSymbols } from "../loaders/elf-symbols.ts";
import type { SymbolTable } from "../loaders/symbols.ts";
import {
  type CodeBits,
  type Disassembler,
  hexBytes,
  INSTRUCTION_BYTES_MAX,
  loadDisassembler,
} from "./disassembler.ts";
import { oneLine, UsageError } from "./errors.ts";
import { readInput } from "./input-file.ts";
import { parseAddress } from "./parse.ts";
import { addressHalves, nameOf } from "./symbols.ts";

const BYTES_WIDTH = 30;
/** Lines that are put together before they are written. */
const BATCH_LINES = 500;

interface Code {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly bits: CodeBits;
  readonly symbols?: SymbolTable;
}

export interface DisasmFlags {
  readonly bits?: string;
  readonly address?: string;
}

/** Prints the disassembly of `words`: one file, or bytes. @throws UsageError, ImageError. */
export async function disassembleInput(
  words: readonly string[],
  flags: DisasmFlags,
): Promise<void> {
  const bits = flags.bits === undefined ? undefined : parseBits(flags.bits);
  const address =
    flags.address === undefined ? undefined : BigInt(parseAddress("--address", flags.address));
  const pieces = readCode(words, bits, address);
  const disassembler = await loadDisassembler();
  for (const piece of pieces) await printCode(disassembler, piece);
}

function parseBits(text: string): CodeBits {
  const bits = Number(text);
  if (bits !== 16 && bits !== 32 && bits !== 64) {
    throw new UsageError(`--bits "${text}": give 16, 32 or 64`);
  }
  return bits;
}

function readCode(
  words: readonly string[],
  bits: CodeBits | undefined,
  address: bigint | undefined,
): Code[] {
  const [path = ""] = words;
  const isFile = words.length === 1 && existsSync(path);
  const bytes = isFile ? readInput("file", path) : parseHex(words);
  if (bytes.length === 0) throw new UsageError("there is nothing to disassemble");
  if (!isFile || !isElf(bytes) || address !== undefined) {
    return [{ address: address ?? 0n, bytes, bits: bits ?? 64 }];
  }
  const elf = readElf(bytes);
  const symbols = elfSymbols(elf);
  return elf.segments
    .filter((segment) => segment.type === PT_LOAD && segment.executable)
    .map(({ index, vaddr, offset, fileBytes }) => ({
      address: vaddr,
      bytes: elf.reader.slice(offset, fileBytes, `segment ${index}`),
      bits: bits ?? elf.bits,
      symbols,
    }));
}

function parseHex(words: readonly string[]): Uint8Array {
  const digits = words
    .join(" ")
    .replace(/0x/gi, "")
    .replace(/[\s,]+/g, "");
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) {
    throw new UsageError(`"${oneLine(words.join(" "))}": neither a file nor bytes in hexadecimal`);
  }
  return Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

async function printCode(disassembler: Disassembler, code: Code): Promise<void> {
  const { bytes, bits, symbols } = code;
  const digits = bits === 64 ? 16 : 8;
  let lines: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const address = code.address + BigInt(at);
    const window = bytes.subarray(at, at + INSTRUCTION_BYTES_MAX);
    const decoded = disassembler.decode(window, bits, address);
    const before = bytesBeforeSymbol(symbols, address, decoded.length);
    // Data before a function must not swallow its first bytes.
    const { length, text } = before === 0 ? decoded : { length: before, text: "(data)" };
    const name = nameOf(symbols, address);
    if (name !== undefined && !name.includes("+")) lines.push(`${name}:`);
    const column = hexBytes(window.subarray(0, length)).padEnd(BYTES_WIDTH);
    lines.push(`${address.toString(16).padStart(digits, "0")}  ${column} ${text}`);
    at += length;
    if (lines.length < BATCH_LINES) continue;
    if (!(await write(lines))) return;
    lines = [];
  }
  await write(lines);
}

/** How many bytes lie before a symbol that points into an instruction; 0 without such a one. */
function bytesBeforeSymbol(
  symbols: SymbolTable | undefined,
  address: bigint,
  length: number,
): number {
  let before = 0;
  for (let last = length - 1; last > 0; last = before - 1) {
    const hit = symbols?.nearest(addressHalves(address + BigInt(last)));
    if (!hit || hit.offset >= last) break;
    before = last - hit.offset;
  }
  return before;
}

/** False when the reader has gone. */
function write(lines: readonly string[]): Promise<boolean> {
  if (lines.length === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    process.stdout.write(`${lines.join("\n")}\n`, (error) => resolve(!error));
  });
}
