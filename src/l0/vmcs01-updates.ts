/**
 * Requests that write to vmcs01: the APIC-access address, APICv, the EOI-exit bitmap. While L2 is
 * active vmcs02 is loaded: they wait for the nested exit, or are served on vmcs01 at once.
 */
import { type DeferredVmcs01, reloadApicAccessPage } from "./apic/access-page.ts";
import { REQ } from "./requests.ts";
import type { Task } from "./scheduler.ts";
import type { Vcpu } from "./vcpu.ts";
import { loadVmcs } from "./vcpu-load.ts";
import { APICV_INHIBIT } from "./vm.ts";

const UPDATES = REQ.loadEoiExitmap | REQ.apicvUpdate | REQ.apicPageReload;

/** Serves them, or notes them for the nested exit. */
export function* serveVmcs01Updates(vcpu: Vcpu, deferred: DeferredVmcs01): Task {
  if ((vcpu.requests & UPDATES) === 0) return;
  if (!vcpu.guestMode) {
    yield* update(vcpu, deferred);
  } else if (vcpu.vm.strategy.updatesVmcs01AtOnce(vcpu)) {
    yield* onVmcs01(vcpu, () => update(vcpu, deferred));
  } else {
    defer(vcpu);
    yield* reload(vcpu, deferred);
  }
}

/** update_vmcs01_apicv_status and its like; the APIC-access address has a note of its own. */
function defer(vcpu: Vcpu): void {
  const updates = vcpu.requests & (REQ.loadEoiExitmap | REQ.apicvUpdate);
  vcpu.nested!.deferredRequests |= updates;
  vcpu.requests &= ~updates;
}

function* update(vcpu: Vcpu, deferred: DeferredVmcs01): Task {
  if (vcpu.checkRequest(REQ.loadEoiExitmap)) vcpu.apic.writeEoiExits();
  yield* reload(vcpu, deferred);
  if (!vcpu.checkRequest(REQ.apicvUpdate)) return;
  if (vcpu.apic.hasMoved) yield* vcpu.vm.setApicvInhibit(APICV_INHIBIT.apicBaseModified, true);
  vcpu.apic.update();
}

function* reload(vcpu: Vcpu, deferred: DeferredVmcs01): Task {
  const late = vcpu.vm.policy.skips("ClearBitAfterHandler");
  if (late && (vcpu.requests & REQ.apicPageReload) !== 0) {
    yield* reloadApicAccessPage(vcpu, deferred);
    vcpu.requests &= ~REQ.apicPageReload;
  } else if (vcpu.checkRequest(REQ.apicPageReload)) {
    yield* reloadApicAccessPage(vcpu, deferred);
  }
}

/**
 * Runs `task` with vmcs01 loaded, and goes back to vmcs02. Each of the two knows its own last processor,
 * so that a vCPU that has moved meanwhile flushes for each (vmx_vcpu_load_vmcs).
 */
function* onVmcs01(vcpu: Vcpu, task: () => Task): Task {
  const { loadedVmcs, vmcs01 } = vcpu;
  vcpu.loadedVmcs = vmcs01;
  yield* loadVmcs(vcpu, vcpu.pcpu!, vmcs01);
  yield* task();
  vcpu.loadedVmcs = loadedVmcs;
  yield* loadVmcs(vcpu, vcpu.pcpu!, loadedVmcs);
}
