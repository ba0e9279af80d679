/** VM exits by accesses to the APIC-access page (SDM "Exit Qualification for APIC-Access VM Exits"). */
import { APIC_ACCESS_HPA, DELIVERING } from "../generated/state";
import { REASON_APIC_ACCESS } from "../generated/vmx";
import { noteExit } from "./pending";

/** APIC_ACCESS_HPA when accesses are not virtualized: the address of no page. */
export const NO_APIC_ACCESS: u64 = 1;

// Access types in bits 15:12 of the exit qualification.
export const APIC_ACCESS_READ: u32 = 0;
export const APIC_ACCESS_WRITE: u32 = 1;
export const APIC_ACCESS_FETCH: u32 = 2;
const APIC_ACCESS_EVENT: u32 = 3;
const APIC_ACCESS_PHYSICAL_EVENT: u32 = 10;
const APIC_ACCESS_PHYSICAL: u32 = 15;

/** Notes exit 44 for an access of `type` by linear address. Returns FAULTED. */
export function exitApicAccess(gla: u64, type: u32): u32 {
  const kind = load<u32>(DELIVERING) != 0 ? APIC_ACCESS_EVENT : type;
  return noteExit(REASON_APIC_ACCESS, ((kind << 12) as u64) | (gla & 0xfff));
}

/** Notes exit 44 for an access by guest-physical address, as of a page walk. Returns FAULTED. */
export function exitApicPhysical(gpa: u64): u32 {
  const kind = load<u32>(DELIVERING) != 0 ? APIC_ACCESS_PHYSICAL_EVENT : APIC_ACCESS_PHYSICAL;
  return noteExit(REASON_APIC_ACCESS, ((kind << 12) as u64) | (gpa & 0xfff));
}

/** True when a guest-physical access to host-physical address `hpa` exits. @inline */
export function isApicAccessPage(hpa: u64): bool {
  return (hpa & ~0xfff) == load<u64>(APIC_ACCESS_HPA);
}
