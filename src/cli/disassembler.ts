/** Disassembly by iced-x86, which is loaded only when something is to be disassembled. */

export interface Disassembly {
  /** Bytes of the instruction; at least 1. */
  readonly length: number;
  readonly text: string;
}

export type CodeBits = 16 | 32 | 64;

export interface Disassembler {
  /** The first instruction in `bytes`, which lie at `address`. */
  decode(bytes: Uint8Array, bits: CodeBits, address: bigint): Disassembly;
}

/** Longest instruction (SDM "Instruction Format"). */
export const INSTRUCTION_BYTES_MAX = 15;

export async function loadDisassembler(): Promise<Disassembler> {
  const { Decoder, Formatter, FormatterSyntax } = await import("iced-x86");
  const formatter = new Formatter(FormatterSyntax.Intel);
  formatter.hexPrefix = "0x";
  formatter.hexSuffix = "";
  formatter.uppercaseHex = false;
  formatter.branchLeadingZeros = false;
  formatter.spaceAfterOperandSeparator = true;
  return {
    decode(bytes, bits, address) {
      const decoder = new Decoder(bits, bytes, 0);
      decoder.ip = address;
      const instruction = decoder.decode();
      const invalid = instruction.isInvalid;
      const length = Math.max(instruction.length, 1);
      const text = invalid ? "(bad)" : formatter.format(instruction);
      instruction.free();
      decoder.free();
      return { length: invalid ? 1 : length, text };
    },
  };
}

/** Bytes as hexadecimal pairs. */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
