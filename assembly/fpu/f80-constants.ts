/** The constants that FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2 and FLDZ push. */
import { fpRc, RC_NEAREST, RC_UP, setResult } from "./status";

// The significand just below the constant, and whether the nearest one is the one above.
const L2T: u64 = 0xd49a784bcd1b8afe;
const L2E: u64 = 0xb8aa3b295c17f0bb;
const PI: u64 = 0xc90fdaa22168c234;
const LG2: u64 = 0x9a209a84fbcff798;
const LN2: u64 = 0xb17217f7d1cf79ab;

/** The rounding control applies at 64 bits; no exception and no C1 comes of it. */
function constant(below: u64, nearestUp: u64, exp: u32): void {
  const up = fpRc == RC_NEAREST ? nearestUp : u64(fpRc == RC_UP);
  setResult(below + up, exp);
}

/** FLD1 (index 0) to FLDZ (index 6), in the order of their opcodes D9 E8 to D9 EE. */
export function f80Constant(index: u32): void {
  switch (index) {
    case 0:
      setResult(0x8000000000000000, 0x3fff);
      break;
    case 1:
      constant(L2T, 0, 0x4000);
      break;
    case 2:
      constant(L2E, 1, 0x3fff);
      break;
    case 3:
      constant(PI, 1, 0x4000);
      break;
    case 4:
      constant(LG2, 1, 0x3ffd);
      break;
    case 5:
      constant(LN2, 1, 0x3ffe);
      break;
    default:
      setResult(0, 0);
  }
}
