/**
 * Sub-page write permissions (SDM "Sub-Page Write Permissions"): writes to a page that the EPT does
 * not let be written, allowed for some of its 128-byte parts.
 */
import { V_SPPT_POINTER } from "../generated/vmx";
import { M_PHYS_BITS } from "../layout";
import { physicalRead64 } from "../memory/physical";
import { vmcsRead } from "../vmx/vmcs";

export const SPP_DENIED: u32 = 0;
export const SPP_ALLOWED: u32 = 1;
/** An entry of the tables is not valid. */
export const SPP_MISS: u32 = 2;
/** An entry has reserved bits set. */
export const SPP_MISCONFIGURED: u32 = 3;

const SUB_PAGE_SHIFT: u64 = 7;
const VALID: u64 = 1;
const ADDRESS: u64 = 0x000ffffffffff000;
/** Odd bits of a vector of permissions are reserved. */
const VECTOR_RESERVED: u64 = 0xaaaaaaaaaaaaaaaa;

let bytes: u32 = 0;

/** Notes the size of the write that comes next; 0 for one that no sub-page may permit. @inline */
export function noteWriteSize(size: u32): void {
  bytes = size;
}

/** Judges the write noted last at guest-physical address `gpa`. Returns SPP_*. */
export function sppVerdict(gpa: u64): u32 {
  if (bytes == 0) return SPP_DENIED;
  let table = vmcsRead<u64>(V_SPPT_POINTER) & ADDRESS;
  const reserved = ~(((1 as u64) << (load<u32>(M_PHYS_BITS) as u64)) - 1) | 0xffe;
  for (let shift: u64 = 39; shift >= 21; shift -= 9) {
    const entry = physicalRead64(table | (((gpa >> shift) & 0x1ff) << 3));
    if ((entry & VALID) == 0) return SPP_MISS;
    if ((entry & reserved) != 0) return SPP_MISCONFIGURED;
    table = entry & ADDRESS;
  }
  const vector = physicalRead64(table | (((gpa >> 12) & 0x1ff) << 3));
  if ((vector & VECTOR_RESERVED) != 0) return SPP_MISCONFIGURED;
  const first = (gpa & 0xfff) >> SUB_PAGE_SHIFT;
  const last = ((gpa & 0xfff) + ((bytes - 1) as u64)) >> SUB_PAGE_SHIFT;
  for (let part = first; part <= last; part++) {
    if (((vector >> (part << 1)) & 1) == 0) return SPP_DENIED;
  }
  return SPP_ALLOWED;
}
