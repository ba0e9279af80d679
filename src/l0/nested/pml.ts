/** Page-modification logging for L1 (nested_vmx_write_pml_buffer): L0 fills the log. */
import { FIELD, REASON, SECONDARY } from "../../generated/vmx.ts";
import { REQ } from "../requests.ts";
import { EPT, type Walk12 } from "./ept12.ts";
import { secondary12 } from "./roots.ts";
import type { Nested } from "./state.ts";

const LOG_ENTRIES = 512;
const ENTRY_BYTES = 8;
const UNBLOCKED_NMI = 1 << 12;

/**
 * To be asked before the dirty flag of EPT12 is set for a write of L2 to `gpa`: logs it where L1 wants
 * that. False when the log is full; the exit for that is queued, and nothing may be written.
 */
export function logWrite(
  nested: Nested,
  walk: Walk12,
  gpa: number,
  write: boolean,
  qualification = 0,
): boolean {
  const { vcpu, vmcs12 } = nested;
  if (!write || (secondary12(nested) & SECONDARY.enable_pml) === 0) return true;
  if ((walk.lo.at(-1)! & EPT.dirty) !== 0) return true;
  const index = vmcs12.lo(FIELD.pml_index);
  if (index >= LOG_ENTRIES) {
    nested.pendingExit = {
      reason: REASON.pml_full,
      qualification: BigInt(qualification & UNBLOCKED_NMI),
      gpa,
    };
    vcpu.makeRequest(REQ.event);
    return false;
  }
  const entry = new Uint8Array(ENTRY_BYTES);
  new DataView(entry.buffer).setBigUint64(0, BigInt(gpa - (gpa % 4096)), true);
  vcpu.vm.writeGuest(vmcs12.address(FIELD.pml_address) + index * ENTRY_BYTES, entry);
  vmcs12.set(FIELD.pml_index, (index - 1) & 0xffff);
  return true;
}
