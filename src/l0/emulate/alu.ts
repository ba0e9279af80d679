/** Arithmetic of the emulator with the flags that it leaves. Values are unsigned, of `bits` bits. */

export const FLAG = { CF: 1, PF: 4, AF: 0x10, ZF: 0x40, SF: 0x80, DF: 0x400, OF: 0x800 } as const;
export const ARITHMETIC = FLAG.CF | FLAG.PF | FLAG.AF | FLAG.ZF | FLAG.SF | FLAG.OF;
const CARRY_OVERFLOW = FLAG.CF | FLAG.OF;

export interface AluResult {
  readonly value: bigint;
  /** The arithmetic flags. */
  readonly flags: number;
}

/** A result that leaves some of the arithmetic flags as they are. */
export interface PartResult extends AluResult {
  /** Which flags it sets. */
  readonly mask: number;
}

const maskOf = (bits: number) => (1n << BigInt(bits)) - 1n;
const bitOf = (value: bigint, place: number) => Number((value >> BigInt(place)) & 1n);
const flagIf = (condition: boolean, flag: number) => (condition ? flag : 0);

/** ZF, SF and PF of a result. */
function resultFlags(value: bigint, bits: number): number {
  let parity = Number(value & 0xffn);
  parity ^= parity >> 4;
  parity = (0x9669 >> (parity & 15)) & 1;
  return (
    flagIf(parity !== 0, FLAG.PF) |
    flagIf(value === 0n, FLAG.ZF) |
    flagIf(bitOf(value, bits - 1) !== 0, FLAG.SF)
  );
}

/** @param carry CF before: 0 or 1 */
export function add(a: bigint, b: bigint, carry: number, bits: number): AluResult {
  const mask = maskOf(bits);
  const sum = a + b + BigInt(carry);
  const value = sum & mask;
  const overflow = (a ^ value) & (b ^ value);
  return {
    value,
    flags:
      resultFlags(value, bits) |
      flagIf(sum > mask, FLAG.CF) |
      flagIf(((a ^ b ^ value) & 0x10n) !== 0n, FLAG.AF) |
      flagIf(bitOf(overflow, bits - 1) !== 0, FLAG.OF),
  };
}

