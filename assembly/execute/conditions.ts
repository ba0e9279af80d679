/** The sixteen conditions of Jcc, SETcc and CMOVcc; each gives 0 or 1. */
import { carryFlag, overflowFlag, parityFlag, signFlag, zeroFlag } from "../cpu/flags";

/** @inline */
export function conditionO(): u32 {
  return overflowFlag();
}

/** @inline */
export function conditionNO(): u32 {
  return overflowFlag() ^ 1;
}

/** @inline */
export function conditionB(): u32 {
  return carryFlag();
}

/** @inline */
export function conditionNB(): u32 {
  return carryFlag() ^ 1;
}

/** @inline */
export function conditionZ(): u32 {
  return zeroFlag();
}

/** @inline */
export function conditionNZ(): u32 {
  return zeroFlag() ^ 1;
}

/** @inline */
export function conditionBE(): u32 {
  return carryFlag() | zeroFlag();
}

/** @inline */
export function conditionNBE(): u32 {
  return (carryFlag() | zeroFlag()) ^ 1;
}

/** @inline */
export function conditionS(): u32 {
  return signFlag();
}

/** @inline */
export function conditionNS(): u32 {
  return signFlag() ^ 1;
}

/** @inline */
export function conditionP(): u32 {
  return parityFlag();
}

/** @inline */
export function conditionNP(): u32 {
  return parityFlag() ^ 1;
}

/** @inline */
export function conditionL(): u32 {
  return signFlag() ^ overflowFlag();
}

/** @inline */
export function conditionNL(): u32 {
  return signFlag() ^ overflowFlag() ^ 1;
}

/** @inline */
export function conditionLE(): u32 {
  return (signFlag() ^ overflowFlag()) | zeroFlag();
}

/** @inline */
export function conditionNLE(): u32 {
  return ((signFlag() ^ overflowFlag()) | zeroFlag()) ^ 1;
}
