/** The operations of the test build by number, and the kind of operands each takes. */

/** How an operand is encoded: 80-bit, 32-bit or 64-bit float, integer, packed decimal, none. */
export type OperandKind = "f80" | "f32" | "f64" | "int" | "bcd" | "none";

/** Which settings of the control word matter to an operation. */
export type ControlKind =
  /** Rounding and precision control. */
  | "rc-pc"
  /** Rounding control. */
  | "rc"
  /** Masks alone. */
  | "masks"
  /** MXCSR with rounding, DAZ and FTZ. */
  | "mxcsr"
  /** MXCSR with rounding and DAZ. */
  | "mxcsr-daz"
  /** MXCSR with DAZ. */
  | "mxcsr-compare";

export interface Operation {
  readonly number: number;
  readonly name: string;
  readonly a: OperandKind;
  readonly b: OperandKind;
  readonly control: ControlKind;
  /** Last bits of the result are not the same on all processors. */
  readonly transcendental: boolean;
}

const rows: Operation[] = [];

function add(
  first: number,
  names: string,
  a: OperandKind,
  b: OperandKind,
  control: ControlKind,
  transcendental = false,
): void {
  let number = first;
  for (const name of names.split(" "))
    rows.push({ number: number++, name, a, b, control, transcendental });
}

add(0, "fadd fsub fmul fdiv", "f80", "f80", "rc-pc");
add(4, "fsqrt", "f80", "none", "rc-pc");
add(5, "fcom fucom fprem fprem1", "f80", "f80", "masks");
add(9, "frndint", "f80", "none", "rc");
add(10, "fscale", "f80", "f80", "rc");
add(11, "fxtract fchs fabs", "f80", "none", "masks");
add(14, "fld1 fldl2t fldl2e fldpi fldlg2 fldln2 fldz", "none", "none", "rc-pc");
add(21, "fld-m32", "f32", "none", "masks");
add(22, "fld-m64", "f64", "none", "masks");
add(23, "fst-m32 fst-m64", "f80", "none", "rc");
add(25, "fild-m16 fild-m32 fild-m64", "int", "none", "masks");
add(28, "fist-m16 fist-m32 fistp-m64 fisttp-m16 fisttp-m32 fisttp-m64", "f80", "none", "rc");
add(34, "fbld", "bcd", "none", "masks");
add(35, "fbstp", "f80", "none", "rc");
add(36, "f2xm1", "f80", "none", "rc", true);
add(37, "fyl2x fyl2xp1", "f80", "f80", "rc", true);
add(39, "fptan", "f80", "none", "rc", true);
add(40, "fpatan", "f80", "f80", "rc", true);
add(41, "fsin fcos fsincos", "f80", "none", "rc", true);
add(44, "fxam ftst", "f80", "none", "masks");
add(46, "fadd-m32 fmul-m32 fdiv-m32 fcom-m32", "f80", "f32", "masks");
add(50, "fadd-m64 fmul-m64 fdiv-m64 fcom-m64 fdivr-m64", "f80", "f64", "masks");
add(64, "addss subss mulss divss", "f32", "f32", "mxcsr");
add(68, "sqrtss", "f32", "none", "mxcsr");
add(69, "minss maxss comiss ucomiss", "f32", "f32", "mxcsr-compare");
add(
  73,
  "cmpeqss cmpltss cmpless cmpunordss cmpneqss cmpnltss cmpnless cmpordss",
  "f32",
  "f32",
  "mxcsr-compare",
);
add(96, "addsd subsd mulsd divsd", "f64", "f64", "mxcsr");
add(100, "sqrtsd", "f64", "none", "mxcsr");
add(101, "minsd maxsd comisd ucomisd", "f64", "f64", "mxcsr-compare");
add(
  105,
  "cmpeqsd cmpltsd cmplesd cmpunordsd cmpneqsd cmpnltsd cmpnlesd cmpordsd",
  "f64",
  "f64",
  "mxcsr-compare",
);
add(128, "cvtsi2ss-32 cvtsi2ss-64 cvtsi2sd-32 cvtsi2sd-64", "int", "none", "mxcsr-daz");
add(132, "cvtss2si-32 cvtss2si-64", "f32", "none", "mxcsr-daz");
add(134, "cvtsd2si-32 cvtsd2si-64", "f64", "none", "mxcsr-daz");
add(136, "cvttss2si-32 cvttss2si-64", "f32", "none", "mxcsr-daz");
add(138, "cvttsd2si-32 cvttsd2si-64", "f64", "none", "mxcsr-daz");
add(140, "cvtss2sd", "f32", "none", "mxcsr-daz");
add(141, "cvtsd2ss", "f64", "none", "mxcsr");
for (let imm = 0; imm < 16; imm++) {
  add(144 + imm, `roundss-${imm}`, "f32", "none", "mxcsr-daz");
  add(160 + imm, `roundsd-${imm}`, "f64", "none", "mxcsr-daz");
}

export const OPERATIONS: readonly Operation[] = rows;

const byName = new Map(rows.map((row) => [row.name, row]));

/** The number of an operation, by name. */
export function op(name: string): number {
  const row = byName.get(name);
  if (row === undefined) throw new Error(`no operation ${name}`);
  return row.number;
}
