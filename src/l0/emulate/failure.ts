/** What is beyond the emulator (handle_emulation_failure). */
import { queueException, VECTOR_UD } from "../inject.ts";
import { InternalError } from "../userspace.ts";
import type { Vcpu } from "../vcpu.ts";

/**
 * Neither L2 nor a program may end the run of the machine: they get #UD, which is queued.
 * @throws InternalError for the kernel of L1
 */
export function emulationFailed(vcpu: Vcpu, what: string): void {
  if (vcpu.guestMode || vcpu.cpl !== 0) {
    queueException(vcpu, VECTOR_UD);
    return;
  }
  const rip = `0x${vcpu.rip.toString(16)}`;
  throw new InternalError("emulation", `vCPU ${vcpu.index}: ${what} at RIP ${rip} failed`);
}
