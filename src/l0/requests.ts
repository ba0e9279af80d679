/** Requests to a vCPU (KVM_REQ_*), in the order in which vcpu_enter_guest serves them. */

export const REQ = {
  vmDead: 1 << 0,
  getNestedStatePages: 1 << 1,
  mmuFreeObsoleteRoots: 1 << 2,
  mmuSync: 1 << 3,
  loadMmuPgd: 1 << 4,
  tlbFlush: 1 << 5,
  tlbFlushCurrent: 1 << 6,
  tlbFlushGuest: 1 << 7,
  tripleFault: 1 << 8,
  nmi: 1 << 9,
  scanIoapic: 1 << 10,
  loadEoiExitmap: 1 << 11,
  apicPageReload: 1 << 12,
  apicvUpdate: 1 << 13,
  /** Served by injection, behind the others. */
  event: 1 << 14,
  /** Only kicks (KVM_REQUEST_MASK has no handler for it). */
  outsideGuestMode: 1 << 15,
  /** Emulated writes to tables of EPT12 are to be followed (kvm_mmu_track_write); L0's own. */
  mmuTrackWrite: 1 << 16,
} as const;

export type Request = (typeof REQ)[keyof typeof REQ];

/** Requests whose sender returns only when each target has left the guest (KVM_REQUEST_WAIT). */
export const WAIT_REQUESTS =
  REQ.tlbFlush |
  // Only a vCPU itself asks for this one; where L0 is made to ask all, it is as tlbFlush.
  REQ.tlbFlushCurrent |
  REQ.tlbFlushGuest |
  REQ.mmuFreeObsoleteRoots |
  REQ.apicPageReload |
  REQ.apicvUpdate |
  REQ.scanIoapic |
  REQ.outsideGuestMode;

/** Requests that do not wake a vCPU in HLT (KVM_REQUEST_NO_WAKEUP). */
export const NO_WAKEUP_REQUESTS = WAIT_REQUESTS;

/** vCPU modes (enum in struct kvm_vcpu). */
export const MODE = { outside: 0, inGuest: 1, exiting: 2, readingShadowPageTables: 3 } as const;

const NAMES = new Map<number, string>(
  Object.entries(REQ).map(([name, bit]) => [
    bit,
    `KVM_REQ_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
  ]),
);

/** The name of a request as KVM writes it. */
export function requestName(request: number): string {
  return NAMES.get(request) ?? `0x${request.toString(16)}`;
}
