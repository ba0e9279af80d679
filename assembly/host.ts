/** What the core asks of the host. 64-bit values travel as two halves. */

/** Reads `size` (1, 2, 4) bytes of an I/O port. */
export declare function portRead(port: u32, size: u32): u32;
export declare function portWrite(port: u32, size: u32, value: u32): void;
/** Reads `size` (1, 2, 4) bytes at a host-physical address that is not RAM. */
export declare function mmioRead(hpaLo: u32, hpaHi: u32, size: u32): u32;
export declare function mmioWrite(hpaLo: u32, hpaHi: u32, size: u32, value: u32): void;
/** Reads an MSR that the platform owns into RESULT_LO/RESULT_HI; 0 means #GP. */
export declare function msrRead(index: u32): u32;
/** Writes an MSR that the platform owns; 0 means #GP. */
export declare function msrWrite(index: u32, lo: u32, hi: u32): u32;
/** Task-priority register as CR8 shows it (bits 7:4 of the TPR). */
export declare function tprRead(): u32;
export declare function tprWrite(value: u32): void;
/** Acknowledges the pending external interrupt and returns its vector, or -1. */
export declare function acknowledgeInterrupt(): i32;
/** Called before each instruction while HOOK_INSTRUCTION is set; nonzero stops the run. */
export declare function onInstruction(): u32;
/** Called before the delivery of an exception or interrupt while HOOK_EXCEPTION is set. */
export declare function onException(vector: u32, kind: u32, error: u32): void;
/** A VM entry has loaded the guest, while HOOK_VM_ENTRY is set; 1 for VMLAUNCH. */
export declare function onVmEntry(launch: u32): void;
/** A VM exit is recorded and the guest saved, while HOOK_VM_EXIT is set. */
export declare function onVmExit(): void;
/**
 * Check M_ENTRY_CHECK has failed, while HOOK_VM_ENTRY_FAILURE is set. `outcome` is VM-instruction
 * error 7 or 8, or exit reason 33 or 34 with that qualification; no host state is loaded yet.
 */
export declare function onVmEntryFailure(outcome: u32, qualification: u32): void;
/** A VMX abort with that code, while HOOK_VM_ABORT is set. */
export declare function onVmAbort(code: u32): void;
/** The current processor has acted on INIT. */
export declare function initDone(): void;
/** The time-stamp counter of the current processor was written. */
export declare function tscChanged(): void;
/** VMCALL outside VMX operation; 0 when nobody answers, which means #UD. */
export declare function onHypercall(): u32;
/** An opcode that no row of the opcode table describes was executed. */
export declare function onUndefinedOpcode(): void;

// The following are called only while M_SANITIZE is set; see tlb/provenance.ts.

/**
 * A translation is being entered: `what` is WHAT_*, `space` the number of its tags, `gla` and
 * `sizeLog` what it translates; FILL_INFO and WALK_STEPS hold the rest. Returns its provenance, or 0.
 */
export declare function tlbFill(
  what: u32,
  space: u32,
  glaLo: u32,
  glaHi: u32,
  sizeLog: u32,
  place: u32,
): u32;
/** An entry marked stale is about to be used at `place`. Returns 1 when it must not be. */
export declare function staleUse(
  what: u32,
  id: u32,
  place: u32,
  glaLo: u32,
  glaHi: u32,
  access: u32,
): u32;
/** Bytes of a watched frame were stored. */
export declare function tableStore(hpaLo: u32, hpaHi: u32, bytes: u32): void;
/** Translations have been invalidated: FLUSH_* and its operands, and how many entries went. */
export declare function flush(
  operation: u32,
  vpid: u32,
  pcid: u32,
  ep4taLo: u32,
  ep4taHi: u32,
  glaLo: u32,
  glaHi: u32,
  dropped: u32,
): void;
