/**
 * Steps of L0 that a run may leave out, by the names that scenarios use. The steps ask here; nothing
 * else in L0 knows of broken variants.
 */

/** What each name leaves out, in the words of the step that asks. */
export const POLICY_STEPS = {
  NoRetry: "set_apic_access_page_addr does not test for a retry",
  NoSeqCheck: "mmu_invalidate_retry does not compare the sequence number",
  NoInProgress: "mmu_invalidate_retry does not look at invalidations in progress",
  SnapshotAfterLookup: "the sequence number is read behind the look-up of the frame",
  BoxNotUnion: "a second invalidation replaces the box of the first",
  SeqAfterInProgress: "invalidate_range_end counts down before it raises the sequence number",
  RequestIfZapped: "the APIC-page request is raised only when an SPTE was zapped",
  NoApicPageRequest: "zapping the APIC page raises no request",
  CheckOutsideLock: "set_apic_access_page_addr drops mmu_lock between test and write",
  CheckInProgressOnly: "set_apic_access_page_addr does not compare the sequence number",
  ClearBitAfterHandler: "a request is cleared behind its handler",
  WriteCurrentVmcs: "set_apic_access_page_addr writes to the VMCS at hand while L2 is active",
  DropWhenGuestMode: "set_apic_access_page_addr forgets the request while L2 is active",
  FlushCurrentOnly: "zapping flushes the current root of each vCPU only",
  FlushAfterUnlock: "invalidate_range_start flushes behind mmu_lock",
  NoFlush: "zapping does not flush",
  YieldNoFlush: "the zap of a range drops mmu_lock without a flush",
  NoFlushOnMigrate: "a VMCS loaded on another processor brings no flush",
  SingleContextOnMigrate: "a VMCS loaded on another processor flushes its current root only",
  CheckBeforeMode: "requests are tested before the mode is set",
  FastpathNoRecheck: "the fast path enters again without a look at requests",
  IpiOnlyDelivery: "a request to a vCPU outside the guest leaves no bit",
  NoWait: "requests do not wait until their targets have left the guest",
  NoFlushOnModeSwitch: "the switch to xAPIC mode brings no flush",
  NoFlushOnRootAlloc: "loading a new root brings no flush",
  NoRequest: "zap_all_fast raises no request",
  SkipInvalidRoots: "zapping leaves out roots that are being torn down",
  ZapBeforeReasons: "an APICv inhibit zaps before it is stored",
  SwapWithoutWait: "slots are swapped while a notifier is between its start and its end",
  FlushRunnersOnly: "a zap asks only vCPUs to flush that were in the guest since their last flush",
  FlushEmptyZap: "kvm_zap_gfn_range flushes even where it has zapped nothing",
  FlushOnReload: "set_apic_access_page_addr flushes the current root, as it did before Linux 6.6",
  NoFlushOnSetSregs: "userspace sets CR0, CR3 or CR4 and nothing is flushed",
  NoStaleRootCheck: "a fault does not test for an obsolete root",
  FlushOnlyByAllocator: "loading a root that another vCPU has made brings no flush",
  InvvpidForZap: "KVM_REQ_TLB_FLUSH is served by INVVPID of all contexts",
  LoadPgdAfterFlush: "the new root is loaded behind the flush of the current one",
  KeepFlushCurrent: "a flush of everything leaves that of the current root pending",
  BitAfterMode: "a request reads the mode first and sets the bit then",
  NoWriteProtect: "upper tables of EPT12 are shadowed without write protection",
  NoUnsyncBarrier: "the right to write is granted first, and the table is marked unsync later",
  SyncWithoutProtect: "a table is synced while L1 may still write to what it shadows",
  NoSync: "loading a root does not sync what is unsync below it",
  NoSyncBeforeLink: "a table of EPT02 is linked without a sync",
  NoFlushOnReplace: "a fault that puts another frame into an entry of EPT02 brings no flush",
  NoGpteRecheck: "entries of EPT12 are not read again under mmu_lock",
  NoAccessAccumulation: "a mapping of EPT02 has the rights of the last entry of EPT12 alone",
  NoProtectClean: "a clean page of EPT12 is mapped with the right to write",
  NoMmioGeneration: "an MMIO entry counts whatever the generation of the slots is",
  NotifierSkipsShadow: "zapping leaves out EPT02",
  GpaBeforeVmexit: "L1 is told vmcs02's guest-physical address for a fault that L0 has found",
  OnlyCurrentRoot: "L1's INVEPT drops the root used last only, none of those used before",
  FullEptpCompare: "L1's INVEPT drops roots only if the whole EPTP is that of its operand",
  NoSyncOnInject: "a fault that goes to L1 leaves its address in the current root",
  NoInvalidateOnInject:
    "a fault that goes to L1 leaves its address in the other roots of the EP4TA",
  FreeBeforeFlush: "tables are freed in front of the flush of what was cached from them",
  RequestAfterUnlock: "zap_all_fast raises its request behind mmu_lock",
  AsyncTeardown: "zap_all_fast leaves obsolete roots to a thread of its own",
  TrackVcpuNotVmcs: "the last processor is noted for the vCPU instead of for each VMCS",
  ServeLate: "a nested switch leaves local flushes to the context that begins",
  DropOnSwitch: "a nested switch forgets the local flushes of the context that ends",
  EscalateToAll: "a nested switch flushes all contexts for a local flush that waits",
  LoseFlushOnFailedEntry: "a nested entry that fails does not serve the flush it has asked for",
  NoTransitionFlush: "a nested switch without VPIDs of L1's flushes nothing",
  FlushOldContext: "a nested entry flushes the tables of L1 instead of L2's translations",
  CompareOnlyNonzero: "another VPID of L1's for L2 is flushed only where there was none before",
  KeepLastVpid: "VMXON keeps the number of L1's last VPID for L2",
  GuestFlushOnVpid01: "a flush of the guest's translations always names the VPID of L1",
  InvvpidOnVpid01: "INVVPID of L1 is carried out on the VPID of L1",
  InvvpidByInvept: "INVVPID of L1 is carried out by INVEPT of L2's tables",
  InvvpidIgnored: "INVVPID of L1 does nothing where L2 has no EPT12",
  InvvpidElsewhere: "INVVPID of L1 is carried out on another processor",
  MapIntoL2: "a fault of L2 maps L0's APIC-access page",
  SharedDirectRoot: "L2 without EPT12 runs on the root of L1",
  NoRef: "the pages that vmcs12 names are not referenced",
  InveptHardwareOnly: "INVEPT of L1 flushes the processor and keeps the entries of EPT02",
  FlushOnRaise: "an entry of EPT02 that is there already brings a flush when it is set",
  FlushOnTransition: "a nested entry with an APIC-access page of L1's flushes L2's tables",
  FlagNotConsumedOnForcedLeave: "a RESET of L1 while L2 is active forgets the reload that waits",
  ReloadOnEveryExit: "each nested exit reloads the APIC-access address",
  InterceptInvpcid: "INVPCID and INVLPG of L1 exit, and L0 carries them out",
  NoFlushOnInvpcid: "INVPCID and INVLPG that L0 carries out flush nothing",
  NoDirtyLogFlush: "KVM_GET_DIRTY_LOG takes rights to write away without a flush",
  TrustClearedWrite: "write protection of a table takes a right withheld for the log as flushed",
} as const;

export type PolicyStep = keyof typeof POLICY_STEPS;

export class Policy {
  private readonly left: ReadonlySet<PolicyStep>;

  constructor(leftOut: Iterable<PolicyStep> = []) {
    this.left = new Set(leftOut);
  }

  /** Whether this run leaves the step out. */
  skips(step: PolicyStep): boolean {
    return this.left.size !== 0 && this.left.has(step);
  }
}
