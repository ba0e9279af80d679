/** Scenarios of the lists that cannot be run yet, with the reason. */
import type { Unbuilt } from "../scenario.ts";

const NESTED = "needs nested VMX, which the worlds of scenarios do not set up yet";

export const UNBUILT: readonly Unbuilt[] = [
  { id: "S5", title: "the APIC-access page migrates while L2 runs", reason: NESTED },
  {
    id: "S6b",
    title: "a single-context flush on a new processor misses L2's root",
    reason: NESTED,
  },
  {
    id: "S6c",
    title: "the processor is noted for the vCPU instead of for each VMCS",
    reason: NESTED,
  },
  { id: "S7", title: "a local flush waits while L1 and L2 change", reason: NESTED },
  { id: "S9", title: "INVEPT of L1 and the roots kept from before", reason: NESTED },
  { id: "S12", title: "L1 passes its APIC through to L2", reason: NESTED },
  { id: "S14", title: "userspace remaps the page of vmcs12's APIC", reason: NESTED },
  {
    id: "S15",
    title: "the frame of a root is used for another root",
    reason: `L1's only root is flushed when it is torn down; L2's ${NESTED.replace("needs", "need")}`,
  },
  { id: "S16", title: "unsync mark and write access to EPT12, in the wrong order", reason: NESTED },
  { id: "S19", title: "nested transitions and VPIDs", reason: NESTED },
  { id: "S20", title: "a reflected violation and sibling roots", reason: NESTED },
  {
    id: "S10",
    title: "the APIC is switched back to xAPIC mode",
    reason: "the core compares each access with the APIC-access page, and caches no verdict",
  },
  { id: "bug 1", title: "L2's entries flushed by the old EPTP (1438921c6dc1)", reason: NESTED },
  { id: "bug 2", title: "INVVPID of L1 on the wrong VPID (3d5bdae8b164)", reason: NESTED },
  { id: "bug 3", title: "linear mappings survive a flush by EPTP (327c072187f7)", reason: NESTED },
  { id: "bug 5", title: "INVEPT of L1 leaves cached roots (f8aa7e3958bc)", reason: NESTED },
  { id: "bug 6", title: "INVVPID of L1 without EPT", reason: NESTED },
  { id: "bug 7", title: "an injected EPT fault leaves its entry", reason: NESTED },
  { id: "bug 9", title: "needless flushes at transitions with an APIC page", reason: NESTED },
  {
    id: "bug 10",
    title: "reload of the APIC page at every nested exit (1196cb970b99)",
    reason: NESTED,
  },
  {
    id: "bug 12",
    title: "INVPCID emulated without a flush (e45e9e3998f0)",
    reason: "L0 does not intercept INVPCID, and its emulator does not know it",
  },
  { id: "bug 13", title: "a guest's flush on vpid01 while L2 runs (2b4a5a5d5688)", reason: NESTED },
  { id: "bug 14", title: "a guest's flush served behind the nested exit", reason: NESTED },
  { id: "bug 15", title: "a new vpid12 on the one vpid02", reason: NESTED },
  { id: "bug 16", title: "only the current page root is synced (07ffaf343e34)", reason: NESTED },
  { id: "bug 17", title: "a recycled vpid02 is not flushed", reason: NESTED },
  { id: "bug 18", title: "INVVPID on the wrong processor", reason: NESTED },
  { id: "bug 19", title: "a failed nested entry loses its flush", reason: NESTED },
  {
    id: "bug 22",
    title: "an entry zapped and replaced before the flush (08f07c800e9d)",
    reason: "faults of L0 never zap a present entry",
  },
  {
    id: "bug 24",
    title: "write protection for the dirty log without a flush (6dbf79e7164e)",
    reason: "L0 has no dirty log for userspace",
  },
  {
    id: "bug 25",
    title: "a shadow page linked before it is synced (65855ed8b034)",
    reason: NESTED,
  },
  {
    id: "bug 28",
    title: "EPT tables freed before the deferred flush (CVE-2026-23554)",
    reason: "L0 frees tables only with their root, which every vCPU has left by then",
  },
  {
    id: "bug 26",
    title: "a paravirtual flush flag is lost (b043138246a4)",
    reason: "out of scope: L0 offers no steal-time page",
  },
  {
    id: "bug 27",
    title: "nSVM flushes everything at every transition",
    reason: "out of scope: SVM; its VMX side needs nested VMX",
  },
];
