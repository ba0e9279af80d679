/**
 * VM-exit instruction information and the displacement that serves as exit qualification (SDM
 * "Information for VM Exits Due to Instruction Execution").
 */
import { is64BitCode } from "../cpu/mode";
import {
  addressSizeOf,
  isMemory,
  REC_BASE,
  REC_BYTES,
  REC_DISP,
  REC_IMM,
  REC_INDEX,
  REC_SCALE,
  r1Of,
  r2Of,
  segmentOf,
} from "../decode/record";
import { operandOffset } from "../execute/address";
import { SLOT_EA_TEMP, SLOT_PAGE_LINEAR, SLOT_ZERO } from "../generated/state";

const BASE_INVALID: u32 = 1 << 27;
const INDEX_INVALID: u32 = 1 << 22;
const REGISTER_FORM: u32 = 1 << 10;

/** The record that holds the address of the memory operand: an address record may stand before. */
function addressRecord(rec: u32): u32 {
  return (load<u8>(rec, REC_BASE) as u32) == SLOT_EA_TEMP ? rec - REC_BYTES : rec;
}

/** Scaling, address size, segment, index and base of the memory operand. */
export function memoryInfo(rec: u32): u32 {
  const at = addressRecord(rec);
  const base = load<u8>(at, REC_BASE) as u32;
  const index = load<u8>(at, REC_INDEX) as u32;
  let info = ((addressSizeOf(rec) - 1) << 7) | (segmentOf(rec) << 15);
  info |= base < SLOT_ZERO ? (base >>> 3) << 23 : BASE_INVALID;
  if (index < SLOT_ZERO) info |= ((index >>> 3) << 18) | (load<u8>(at, REC_SCALE) as u32);
  else info |= INDEX_INVALID;
  return info;
}

/** The same or, for a register operand, its number. */
export function operandInfo(rec: u32): u32 {
  return isMemory(rec) ? memoryInfo(rec) : ((r2Of(rec) >>> 3) << 3) | REGISTER_FORM;
}

/** Number of the register that ModRM.reg names, in bits 31:28. */
export function registerInfo(rec: u32): u32 {
  return (r1Of(rec) >>> 3) << 28;
}

/** Exit qualification of an instruction with a memory operand; 0 for a register operand. */
export function displacementOf(rec: u32): u64 {
  if (!isMemory(rec)) return 0;
  const at = addressRecord(rec);
  const base = load<u8>(at, REC_BASE) as u32;
  if (base == SLOT_PAGE_LINEAR) return operandOffset(rec);
  const wide = at == rec ? (load<i32>(rec, REC_DISP) as i64) : load<i64>(at, REC_IMM);
  return is64BitCode() ? (wide as u64) : (wide as u64) & 0xffffffff;
}
