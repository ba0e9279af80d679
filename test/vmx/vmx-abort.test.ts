/** A VMX abort stops the processor for good. */
import { expect, test } from "vitest";
import { STOP } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { changed, VMCS_HPA } from "./entry-state.ts";
import { launchCore } from "./launch-core.ts";

test("an exit by the preemption timer that cannot store its MSRs aborts once", async () => {
  const launcher = await launchCore("skylake");
  const state = changed(launcher.base, {
    on: "pin.activate_preemption_timer",
    // Entry 0 of the list names MSR 0, which RDMSR refuses.
    fields: { vmexit_msr_store_count: 1, vmexit_msr_store_addr: 0x200000 },
  });
  expect(launcher.launch(state).outcome).toBe(0);
  const { bare } = launcher.entry;
  const { core, ram } = bare;
  expect(core.u32[(ram + VMCS_HPA + 4) >> 2]).toBe(1);
  expect(core.state32(STATE.ACTIVITY)).toBe(2);
  core.exports.beginSlice(1, 100);
  expect(core.exports.runLoop()).toBe(STOP.SHUTDOWN);
});
