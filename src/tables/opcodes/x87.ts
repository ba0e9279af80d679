/** x87 instructions, D8 to DF, with the aliases that processors execute. */
import { type OpcodeRow, rows } from "./row.ts";

/** Arithmetic by ModRM.reg; 2 and 3 are the comparisons. */
const ARITHMETIC = ["ADD", "MUL", "", "", "SUB", "SUBR", "DIV", "DIVR"];
const CONSTANTS = ["FLD1", "FLDL2T", "FLDL2E", "FLDPI", "FLDLG2", "FLDLN2", "FLDZ"];
const MOVES = ["B", "Z", "BE", "P", "NB", "NZ", "NBE", "NP"];
const MOVE_NAMES = ["B", "E", "BE", "U", "NB", "NE", "NBE", "NU"];

function arithmeticRows(): string {
  return ARITHMETIC.map((name, digit) => {
    if (!name) return "";
    // With the destination ST(i), the encodings of the reversed forms change places.
    const mirrored = digit < 4 ? digit : digit ^ 1;
    return `
      F${name}  ST,STi  D8/${digit} x87StSti(X87_${name}) f:FPU
      F${name}  Md      D8/${digit} x87StF32(X87_${name}) f:FPU m:r
      FI${name} Md      DA/${digit} x87StI32(X87_${name}) f:FPU m:r
      F${name}  Mq      DC/${digit} x87StF64(X87_${name}) f:FPU m:r
      FI${name} Mw      DE/${digit} x87StI16(X87_${name}) f:FPU m:r
      F${name}  STi,ST  DC/${mirrored} x87StiSt(X87_${name},0) f:FPU
      F${name}P STi,ST  DE/${mirrored} x87StiSt(X87_${name},1) f:FPU`;
  }).join("\n");
}

function constantRows(): string {
  return CONSTANTS.map(
    (name, i) => `${name} - D9!E${(8 + i).toString(16).toUpperCase()} fldConstant(${i}) f:FPU`,
  ).join("\n");
}

function moveRows(): string {
  return MOVES.map((condition, i) => {
    const encoding = `${i < 4 ? "DA" : "DB"}/${i & 3}`;
    return `FCMOV${MOVE_NAMES[i]} ST,STi ${encoding} fcmovStSti(condition${condition}()) f:CMOV`;
  }).join("\n");
}

