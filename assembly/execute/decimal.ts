/** AAA, AAS, AAD, AAM, DAA, DAS. */
import { raiseVector, VECTOR_DE } from "../cpu/fault";
import {
  auxiliaryFlag,
  carryFlag,
  FLAG_AF,
  FLAG_CF,
  getArithmeticFlags,
  setArithmeticFlags,
  setFlagsResult,
} from "../cpu/flags";
import { getReg, setReg } from "../cpu/registers";
import { imm32Of, NEXT } from "../decode/record";
import { SLOT_RAX } from "../generated/state";

/** Adjusts AX after an addition (`sign` 1) or subtraction (-1) of unpacked digits. */
function adjustUnpacked(sign: i32): u32 {
  let ax = getReg<u16>(SLOT_RAX) as i32;
  const adjust = (ax & 15) > 9 || auxiliaryFlag() != 0;
  if (adjust) ax += sign * 0x106;
  setReg<u16>(SLOT_RAX, (ax & 0xff0f) as u16);
  setFlagsResult<u8>((ax & 15) as u8, 0, 0);
  const both = adjust ? FLAG_AF | FLAG_CF : 0;
  setArithmeticFlags((getArithmeticFlags() & ~(FLAG_AF | FLAG_CF)) | both);
  return NEXT;
}

export function aaa(rec: u32): u32 {
  return adjustUnpacked(1);
}

export function aas(rec: u32): u32 {
  return adjustUnpacked(-1);
}

export function aad(rec: u32): u32 {
  const base = imm32Of(rec) & 0xff;
  const ax = getReg<u16>(SLOT_RAX) as u32;
  const result = ((ax & 0xff) + (ax >>> 8) * base) & 0xff;
  setReg<u16>(SLOT_RAX, result as u16);
  setFlagsResult<u8>(result as u8, 0, 0);
  return NEXT;
}

export function aam(rec: u32): u32 {
  const base = imm32Of(rec) & 0xff;
  if (base == 0) return raiseVector(VECTOR_DE);
  const al = getReg<u8>(SLOT_RAX) as u32;
  setReg<u16>(SLOT_RAX, (((al / base) << 8) | (al % base)) as u16);
  setFlagsResult<u8>((al % base) as u8, 0, 0);
  return NEXT;
}

/** Adjusts AL after an addition (`sign` 1) or subtraction (-1) of packed digits. */
function adjustPacked(sign: i32): u32 {
  const old = getReg<u8>(SLOT_RAX) as i32;
  const oldCarry = carryFlag();
  let al = old;
  let cf: u32 = 0;
  const low = (old & 15) > 9 || auxiliaryFlag() != 0;
  if (low) {
    al += sign * 6;
    // DAS keeps a borrow out of the low adjustment.
    cf = oldCarry | u32(al < 0 || al > 0xff);
  }
  const high = old > 0x99 || oldCarry != 0;
  if (high) {
    al += sign * 0x60;
    cf = 1;
  } else if (sign > 0) {
    cf = 0;
  }
  setReg<u8>(SLOT_RAX, al as u8);
  setFlagsResult<u8>(al as u8, cf, 0);
  if (low) setArithmeticFlags(getArithmeticFlags() | FLAG_AF);
  return NEXT;
}

export function daa(rec: u32): u32 {
  return adjustPacked(1);
}

export function das(rec: u32): u32 {
  return adjustPacked(-1);
}