export function subtract(a: bigint, b: bigint, borrow: number, bits: number): AluResult {
  const mask = maskOf(bits);
  const difference = a - b - BigInt(borrow);
  const value = difference & mask;
  const overflow = (a ^ b) & (a ^ value);
  return {
    value,
    flags:
      resultFlags(value, bits) |
      flagIf(difference < 0n, FLAG.CF) |
      flagIf(((a ^ b ^ value) & 0x10n) !== 0n, FLAG.AF) |
      flagIf(bitOf(overflow, bits - 1) !== 0, FLAG.OF),
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

function cut(value: bigint, bits: number): bigint {
  return BigInt.asUintN(bits, value);
}

/** SHL, SHR, SAR, ROL, ROR, RCL, RCR by a count that is masked already; undefined for no change. */
export function shift(
  mnemonic: string,
  value: bigint,
  count: number,
  flags: number,
  bits: number,
): PartResult | undefined {
  if (count === 0) return undefined;
  if (mnemonic.startsWith("S")) return shiftOut(mnemonic, value, count, bits);
  const isLeft = mnemonic.endsWith("L");
  const throughCarry = mnemonic.startsWith("RC");
  // Through CF the ring has one bit more, CF on top.
  const ring = throughCarry ? bits + 1 : bits;
  const wide = throughCarry ? value | (BigInt(flags & FLAG.CF) << BigInt(bits)) : value;
  const turns = BigInt(isLeft ? count % ring : (ring - (count % ring)) % ring);
  const turned = cut((wide << turns) | (wide >> (BigInt(ring) - turns)), ring);
  const result = cut(turned, bits);
  const top = bitOf(result, bits - 1);
  const second = bitOf(result, bits - 2);
  let carry = isLeft ? Number(result & 1n) : top;
  if (throughCarry) carry = bitOf(turned, bits);
  const overflow = isLeft ? carry ^ top : top ^ second;
  const own = flagIf(carry !== 0, FLAG.CF) | flagIf(overflow !== 0, FLAG.OF);
  return { value: result, flags: own, mask: CARRY_OVERFLOW };
}

function shiftOut(mnemonic: string, value: bigint, count: number, bits: number): PartResult {
  const n = BigInt(count);
  const isLeft = mnemonic === "SHL";
  const wide = mnemonic === "SAR" ? BigInt.asIntN(bits, value) : value;
  const result = cut(isLeft ? wide << n : wide >> n, bits);
  const out = isLeft ? value >> (BigInt(bits) - n) : wide >> (n - 1n);
  const carry = count > bits && isLeft ? 0 : Number(out & 1n);
  const top = bitOf(result, bits - 1);
  let overflow = 0;
  if (isLeft) overflow = carry ^ top;
  else if (mnemonic === "SHR") overflow = top ^ bitOf(result, bits - 2);
  const own = flagIf(carry !== 0, FLAG.CF) | flagIf(overflow !== 0, FLAG.OF);
  return { value: result, flags: resultFlags(result, bits) | own, mask: ARITHMETIC };
}

/** SHLD and SHRD by a masked count; counts above the width leave what nobody may rely on. */
export function doubleShift(
  isLeft: boolean,
  value: bigint,
  source: bigint,
  count: number,
  bits: number,
): PartResult | undefined {
  if (count === 0) return undefined;
  const n = BigInt(count);
  const width = BigInt(bits);
  // The operand beside the source, and once more beside itself for counts above 16.
  const joined = isLeft
    ? (value << (2n * width)) | (source << width) | value
    : (value << (2n * width)) | (source << width) | value;
  const result = cut(isLeft ? (joined << n) >> (2n * width) : joined >> n, bits);
  const out = isLeft ? (joined << n) >> (3n * width) : joined >> (n - 1n);
  const carry = Number(out & 1n);
  const changed = bitOf(value ^ result, bits - 1);
  const own = flagIf(carry !== 0, FLAG.CF) | flagIf(changed !== 0, FLAG.OF);
  return { value: result, flags: resultFlags(result, bits) | own, mask: ARITHMETIC };
}

/** MUL and IMUL: the product of twice the width, CF and OF set where its upper half counts. */
export function multiply(a: bigint, b: bigint, signed: boolean, bits: number): AluResult {
  const product = signed ? BigInt.asIntN(bits, a) * BigInt.asIntN(bits, b) : a * b;
  const low = cut(product, bits);
  const fits = (signed ? BigInt.asIntN(bits, low) : low) === product;
  const flags = resultFlags(low, bits) | flagIf(!fits, CARRY_OVERFLOW);
  return { value: cut(product, bits * 2), flags };
}

/** DIV and IDIV of a dividend of twice the width; undefined for #DE. */
export function divide(
  dividend: bigint,
  divisor: bigint,
  signed: boolean,
  bits: number,
): { readonly quotient: bigint; readonly remainder: bigint } | undefined {
  if (divisor === 0n) return undefined;
  const a = signed ? BigInt.asIntN(bits * 2, dividend) : dividend;
  const b = signed ? BigInt.asIntN(bits, divisor) : divisor;
  const quotient = a / b;
  const fits = (signed ? BigInt.asIntN(bits, quotient) : cut(quotient, bits)) === quotient;
  if (!fits) return undefined;
  return { quotient: cut(quotient, bits), remainder: cut(a % b, bits) };
}

const CONDITIONS = "O NO B NB Z NZ BE NBE S NS P NP L NL LE NLE".split(" ");

/** Whether the condition named as in SETcc, CMOVcc and Jcc holds; undefined for no such name. */
export function conditionHolds(name: string, flags: number): boolean | undefined {
  const number = CONDITIONS.indexOf(name);
  if (number < 0) return undefined;
  const has = (bit: number) => (flags & bit) !== 0;
  const less = has(FLAG.SF) !== has(FLAG.OF);
  const base = [
    has(FLAG.OF),
    has(FLAG.CF),
    has(FLAG.ZF),
    has(FLAG.CF) || has(FLAG.ZF),
    has(FLAG.SF),
    has(FLAG.PF),
    less,
    less || has(FLAG.ZF),
  ][number >> 1]!;
  return base !== ((number & 1) === 1);
}