export const X87: readonly OpcodeRow[] = rows(
  "x87",
  `
  # arithmetic
  ${arithmeticRows()}

  # constants
  ${constantRows()}

  # conditional moves
  ${moveRows()}

  # comparison
  FCOM    ST,STi  D8/2    fcomSti(0)    f:FPU
  FCOMP   ST,STi  D8/3    fcomSti(1)    f:FPU
  FCOM    Md      D8/2    fcomF32(0)    f:FPU m:r
  FCOMP   Md      D8/3    fcomF32(1)    f:FPU m:r
  FICOM   Md      DA/2    ficomI32(0)   f:FPU m:r
  FICOMP  Md      DA/3    ficomI32(1)   f:FPU m:r
  FCOM    Mq      DC/2    fcomF64(0)    f:FPU m:r
  FCOMP   Mq      DC/3    fcomF64(1)    f:FPU m:r
  FCOM2   ST,STi  DC/2    fcomSti(0)    f:FPU
  FCOMP3  ST,STi  DC/3    fcomSti(1)    f:FPU
  FICOM   Mw      DE/2    ficomI16(0)   f:FPU m:r
  FICOMP  Mw      DE/3    ficomI16(1)   f:FPU m:r
  FCOMP5  ST,STi  DE/2    fcomSti(1)    f:FPU
  FCOMPP  ST,STi  DE!D9   fcomSti(2)    f:FPU
  FUCOM   ST,STi  DD/4    fucomSti(0)   f:FPU
  FUCOMP  ST,STi  DD/5    fucomSti(1)   f:FPU
  FUCOMPP ST,STi  DA!E9   fucomSti(2)   f:FPU
  FUCOMI  ST,STi  DB/5    fucomi(0)     f:CMOV
  FCOMI   ST,STi  DB/6    fcomi(0)      f:CMOV
  FUCOMIP ST,STi  DF/5    fucomi(1)     f:CMOV
  FCOMIP  ST,STi  DF/6    fcomi(1)      f:CMOV
  FTST    -       D9!E4   ftst          f:FPU
  FXAM    -       D9!E5   fxam          f:FPU

  # loads and stores
  FLD     STi     D9/0    fldSti        f:FPU
  FLD     Md      D9/0    fldF32        f:FPU m:r
  FLD     Mt      DB/5    fldF80        f:FPU m:r
  FLD     Mq      DD/0    fldF64        f:FPU m:r
  FILD    Md      DB/0    fildI32       f:FPU m:r
  FILD    Mw      DF/0    fildI16       f:FPU m:r
  FILD    Mq      DF/5    fildI64       f:FPU m:r
  FBLD    Mt      DF/4    fbld          f:FPU m:r
  FST     Md      D9/2    fstF32(0)     f:FPU m:w
  FSTP    Md      D9/3    fstF32(1)     f:FPU m:w
  FSTP    Mt      DB/7    fstpF80       f:FPU m:w
  FST     Mq      DD/2    fstF64(0)     f:FPU m:w
  FSTP    Mq      DD/3    fstF64(1)     f:FPU m:w
  FIST    Md      DB/2    fistI32(0,false) f:FPU m:w
  FISTP   Md      DB/3    fistI32(1,false) f:FPU m:w
  FIST    Mw      DF/2    fistI16(0,false) f:FPU m:w
  FISTP   Mw      DF/3    fistI16(1,false) f:FPU m:w
  FISTP   Mq      DF/7    fistpI64(false)  f:FPU m:w
  FISTTP  Md      DB/1    fistI32(1,true)  f:SSE3 m:w
  FISTTP  Mq      DD/1    fistpI64(true)   f:SSE3 m:w
  FISTTP  Mw      DF/1    fistI16(1,true)  f:SSE3 m:w
  FBSTP   Mt      DF/6    fbstp         f:FPU m:w
  FST     STi     DD/2    fstSti(0)     f:FPU
  FSTP    STi     DD/3    fstSti(1)     f:FPU
  FSTP1   STi     D9/3    fstpQuiet     f:FPU
  FSTP8   STi     DF/2    fstSti(1)     f:FPU
  FSTP9   STi     DF/3    fstSti(1)     f:FPU
  FXCH    STi     D9/1    fxchSti       f:FPU
  FXCH4   STi     DD/1    fxchSti       f:FPU
  FXCH7   STi     DF/1    fxchSti       f:FPU

  # one or two operands on top of the stack
  FCHS    -       D9!E0   fchs          f:FPU
  FABS    -       D9!E1   fabs          f:FPU
  F2XM1   -       D9!F0   f2xm1         f:FPU
  FYL2X   -       D9!F1   fyl2x         f:FPU
  FPTAN   -       D9!F2   fptan         f:FPU
  FPATAN  -       D9!F3   fpatan        f:FPU
  FXTRACT -       D9!F4   fxtract       f:FPU
  FPREM1  -       D9!F5   fprem1        f:FPU
  FPREM   -       D9!F8   fprem         f:FPU
  FYL2XP1 -       D9!F9   fyl2xp1       f:FPU
  FSQRT   -       D9!FA   fsqrt         f:FPU
  FSINCOS -       D9!FB   fsincos       f:FPU
  FRNDINT -       D9!FC   frndint       f:FPU
  FSCALE  -       D9!FD   fscale        f:FPU
  FSIN    -       D9!FE   fsin          f:FPU
  FCOS    -       D9!FF   fcos          f:FPU

  # control
  FNOP    -       D9!D0   fnop          f:FPU
  FDECSTP -       D9!F6   fdecstp       f:FPU
  FINCSTP -       D9!F7   fincstp       f:FPU
  FFREE   STi     DD/0    ffreeSti(0)   f:FPU
  FFREEP  STi     DF/0    ffreeSti(1)   f:FPU
  FNENI   -       DB!E0   fnignored     f:FPU
  FNDISI  -       DB!E1   fnignored     f:FPU
  FNCLEX  -       DB!E2   fnclex        f:FPU
  FNINIT  -       DB!E3   fninit        f:FPU
  FNSETPM -       DB!E4   fnignored     f:FPU
  FLDCW   Mw      D9/5    fldcw         f:FPU m:r
  FNSTCW  Mw      D9/7    fnstcw        f:FPU m:w
  FNSTSW  Mw      DD/7    fnstsw        f:FPU m:w
  FNSTSW  AX      DF!E0   fnstswAx      f:FPU
  FLDENV  M       D9/4    fldenv        f:FPU m:r size:v
  FNSTENV M       D9/6    fnstenv       f:FPU m:w size:v
  FRSTOR  M       DD/4    frstor        f:FPU m:r size:v
  FNSAVE  M       DD/6    fnsave        f:FPU m:w size:v
  `,
);
