/** Why a run ended. */
import type { Suberror } from "../l0/userspace.ts";

export type StopReason =
  /** The guest wrote to the debug exit device; `status` is what an emulator process ends with. */
  | { readonly kind: "exit"; readonly code: number; readonly status: number }
  /** The guest switched the machine off. */
  | { readonly kind: "power-off" }
  /** The guest asked for a reset, and there is no firmware or the options forbid to start again. */
  | { readonly kind: "reset" }
  /** An exception could not be delivered, nor the double fault that followed. */
  | { readonly kind: "triple-fault"; readonly cpu: number }
  /**
   * Mode "l1": L0 cannot carry out what the guest does (KVM_EXIT_INTERNAL_ERROR). `suberror` says what
   * failed: emulation of an instruction, delivery of an event through device memory, an exit that
   * should not come, an entry with the guest's state, memory that is not there, a VMX instruction of
   * L0's own, or L0's own memory. `trail` has the last exits of that vCPU, oldest first.
   */
  | {
      readonly kind: "internal-error";
      readonly cpu: number;
      readonly suberror: Suberror;
      readonly message: string;
      readonly trail: readonly string[];
    }
  /** Every processor is in HLT with interrupts disabled: nothing can wake them. */
  | { readonly kind: "dead-halt" }
  /** Every processor waits for an interrupt, and none is due nor can any input come. */
  | { readonly kind: "idle" }
  | { readonly kind: "instruction-limit" }
  | { readonly kind: "time-limit" }
  /** The AbortSignal fired. */
  | { readonly kind: "aborted" }
  /** `Machine.stop` was called or a hook asked for it. */
  | { readonly kind: "stopped" }
  | { readonly kind: "breakpoint"; readonly cpu: number; readonly address: bigint };
