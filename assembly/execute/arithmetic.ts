/** ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NEG, NOT, XADD, CMPXCHG, ADCX, ADOX. */
import {
  carryFlag,
  FLAG_OF,
  getArithmeticFlags,
  overflowFlag,
  setArithmeticFlags,
  setCarryFlag,
  setFlagsAdd,
  setFlagsDec,
  setFlagsInc,
  setFlagsLogic,
  setFlagsSub,
} from "../cpu/flags";
import { getReg, setReg } from "../cpu/registers";
import { FAULTED, immOf, NEXT, r1Of, r2Of } from "../decode/record";
import { SLOT_RAX } from "../generated/state";
import { HOST_LIMIT } from "../layout";
import { finishWrite, readPointer, updatePointer } from "../memory/access";

export const ALU_ADD: u32 = 0;
export const ALU_OR: u32 = 1;
export const ALU_ADC: u32 = 2;
export const ALU_SBB: u32 = 3;
export const ALU_AND: u32 = 4;
export const ALU_SUB: u32 = 5;
export const ALU_XOR: u32 = 6;
export const ALU_CMP: u32 = 7;

/** The result of operation `op`; its flags are set by `setAluFlags`. @inline */
function alu<T>(a: T, b: T, op: u32): T {
  switch (op) {
    case ALU_ADD:
      return (a + b) as T;
    case ALU_OR:
      return (a | b) as T;
    case ALU_ADC:
      return (a + b + (carryFlag() as T)) as T;
    case ALU_SBB:
      return (a - b - (carryFlag() as T)) as T;
    case ALU_AND:
      return (a & b) as T;
    case ALU_XOR:
      return (a ^ b) as T;
    default:
      return (a - b) as T;
  }
}

/** @inline */
function setAluFlags<T>(a: T, b: T, result: T, op: u32): void {
  if (op == ALU_ADD || op == ALU_ADC) setFlagsAdd<T>(a, b, result);
  else if (op == ALU_SUB || op == ALU_SBB || op == ALU_CMP) setFlagsSub<T>(a, b, result);
  else setFlagsLogic<T>(result);
}

/** @inline */
export function aluEvGvR<T>(rec: u32, op: u32, flags: bool = true): u32 {
  const a = getReg<T>(r2Of(rec));
  const b = getReg<T>(r1Of(rec));
  const result = alu<T>(a, b, op);
  if (flags) setAluFlags<T>(a, b, result, op);
  if (op != ALU_CMP) setReg<T>(r2Of(rec), result);
  return NEXT;
}

/** @inline */
export function aluEvGvM<T>(rec: u32, gla: u64, op: u32): u32 {
  return aluMemory<T>(rec, gla, getReg<T>(r1Of(rec)), op);
}

/** @inline */
export function aluEvIvR<T>(rec: u32, op: u32, flags: bool = true): u32 {
  const a = getReg<T>(r2Of(rec));
  const b = immOf(rec) as T;
  const result = alu<T>(a, b, op);
  if (flags) setAluFlags<T>(a, b, result, op);
  if (op != ALU_CMP) setReg<T>(r2Of(rec), result);
  return NEXT;
}

/** @inline */
export function aluEvIvM<T>(rec: u32, gla: u64, op: u32): u32 {
  return aluMemory<T>(rec, gla, immOf(rec) as T, op);
}

/** @inline */
export function aluGvEvR<T>(rec: u32, op: u32): u32 {
  const a = getReg<T>(r1Of(rec));
  const b = getReg<T>(r2Of(rec));
  const result = alu<T>(a, b, op);
  setAluFlags<T>(a, b, result, op);
  if (op != ALU_CMP) setReg<T>(r1Of(rec), result);
  return NEXT;
}

/** @inline */
export function aluGvEvM<T>(rec: u32, gla: u64, op: u32): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  const a = getReg<T>(r1Of(rec));
  const b = load<T>(host);
  const result = alu<T>(a, b, op);
  setAluFlags<T>(a, b, result, op);
  if (op != ALU_CMP) setReg<T>(r1Of(rec), result);
  return NEXT;
}

/** The destination is in memory: it is written before the flags change. @inline */
function aluMemory<T>(rec: u32, gla: u64, b: T, op: u32): u32 {
  if (op == ALU_CMP) {
    const from = readPointer<T>(gla, rec);
    if (from == 0) return FAULTED;
    const value = load<T>(from);
    setFlagsSub<T>(value, b, (value - b) as T);
    return NEXT;
  }
  const host = updatePointer<T>(gla, rec);
  const a = load<T>(host);
  const result = alu<T>(a, b, op);
  store<T>(host, result);
  if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
  setAluFlags<T>(a, b, result, op);
  return NEXT;
}

/** @inline */
export function testEvGvR<T>(rec: u32): u32 {
  setFlagsLogic<T>((getReg<T>(r2Of(rec)) & getReg<T>(r1Of(rec))) as T);
  return NEXT;
}

/** @inline */
export function testEvGvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  setFlagsLogic<T>((load<T>(host) & getReg<T>(r1Of(rec))) as T);
  return NEXT;
}

/** @inline */
export function testEvIvR<T>(rec: u32): u32 {
  setFlagsLogic<T>((getReg<T>(r2Of(rec)) & (immOf(rec) as T)) as T);
  return NEXT;
}

/** @inline */
export function testEvIvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  setFlagsLogic<T>((load<T>(host) & (immOf(rec) as T)) as T);
  return NEXT;
}

