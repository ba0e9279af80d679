/**
 * VM-entry checks on what guest fields point to: the VMCS link pointer and the PDPTEs (SDM "Checks on
 * Guest Non-Register State", "Checks on Guest Page-Directory-Pointer-Table Entries").
 */
import { CR0_PG, CR4_PAE } from "../cpu/control-bits";
import { addressBitsReserved } from "../cpu/control-registers";
import { VMCS_HPA } from "../generated/state";
import {
  CHECK_GUEST_LINK_ADDR,
  CHECK_GUEST_LINK_CURRENT,
  CHECK_GUEST_LINK_REVISION,
  CHECK_GUEST_LINK_SHADOW,
  CHECK_GUEST_PDPTE_EPT,
  CHECK_GUEST_PDPTE_MEM,
  SECONDARY_VMCS_SHADOWING,
  V_GUEST_CR0,
  V_GUEST_CR3,
  V_GUEST_CR4,
  V_GUEST_PDPTE0,
  V_VMCS_LINK_POINTER,
} from "../generated/vmx";
import { physicalRead64 } from "../memory/physical";
import { isEpt, isIa32eGuest, isPhysical, secondaryControls } from "./check-words";
import {
  NO_VMCS,
  regionPointer,
  regionRevision,
  revisionId,
  SHADOW_INDICATOR,
  vmcsRead,
} from "./vmcs";

const PDPTES: u32 = 4;
const PDPTE_P: u64 = 1;
/** Bits 8:5 and 2:1; those above the physical-address width come on top. */
const PDPTE_RESERVED: u64 = 0x1e6;
const PDPT_ADDRESS: u64 = 0xffffffe0;

/** VMCS link pointer; 0 when all hold. */
export function checkLinkPointer(): u32 {
  const link = vmcsRead<u64>(V_VMCS_LINK_POINTER);
  if (link == NO_VMCS) return 0;
  if (!isPhysical(link, 0xfff)) return CHECK_GUEST_LINK_ADDR;
  const revision = regionRevision(regionPointer(link));
  if ((revision & ~SHADOW_INDICATOR) != revisionId()) return CHECK_GUEST_LINK_REVISION;
  const shadowing = (secondaryControls & SECONDARY_VMCS_SHADOWING) != 0;
  if (((revision & SHADOW_INDICATOR) != 0) != shadowing) return CHECK_GUEST_LINK_SHADOW;
  return link == load<u64>(VMCS_HPA) ? CHECK_GUEST_LINK_CURRENT : 0;
}

/** PDPTEs of a guest with PAE paging; 0 when all hold. */
export function checkPdptes(): u32 {
  if (isIa32eGuest()) return 0;
  if ((vmcsRead<u64>(V_GUEST_CR0) & CR0_PG) == 0) return 0;
  if ((vmcsRead<u64>(V_GUEST_CR4) & CR4_PAE) == 0) return 0;
  const reserved = PDPTE_RESERVED | addressBitsReserved();
  const table = vmcsRead<u64>(V_GUEST_CR3) & PDPT_ADDRESS;
  const ept = isEpt();
  for (let i: u32 = 0; i < PDPTES; i++) {
    const at = i << 3;
    const entry = ept ? vmcsRead<u64>(V_GUEST_PDPTE0 + at) : physicalRead64(table + (at as u64));
    if ((entry & PDPTE_P) != 0 && (entry & reserved) != 0) {
      return ept ? CHECK_GUEST_PDPTE_EPT : CHECK_GUEST_PDPTE_MEM;
    }
  }
  return 0;
}
