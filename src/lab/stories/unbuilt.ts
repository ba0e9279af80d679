/** Scenarios of the lists that cannot be run yet, with the reason. */
import type { Unbuilt } from "../scenario.ts";

export const UNBUILT: readonly Unbuilt[] = [
  {
    id: "S7b",
    title: "userspace enables the APIC of L1 and then restores L2",
    reason:
      "the vCPU's own loop changes how the APIC is virtualized, in L1's context, so that no flush of it " +
      "can wait when L2 is restored",
  },
  {
    id: "bug 12",
    title: "INVPCID emulated without a flush (e45e9e3998f0)",
    reason: "L0 does not intercept INVPCID, and its emulator does not know it",
  },
  {
    id: "bug 22",
    title: "an entry zapped and replaced before the flush (08f07c800e9d)",
    reason: "faults of L0 never zap a present entry",
  },
  {
    id: "bug 26",
    title: "a paravirtual flush flag is lost (b043138246a4)",
    reason: "out of scope: L0 offers no steal-time page",
  },
  {
    id: "bug 27",
    title: "nSVM flushes everything at every transition",
    reason: "out of scope: SVM; what VMX flushes at a nested switch is l2-without-vpid",
  },
];
