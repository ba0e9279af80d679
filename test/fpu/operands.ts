/** Special operands of each format, control words, and the rows of records made of them. */

import type { ControlKind, OperandKind, Operation } from "./operations.ts";
import { type FpuRecord, record } from "./records.ts";

export interface Operand {
  readonly bits: bigint;
  readonly exp: number;
}

const MSB = 1n << 63n;
const BIAS = 0x3fff;

/** Both signs of one magnitude. */
function signed(exp: number, sig: bigint): Operand[] {
  return [
    { bits: sig, exp },
    { bits: sig, exp: exp | 0x8000 },
  ];
}

const F80: readonly Operand[] = [
  ...signed(0, 0n),
  ...signed(0, 1n),
  ...signed(0, MSB - 1n),
  ...signed(0, MSB),
  ...signed(1, MSB),
  ...signed(1, MSB | 0x7ffn),
  ...signed(BIAS - 1074, MSB),
  ...signed(BIAS - 1023, 0xfffffffffffff800n),
  ...signed(BIAS - 127, 0xffffff8000000000n),
  ...signed(BIAS - 64, 0xc000000000000001n),
  ...signed(BIAS - 1, MSB),
  ...signed(BIAS - 1, 0xc000000000000000n),
  ...signed(BIAS, MSB),
  ...signed(BIAS, MSB | 1n),
  ...signed(BIAS, 0xb504f333f9de6484n),
  ...signed(BIAS + 1, 0xc90fdaa22168c235n),
  ...signed(BIAS + 15, 0xfffeffffffffffffn),
  ...signed(BIAS + 31, 0xfffffffeffffffffn),
  ...signed(BIAS + 59, 0xde0b6b3a763ffff8n),
  ...signed(BIAS + 62, 0xffffffffffffffffn),
  ...signed(BIAS + 63, 0xfffffffffffffc00n),
  ...signed(BIAS + 127, 0xffffff7fffffffffn),
  ...signed(BIAS + 1023, 0xfffffffffffffbffn),
  ...signed(0x7ffe, MSB),
  ...signed(0x7ffe, (1n << 64n) - 1n),
  ...signed(0x7fff, MSB),
  ...signed(0x7fff, 0xc000000000000000n),
  ...signed(0x7fff, 0xc000000000000123n),
  ...signed(0x7fff, MSB | 1n),
  ...signed(0x7fff, MSB | 0x123n),
  { bits: 0n, exp: 0x7fff },
  { bits: 1n, exp: 0x7fff },
  { bits: MSB - 1n, exp: BIAS },
  { bits: 0n, exp: 0xc000 },
];

function floats(magnitudes: readonly bigint[], signBit: bigint): Operand[] {
  return magnitudes.flatMap((bits) => [
    { bits, exp: 0 },
    { bits: bits | signBit, exp: 0 },
  ]);
}

const F32 = floats(
  [
    0n,
    1n,
    0x7fffffn,
    0x800000n,
    0x800001n,
    0x01000000n,
    0x33800001n,
    0x3effffffn,
    0x3f000000n,
    0x3f7fffffn,
    0x3f800000n,
    0x3f800001n,
    0x3fc00000n,
    0x40490fdbn,
    0x4b000001n,
    0x4effffffn,
    0x4f000000n,
    0x5f000000n,
    0x7f7fffffn,
    0x7f800000n,
    0x7f800001n,
    0x7fc00000n,
    0x7fc00123n,
  ],
  1n << 31n,
);

const F64 = floats(
  [
    0n,
    1n,
    0xfffffffffffffn,
    0x10000000000000n,
    0x10000000000001n,
    0x20000000000000n,
    0x36a0000000000000n,
    0x380fffffefffffffn,
    0x3ca0000000000001n,
    0x3fdfffffffffffffn,
    0x3fe0000000000000n,
    0x3fefffffffffffffn,
    0x3ff0000000000000n,
    0x3ff0000000000001n,
    0x3ff8000000000000n,
    0x400921fb54442d18n,
    0x41dfffffffdfffffn,
    0x41e0000000000000n,
    0x4330000000000001n,
    0x43e0000000000000n,
    0x47efffffefffffffn,
    0x7fefffffffffffffn,
    0x7ff0000000000000n,
    0x7ff0000000000001n,
    0x7ff8000000000000n,
    0x7ff8000000000123n,
  ],
  MSB,
);

const INT = [
  0n,
  1n,
  2n,
  0x7fffn,
  0x8000n,
  0xffffffn,
  0x1000001n,
  0x1000003n,
  0x7fffffffn,
  0x80000000n,
  0x20000000000001n,
  0x20000000000003n,
  0x7fffffffffffffffn,
  0x7ffffffffffffbffn,
  MSB,
].flatMap((v) => [
  { bits: v, exp: 0 },
  { bits: BigInt.asUintN(64, -v), exp: 0 },
]);

const BCD: readonly Operand[] = [
  ...signed(0, 0n),
  ...signed(0, 1n),
  ...signed(0x99, 0x9999999999999999n),
  ...signed(0x12, 0x3456789012345678n),
  ...signed(0x10, 0n),
];

const OPERANDS: Record<OperandKind, readonly Operand[]> = {
  f80: F80,
  f32: F32,
  f64: F64,
  int: INT,
  bcd: BCD,
  none: [{ bits: 0n, exp: 0 }],
};

export function specialOperands(kind: OperandKind): readonly Operand[] {
  return OPERANDS[kind];
}

/** All exceptions masked, then each alone unmasked, then none masked. */
const MASKS = [0x3f, 0x3e, 0x3d, 0x3b, 0x37, 0x2f, 0x1f, 0x00];

/** The control words under which an operation is tested. */
export function controls(kind: ControlKind): number[] {
  const rounding = [0, 1, 2, 3];
  if (!kind.startsWith("mxcsr")) {
    const list = MASKS.map((mask) => 0x340 | mask);
    if (kind === "masks") return list;
    for (const rc of rounding) {
      for (const pc of kind === "rc" ? [3] : [0, 2, 3]) {
        if (rc !== 0 || pc !== 3) list.push(0x7f | (pc << 8) | (rc << 10));
      }
    }
    return list;
  }
  const list = MASKS.map((mask) => mask << 7);
  for (const rc of kind === "mxcsr-compare" ? [0] : rounding) {
    for (const flush of kind === "mxcsr" ? [0, 0x40, 0x8000, 0x8040] : [0, 0x40]) {
      if (rc !== 0 || flush !== 0) list.push(0x1f80 | (rc << 13) | flush);
    }
  }
  // Flush-to-zero must not act while underflow is unmasked.
  if (kind === "mxcsr") list.push(0x9780);
  return list;
}

/** Records of one operation and control word: `a` fixed with every `b`, or every `a`. */
export function* rowsOf(operation: Operation, control: number): Generator<FpuRecord[]> {
  const as = specialOperands(operation.a);
  const bs = specialOperands(operation.b);
  const make = (a: Operand, b: Operand): FpuRecord =>
    record(operation.number, control, a.bits, a.exp, b.bits, b.exp);
  if (operation.b === "none") yield as.map((a) => make(a, bs[0]!));
  else for (const a of as) yield bs.map((b) => make(a, b));
}
