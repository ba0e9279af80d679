/**
 * What each hot case does to the arithmetic flags, and its variant without flags.
 *
 * The decoder walks a block backwards and replaces a case whose flags nobody can see by the variant
 * that does not compute them. Effects are known for register forms only: a memory access may fault,
 * and then every flag is visible.
 */
import type { OpcodeRow } from "../../src/tables/opcodes/index.ts";
import { HOT_VARIANTS, type Variant } from "./variants.ts";

// Groups of flags: CF, OF, and SF, ZF, AF, PF together.
const CF = 1;
const OF = 2;
const REST = 4;
const ALL = CF | OF | REST;
/** The flags before the instruction are visible. */
const BARRIER = 0x40;
/** Nothing happens when the immediate count is 0. */
const COUNTED = 0x80;

interface Effect {
  readonly kills: number;
  readonly reads: number;
  readonly counted?: boolean;
}

const TRANSPARENT: Effect = { kills: 0, reads: 0 };

/** Effect of a register form; undefined when it is not known to be harmless. */
function effectOf(row: OpcodeRow): Effect | undefined {
  const { handler, argument } = row;
  if (/^alu/.test(handler)) {
    return { kills: ALL, reads: /ADC|SBB/.test(argument) ? CF : 0 };
  }
  if (/^shiftEv(Ib|1)$/.test(handler)) {
    const rotate = /RO[LR]/.test(argument);
    return { kills: rotate ? CF | OF : ALL, reads: 0, counted: handler === "shiftEvIb" };
  }
  if (/^(test|neg|imulGvEv)/.test(handler)) return { kills: ALL, reads: 0 };
  if (/^(inc|dec)Ev/.test(handler)) return { kills: OF | REST, reads: 0 };
  if (/^(cmov|setcc)/.test(handler)) return { kills: 0, reads: ALL };
  if (/^(mov(EvGv|GvEv|EvIv|zx|sx)|not|xchgEvGv|bswap|cbw|cwd|nop)/.test(handler)) {
    return TRANSPARENT;
  }
  return undefined;
}

function isRegisterForm(variant: Variant): boolean {
  return variant.form === "register" || variant.form === "plain";
}

/** True when the case has a variant that leaves the flags alone. */
function hasFlagless(variant: Variant): boolean {
  const { row } = variant;
  if (variant.form !== "register" || variant.size === 8) return false;
  if (/^aluEv(Gv|Iv)$/.test(row.handler)) return /ADD|OR|AND|SUB/.test(row.argument);
  return /^(shiftEvIb|shiftEv1|incEv|decEv)$/.test(row.handler);
}

export const FLAGLESS: { readonly of: Variant; readonly id: number }[] = [];

/** Numbers the flagless cases from `first`; returns how many there are. */
export function assignFlagless(first: number): number {
  for (const variant of HOT_VARIANTS) {
    if (hasFlagless(variant)) FLAGLESS.push({ of: variant, id: first + FLAGLESS.length });
  }
  return FLAGLESS.length;
}

/** Flagless case for each case, or 0. */
export function flaglessTable(caseCount: number): number[] {
  const table = new Array<number>(caseCount).fill(0);
  for (const { of, id } of FLAGLESS) table[of.id] = id;
  return table;
}

/** Effect for each case: kills in bits 2:0, reads in bits 5:3, BARRIER, COUNTED. */
export function effectTable(caseCount: number, fused: { first: number; count: number }): number[] {
  const table = new Array<number>(caseCount).fill(BARRIER);
  for (const variant of HOT_VARIANTS) {
    const lea = variant.row.handler === "leaGvM";
    const effect = lea ? TRANSPARENT : effectOf(variant.row);
    if (!effect || !(lea || isRegisterForm(variant))) continue;
    table[variant.id] = effect.kills | (effect.reads << 3) | (effect.counted ? COUNTED : 0);
  }
  // A compare sets all flags before its jump can leave the block.
  for (let i = 0; i < fused.count; i++) table[fused.first + i] = ALL;
  return table;
}
