/** What a virtual machine counts (kvm_vm_stat, kvm_vcpu_stat), for reports and the flush lab. */

export class VmStats {
  /** Invalidations of which the notifier was told. */
  invalidations = 0;
  /** Of these, those that zapped an entry. */
  invalidationsHit = 0;
  /** kvm_flush_remote_tlbs: remote_tlb_flush. */
  remoteFlushes = 0;
  /** Interrupts sent to logical processors for requests. */
  ipis = 0;
  /** vCPUs that were in the guest and had to leave it for a request. */
  forcedExits = 0;
  /** Ticks for which senders of requests waited for their targets. */
  blockedTicks = 0;
  /** Reloads of the APIC-access page that have to be tried again. */
  reloadRetries = 0;
  /** Faults that have to be taken again, since an invalidation came between. */
  faultRetries = 0;
  /** Moves of vCPUs to other logical processors. */
  migrations = 0;
  /** Entries to L2 (nested_run). */
  nestedRuns = 0;
  /** What a flush strategy has written down or compared: roots, processors, generations. */
  notes = 0;
  /** New VPIDs in place of a flush. */
  retags = 0;
}
