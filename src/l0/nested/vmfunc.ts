/** VM functions of L2 (handle_vmfunc): EPTP switching, which L0 carries out. */
import { FIELD, SECONDARY } from "../../generated/vmx.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import type { Vcpu } from "../vcpu.ts";
import { isValidEptp } from "./checks.ts";
import { hardwareExit, nestedVmexit } from "./exit.ts";
import { newEptp, secondary12 } from "./roots.ts";
import type { Nested } from "./state.ts";

const EPTP_SWITCHING = 0;
const EPTP_ENTRIES = 512;
const EPTP_BYTES = 8;

/** Carries the function out, or lets L1 have the exit. */
export function* handleVmfunc(vcpu: Vcpu, nested: Nested): Task {
  // The processor raises #UD for functions above 63, and where L1 has not enabled any.
  const number = vcpu.regs[0]!;
  const enabled = (nested.vmcs12.wide(FIELD.vm_function_controls) >> BigInt(number)) & 1n;
  if (enabled !== 0n && number === EPTP_SWITCHING && switchEptp(vcpu, nested)) {
    vcpu.skip();
    return;
  }
  yield* nestedVmexit(vcpu, nested, hardwareExit(vcpu));
}

/** nested_vmx_eptp_switching: the EPTP with number ECX of L1's list. */
function switchEptp(vcpu: Vcpu, nested: Nested): boolean {
  const { vmcs12 } = nested;
  const index = vcpu.regs[2]!;
  if (index >= EPTP_ENTRIES) return false;
  const entry = new Uint8Array(EPTP_BYTES);
  const at = vmcs12.address(FIELD.eptp_list_addr) + index * EPTP_BYTES;
  if (!vcpu.vm.readGuest(at, entry)) return false;
  const view = new DataView(entry.buffer);
  const lo = view.getUint32(0, true);
  const hi = view.getUint32(4, true);
  if (lo === vmcs12.lo(FIELD.eptp) && hi === vmcs12.hi(FIELD.eptp)) return true;
  if (!isValidEptp(nested, lo, hi)) return false;
  vcpu.hw.at("nested_vmx_eptp_switching");
  vmcs12.set(FIELD.eptp, lo, hi);
  newEptp(nested);
  if ((secondary12(nested) & SECONDARY.enable_vpid) === 0) vcpu.makeRequest(REQ.tlbFlushGuest);
  return true;
}
