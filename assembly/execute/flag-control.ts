/** CLC, STC, CMC, CLD, STD, CLI, STI, LAHF, SAHF, SALC, STAC, CLAC. */

import { CR4_PVI, CR4_VME } from "../cpu/control-bits";
import { raiseGp, raiseUd } from "../cpu/fault";
import {
  carryFlag,
  FLAG_AC,
  FLAG_DF,
  FLAG_IF,
  FLAG_OF,
  FLAG_VIF,
  FLAG_VIP,
  flagsRest,
  getArithmeticFlags,
  setArithmeticFlags,
  setCarryFlag,
} from "../cpu/flags";
import { isProtectedMode, isVirtual8086, writeFlags } from "../cpu/mode";
import { getReg, setReg } from "../cpu/registers";
import { NEXT } from "../decode/record";
import { CPL, CR4, FLAGS_REST, INTERRUPTIBILITY, SHADOW_NEW, SLOT_RAX } from "../generated/state";

export function cmc(rec: u32): u32 {
  setCarryFlag(carryFlag() ^ 1);
  return NEXT;
}

export function clc(rec: u32): u32 {
  setCarryFlag(0);
  return NEXT;
}

export function stc(rec: u32): u32 {
  setCarryFlag(1);
  return NEXT;
}

export function cld(rec: u32): u32 {
  store<u32>(FLAGS_REST, flagsRest() & ~FLAG_DF);
  return NEXT;
}

export function std(rec: u32): u32 {
  store<u32>(FLAGS_REST, flagsRest() | FLAG_DF);
  return NEXT;
}

export function lahf(rec: u32): u32 {
  setReg<u8>(SLOT_RAX + 1, ((getArithmeticFlags() & 0xd5) | 2) as u8);
  return NEXT;
}

export function sahf(rec: u32): u32 {
  const flags = getReg<u8>(SLOT_RAX + 1) as u32;
  setArithmeticFlags((getArithmeticFlags() & FLAG_OF) | (flags & 0xd5));
  return NEXT;
}

export function salc(rec: u32): u32 {
  setReg<u8>(SLOT_RAX, carryFlag() != 0 ? 0xff : 0);
  return NEXT;
}

/** Which flag CLI and STI work on: IF, VIF, or neither (#GP). */
function interruptFlag(): u32 {
  if (!isProtectedMode()) return FLAG_IF;
  const iopl = (flagsRest() >>> 12) & 3;
  const cpl = load<u32>(CPL);
  if (isVirtual8086()) {
    if (iopl == 3) return FLAG_IF;
    return (load<u64>(CR4) & CR4_VME) != 0 ? FLAG_VIF : 0;
  }
  if (cpl <= iopl) return FLAG_IF;
  return cpl == 3 && (load<u64>(CR4) & CR4_PVI) != 0 ? FLAG_VIF : 0;
}

export function cli(rec: u32): u32 {
  const flag = interruptFlag();
  if (flag == 0) return raiseGp(0);
  store<u32>(FLAGS_REST, flagsRest() & ~flag);
  return NEXT;
}

export function sti(rec: u32): u32 {
  const flag = interruptFlag();
  if (flag == 0) return raiseGp(0);
  const old = flagsRest();
  if (flag == FLAG_VIF && (old & FLAG_VIP) != 0) return raiseGp(0);
  store<u32>(FLAGS_REST, old | flag);
  if (flag == FLAG_IF && (old & FLAG_IF) == 0) {
    store<u32>(INTERRUPTIBILITY, load<u32>(INTERRUPTIBILITY) | 1);
    store<u32>(SHADOW_NEW, 1);
  }
  return NEXT;
}

export function clac(rec: u32): u32 {
  if (!isProtectedMode() || load<u32>(CPL) != 0 || isVirtual8086()) return raiseUd();
  writeFlags(0, FLAG_AC);
  return NEXT;
}

export function stac(rec: u32): u32 {
  if (!isProtectedMode() || load<u32>(CPL) != 0 || isVirtual8086()) return raiseUd();
  writeFlags(FLAG_AC, FLAG_AC);
  return NEXT;
}
