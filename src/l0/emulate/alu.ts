/** Arithmetic of the emulator with the flags that it leaves. Values are unsigned, of `bits` bits. */

export const FLAG = { CF: 1, PF: 4, AF: 0x10, ZF: 0x40, SF: 0x80, DF: 0x400, OF: 0x800 } as const;
export const ARITHMETIC = FLAG.CF | FLAG.PF | FLAG.AF | FLAG.ZF | FLAG.SF | FLAG.OF;

export interface AluResult {
  readonly value: bigint;
  /** The arithmetic flags. */
  readonly flags: number;
}

const maskOf = (bits: number) => (1n << BigInt(bits)) - 1n;

/** ZF, SF and PF of a result. */
function resultFlags(value: bigint, bits: number): number {
  let parity = Number(value & 0xffn);
  parity ^= parity >> 4;
  parity = (0x9669 >> (parity & 15)) & 1;
  return (
    (parity !== 0 ? FLAG.PF : 0) |
    (value === 0n ? FLAG.ZF : 0) |
    ((value >> BigInt(bits - 1)) & 1n ? FLAG.SF : 0)
  );
}

export function add(a: bigint, b: bigint, carry: number, bits: number): AluResult {
  const mask = maskOf(bits);
  const sum = a + b + BigInt(carry);
  const value = sum & mask;
  const overflow = ((a ^ value) & (b ^ value)) >> BigInt(bits - 1);
  return {
    value,
    flags:
      resultFlags(value, bits) |
      (sum > mask ? FLAG.CF : 0) |
      (((a ^ b ^ value) & 0x10n) !== 0n ? FLAG.AF : 0) |
      ((overflow & 1n) !== 0n ? FLAG.OF : 0),
  };
}

export function subtract(a: bigint, b: bigint, borrow: number, bits: number): AluResult {
  const mask = maskOf(bits);
  const difference = a - b - BigInt(borrow);
  const value = difference & mask;
  const overflow = ((a ^ b) & (a ^ value)) >> BigInt(bits - 1);
  return {
    value,
    flags:
      resultFlags(value, bits) |
      (difference < 0n ? FLAG.CF : 0) |
      (((a ^ b ^ value) & 0x10n) !== 0n ? FLAG.AF : 0) |
      ((overflow & 1n) !== 0n ? FLAG.OF : 0),
  };
}

export function logic(value: bigint, bits: number): AluResult {
  return { value, flags: resultFlags(value, bits) };
}

/** ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST by their names; undefined for another. */
export function compute(
  mnemonic: string,
  a: bigint,
  b: bigint,
  flags: number,
  bits: number,
): AluResult | undefined {
  const carry = flags & FLAG.CF;
  switch (mnemonic) {
    case "ADD":
      return add(a, b, 0, bits);
    case "ADC":
      return add(a, b, carry, bits);
    case "SUB":
    case "CMP":
      return subtract(a, b, 0, bits);
    case "SBB":
      return subtract(a, b, carry, bits);
    case "AND":
    case "TEST":
      return logic(a & b, bits);
    case "OR":
      return logic(a | b, bits);
    case "XOR":
      return logic(a ^ b, bits);
    default:
      return undefined;
  }
}
