/** Scenarios of the lists that cannot be run yet, with the reason. */
import type { Unbuilt } from "../scenario.ts";

export const UNBUILT: readonly Unbuilt[] = [
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
