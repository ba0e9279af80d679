/** Whether flushes of one context are carried out in the context for which they were asked. */
import { REQ } from "../l0/requests.ts";
import type { Vcpu } from "../l0/vcpu.ts";

const LOCAL_FLUSHES = [
  [REQ.tlbFlushCurrent, "current"],
  [REQ.tlbFlushGuest, "guest"],
] as const;

const nameOf = (isL2: boolean) => (isL2 ? "L2" : "L1");

export class FlushContexts {
  /** The first flush of one context that was carried out in another. */
  misplaced: string | undefined;
  /** A flush of everything was made, and one of the tables in use still waited. */
  leftWaiting = false;
  /** Whether L2 was active when a local flush was asked for, by vCPU and kind. */
  private readonly askedIn = new Map<string, boolean>();

  requested(vcpu: Vcpu, request: number): void {
    for (const [bit, kind] of LOCAL_FLUSHES) {
      const key = `${vcpu.index} ${kind}`;
      if ((request & bit) !== 0 && !this.askedIn.has(key)) this.askedIn.set(key, vcpu.guestMode);
    }
  }

  flushed(vcpu: Vcpu, kind: string): void {
    const key = `${vcpu.index} ${kind === "all" ? "current" : kind}`;
    const inL2 = this.askedIn.get(key);
    this.askedIn.delete(key);
    if (kind === "all" && (vcpu.requests & REQ.tlbFlushCurrent) !== 0) this.leftWaiting = true;
    if (kind === "all" || inL2 === undefined || inL2 === vcpu.guestMode) return;
    this.misplaced ??= `vCPU ${vcpu.index} flushes in ${nameOf(vcpu.guestMode)} what was asked for in ${nameOf(inL2)}`;
  }
}
