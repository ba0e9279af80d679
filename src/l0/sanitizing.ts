/**
 * Joins the TLB sanitizer to L0: whose stores and flushes it sees, which frames are freed, which flushes
 * vCPUs have been asked for. A vCPU's number stands for the processor of a request.
 */
import type { Sanitizer } from "../sanitizer/sanitizer.ts";
import { PAGE_BYTES } from "./frames.ts";
import type { Hypervisor } from "./hypervisor.ts";
import { REQ, requestName } from "./requests.ts";
import type { Vcpu } from "./vcpu.ts";
import type { VmObserver } from "./vm.ts";

const KINDS = [
  [REQ.tlbFlush, "all"],
  [REQ.tlbFlushCurrent, "current"],
  [REQ.tlbFlushGuest, "guest"],
] as const;

export function attachSanitizer(hypervisor: Hypervisor, sanitizer: Sanitizer): VmObserver {
  const { hw, frames, vm } = hypervisor;
  hw.onActor = (name) => {
    sanitizer.actor = name;
  };
  frames.onFree = (pfn) => sanitizer.frameFreed(pfn * PAGE_BYTES);
  const observer = flushRequests(sanitizer);
  vm.observer = observer;
  return observer;
}

/** Numbers of the requests that wait, by vCPU and kind. */
function flushRequests(sanitizer: Sanitizer): VmObserver {
  const waiting = new Map<string, { id: number; context: string | undefined }>();
  const serve = (vcpu: Vcpu, kind: string) => {
    const key = `${vcpu.index} ${kind}`;
    const request = waiting.get(key);
    if (request === undefined) return;
    waiting.delete(key);
    sanitizer.requestServed(request.id, vcpu.index, contextOf(vcpu));
  };
  return {
    requested: (vcpu, request) => {
      for (const [bit, kind] of KINDS) {
        const key = `${vcpu.index} ${kind}`;
        if ((request & bit) === 0 || waiting.has(key)) continue;
        // A flush of everything may be done in any context, the others in their own.
        const context = kind === "all" ? undefined : contextOf(vcpu);
        const id = sanitizer.requestRaised(vcpu.index, requestName(bit), context);
        waiting.set(key, { id, context });
      }
    },
    flushed: (vcpu, kind) => {
      serve(vcpu, kind);
      if (kind === "all") serve(vcpu, "current");
    },
    entering: (vcpu) => {
      const context = contextOf(vcpu);
      sanitizer.guestEntered(vcpu.index, context);
      for (const [, kind] of KINDS) {
        const key = `${vcpu.index} ${kind}`;
        const request = waiting.get(key);
        if (request?.context === undefined || request.context === context) waiting.delete(key);
      }
    },
  };
}

function contextOf(vcpu: Vcpu): string {
  return vcpu.guestMode ? "L2" : "L1";
}