/** @inline */
export function incEvR<T>(rec: u32, flags: bool = true): u32 {
  const result = (getReg<T>(r2Of(rec)) + (1 as T)) as T;
  if (flags) setFlagsInc<T>(result);
  setReg<T>(r2Of(rec), result);
  return NEXT;
}

/** @inline */
export function incEvM<T>(rec: u32, gla: u64): u32 {
  const host = updatePointer<T>(gla, rec);
  const result = (load<T>(host) + (1 as T)) as T;
  store<T>(host, result);
  if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
  setFlagsInc<T>(result);
  return NEXT;
}

/** @inline */
export function decEvR<T>(rec: u32, flags: bool = true): u32 {
  const result = (getReg<T>(r2Of(rec)) - (1 as T)) as T;
  if (flags) setFlagsDec<T>(result);
  setReg<T>(r2Of(rec), result);
  return NEXT;
}

/** @inline */
export function decEvM<T>(rec: u32, gla: u64): u32 {
  const host = updatePointer<T>(gla, rec);
  const result = (load<T>(host) - (1 as T)) as T;
  store<T>(host, result);
  if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
  setFlagsDec<T>(result);
  return NEXT;
}

/** @inline */
export function negEvR<T>(rec: u32): u32 {
  const value = getReg<T>(r2Of(rec));
  const result = ((0 as T) - value) as T;
  setFlagsSub<T>(0 as T, value, result);
  setReg<T>(r2Of(rec), result);
  return NEXT;
}

/** @inline */
export function negEvM<T>(rec: u32, gla: u64): u32 {
  const host = updatePointer<T>(gla, rec);
  const value = load<T>(host);
  const result = ((0 as T) - value) as T;
  store<T>(host, result);
  if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
  setFlagsSub<T>(0 as T, value, result);
  return NEXT;
}

/** @inline */
export function notEvR<T>(rec: u32): u32 {
  setReg<T>(r2Of(rec), ~getReg<T>(r2Of(rec)) as T);
  return NEXT;
}

/** @inline */
export function notEvM<T>(rec: u32, gla: u64): u32 {
  const host = updatePointer<T>(gla, rec);
  store<T>(host, ~load<T>(host) as T);
  return host < HOST_LIMIT && finishWrite(host) ? FAULTED : NEXT;
}

export function xaddEvGvR<T>(rec: u32): u32 {
  const a = getReg<T>(r2Of(rec));
  const b = getReg<T>(r1Of(rec));
  const result = (a + b) as T;
  setFlagsAdd<T>(a, b, result);
  // The destination is written last: it wins when both are the same register.
  setReg<T>(r1Of(rec), a);
  setReg<T>(r2Of(rec), result);
  return NEXT;
}

export function xaddEvGvM<T>(rec: u32, gla: u64): u32 {
  const host = updatePointer<T>(gla, rec);
  const a = load<T>(host);
  const b = getReg<T>(r1Of(rec));
  const result = (a + b) as T;
  store<T>(host, result);
  if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
  setFlagsAdd<T>(a, b, result);
  setReg<T>(r1Of(rec), a);
  return NEXT;
}

export function cmpxchgEvGvR<T>(rec: u32): u32 {
  const accumulator = getReg<T>(SLOT_RAX);
  const value = getReg<T>(r2Of(rec));
  setFlagsSub<T>(accumulator, value, (accumulator - value) as T);
  if (accumulator == value) setReg<T>(r2Of(rec), getReg<T>(r1Of(rec)));
  else setReg<T>(SLOT_RAX, value);
  return NEXT;
}

export function cmpxchgEvGvM<T>(rec: u32, gla: u64): u32 {
  const host = updatePointer<T>(gla, rec);
  const accumulator = getReg<T>(SLOT_RAX);
  const value = load<T>(host);
  const equal = accumulator == value;
  // The destination is written in either case.
  store<T>(host, equal ? getReg<T>(r1Of(rec)) : value);
  if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
  setFlagsSub<T>(accumulator, value, (accumulator - value) as T);
  if (!equal) setReg<T>(SLOT_RAX, value);
  return NEXT;
}

/** @inline */
function adcx<T>(rec: u32, value: T): u32 {
  const a = getReg<T>(r1Of(rec));
  const sum = (a + value) as T;
  const result = (sum + (carryFlag() as T)) as T;
  setCarryFlag(u32(sum < a) | u32(result < sum));
  setReg<T>(r1Of(rec), result);
  return NEXT;
}

export function adcxGyEyR<T>(rec: u32): u32 {
  return adcx<T>(rec, getReg<T>(r2Of(rec)));
}

export function adcxGyEyM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  return host == 0 ? FAULTED : adcx<T>(rec, load<T>(host));
}

/** @inline */
function adox<T>(rec: u32, value: T): u32 {
  const a = getReg<T>(r1Of(rec));
  const sum = (a + value) as T;
  const result = (sum + (overflowFlag() as T)) as T;
  const overflow = u32(sum < a) | u32(result < sum);
  setArithmeticFlags((getArithmeticFlags() & ~FLAG_OF) | (overflow << 11));
  setReg<T>(r1Of(rec), result);
  return NEXT;
}

export function adoxGyEyR<T>(rec: u32): u32 {
  return adox<T>(rec, getReg<T>(r2Of(rec)));
}

export function adoxGyEyM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  return host == 0 ? FAULTED : adox<T>(rec, load<T>(host));
}
