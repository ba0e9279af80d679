/** Effective addresses of memory operands. */

import { linear, linearize } from "../cpu/segment";
import {
  addressSizeOf,
  FAULTED,
  NEXT,
  REC_BASE,
  REC_DISP,
  REC_IMM,
  REC_INDEX,
  REC_PREFIX,
  REC_SCALE,
  REC_SEG,
  r1Of,
  r2Of,
} from "../decode/record";
import { ADDR_MASK, GPR, SLOT_EA_TEMP } from "../generated/state";

/** Linear address of the operand of a hot case: base + index * scale + segment base + disp. @inline */
export function effectiveAddress(rec: u32): u64 {
  return (
    (load<u64>(load<u8>(rec, REC_BASE), GPR) +
      (load<u64>(load<u8>(rec, REC_INDEX), GPR) << (load<u8>(rec, REC_SCALE) as u64)) +
      load<u64>(load<u8>(rec, REC_SEG), GPR) +
      (load<i32>(rec, REC_DISP) as i64 as u64)) &
    load<u64>(ADDR_MASK)
  );
}

/** The same for an operand of the form base + displacement. @inline */
export function effectiveAddressBd(rec: u32): u64 {
  return (
    (load<u64>(load<u8>(rec, REC_BASE), GPR) + (load<i32>(rec, REC_DISP) as i64 as u64)) &
    load<u64>(ADDR_MASK)
  );
}

/** Mask of an address size given as log2 of bytes. @inline */
export function addressSizeMask(size: u32): u64 {
  return size == 3 ? ~(0 as u64) : size == 2 ? 0xffffffff : 0xffff;
}

/** Offset of the memory operand in its segment, for cases that check the segment themselves. */
export function operandOffset(rec: u32): u64 {
  return (
    (load<u64>(load<u8>(rec, REC_BASE), GPR) +
      (load<u64>(load<u8>(rec, REC_INDEX), GPR) << (load<u8>(rec, REC_SCALE) as u64)) +
      (load<i32>(rec, REC_DISP) as i64 as u64)) &
    addressSizeMask(addressSizeOf(rec))
  );
}

/** The same from an address record, whose displacement has 64 bits. @inline */
function wideOffset(rec: u32): u64 {
  return (
    (load<u64>(load<u8>(rec, REC_BASE), GPR) +
      (load<u64>(load<u8>(rec, REC_INDEX), GPR) << (load<u8>(rec, REC_SCALE) as u64)) +
      (load<i64>(rec, REC_IMM) as u64)) &
    addressSizeMask(addressSizeOf(rec))
  );
}

/** EA_LINEAR: checks the segment and puts the linear address into EA_TEMP. */
export function computeLinear(rec: u32): u32 {
  const access = r2Of(rec);
  const segment = (load<u8>(rec, REC_PREFIX) as u32) & 7;
  if (!linearize(segment, wideOffset(rec), r1Of(rec), access == 1 || access == 2)) return FAULTED;
  store<u64>(SLOT_EA_TEMP, linear, GPR);
  return NEXT;
}

/** EA_OFFSET: puts the offset into EA_TEMP; the case behind it checks the segment. */
export function computeOffset(rec: u32): void {
  store<u64>(SLOT_EA_TEMP, wideOffset(rec), GPR);
}
