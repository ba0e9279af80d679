/**
 * The APIC-access page: vmcs01 never names a frame that L0's userspace has given back, whatever the
 * order in which the page moves and the vCPU enters (invariants I3 and I7).
 */
import { describe, expect, it } from "vitest";
import type { PolicyStep } from "../../src/l0/policy.ts";
import { REQ } from "../../src/l0/requests.ts";
import { bySeed, type Task } from "../../src/l0/scheduler.ts";
import { L0Harness } from "./l0-harness.ts";

const PAGE = 4096;
const THREAD_PORT = 0x98;
const STEPS_MAX = 1500;
const STEPS_BEHIND = 60;
const WARM_UP = 40;
/** MOV EAX, [0xfee00020]; OUT (an exit for the thread); JMP back (16-bit code, 32-bit addresses). */
const READER = [0x67, 0x66, 0xa1, 0x20, 0x00, 0xe0, 0xfe, 0xe6, THREAD_PORT, 0xeb, 0xf5];

/** Moves the page `times` times while vCPUs use it; what went wrong, or undefined. */
async function move(
  seed: number,
  leftOut: readonly PolicyStep[],
  kind: "migrate" | "remap",
  times = 3,
): Promise<string | undefined> {
  const h = await L0Harness.create({
    cpus: 2,
    apic: true,
    leftOut,
    onPort: (harness, vcpu) => harness.l0.vcpus[vcpu]!.makeRequest(REQ.event),
  });
  const { l0 } = h;
  const { vm } = l0;
  h.startAll(READER);
  l0.scheduler.choose = bySeed(seed);
  const { hva } = vm.apicAccessSlot()!;
  let finished = false;
  const driver = function* (): Task {
    for (let i = 0; i < WARM_UP; i++) yield "warm-up";
    for (let i = 0; i < times; i++) {
      if (kind === "migrate") yield* vm.mm.migrate(hva, hva + PAGE);
      else yield* vm.mm.remap(hva, hva + PAGE);
      yield "between changes";
    }
    finished = true;
  };
  l0.scheduler.spawn("notifier", driver());
  let behind = 0;
  for (let i = 0; i < STEPS_MAX && behind < STEPS_BEHIND; i++) {
    if (!l0.scheduler.stepAny()) return `deadlock: ${l0.scheduler.describe()}`;
    for (const pcpu of l0.pcpus) {
      if (!pcpu.inGuest || pcpu.vcpu === undefined) continue;
      const { index } = pcpu.vcpu;
      const hpa = h.apicAccessAddress(pcpu.index);
      if (hpa === NONE || pcpu.vcpu.mode !== IN_GUEST) continue;
      if (vm.frames.isFree(hpa / PAGE)) return `I3: vCPU ${index} runs with a freed page`;
      const mapped = mappedFrame(h);
      if (mapped !== undefined && mapped !== hpa / PAGE) {
        return `I3: vCPU ${index} has 0x${hpa.toString(16)}, EPT01 leads to frame ${mapped}`;
      }
    }
    if (finished) behind++;
  }
  return finished ? undefined : "the moves did not come to their end";
}

const IN_GUEST = 1;
/** Accesses are not virtualized. */
const NONE = 1;

/** Frame to which EPT01 leads from the APIC page. */
function mappedFrame(h: L0Harness): number | undefined {
  const { vm } = h.l0;
  for (const root of vm.tdp.roots) {
    for (const { gfn, pfn } of vm.tdp.leafs(root)) if (gfn === vm.apicGfn) return pfn;
  }
  return undefined;
}

async function firstBreak(
  leftOut: readonly PolicyStep[],
  kind: "migrate" | "remap",
  seeds: number,
): Promise<string> {
  for (let seed = 1; seed <= seeds; seed++) {
    const found = await move(seed, leftOut, kind);
    if (found !== undefined) return found;
  }
  return "nothing";
}

describe("set_apic_access_page_addr", () => {
  it("follows a page that migrates, on any schedule", async () => {
    expect(await firstBreak([], "migrate", 60)).toBe("nothing");
  }, 60_000);

  it("follows a page that is replaced, on any schedule", async () => {
    expect(await firstBreak([], "remap", 60)).toBe("nothing");
  }, 60_000);

  it("needs the retry, now that the request comes at the start of an invalidation", async () => {
    expect(await firstBreak(["NoRetry"], "migrate", 100)).toMatch(/^I3/);
  }, 60_000);

  it("needs the request", async () => {
    expect(await firstBreak(["NoApicPageRequest"], "remap", 100)).toMatch(/^I3/);
  }, 60_000);

  it("needs the sequence number: the look-up may come in the middle of an invalidation", async () => {
    expect(await firstBreak(["CheckInProgressOnly"], "remap", 100)).toMatch(/^I3/);
  }, 60_000);

  it("gets along when a start comes between test and write, as that raises the request", async () => {
    expect(await firstBreak(["CheckOutsideLock"], "remap", 60)).toBe("nothing");
  }, 60_000);

  it("does not, when the bit is cleared behind the handler", async () => {
    const steps: PolicyStep[] = ["CheckOutsideLock", "ClearBitAfterHandler"];
    expect(await firstBreak(steps, "remap", 400)).toMatch(/^I3/);
  }, 60_000);

  it("flushes no more than the zap does: no INVEPT comes from the reload itself", async () => {
    const h = await L0Harness.create({ apic: true });
    const sites: string[] = [];
    h.l0.hw.onFlush = ({ site }) => sites.push(site);
    h.startAll(READER);
    h.l0.scheduler.choose = bySeed(1);
    for (let i = 0; i < 200; i++) h.l0.scheduler.stepAny();
    sites.length = 0;
    const { hva } = h.l0.vm.apicAccessSlot()!;
    h.l0.scheduler.complete("notifier", h.l0.vm.mm.migrate(hva, hva + PAGE));
    for (let i = 0; i < 200; i++) h.l0.scheduler.stepAny();
    expect(sites).toEqual(["kvm_vcpu_flush_tlb_all"]);
    expect(h.apicAccessAddress(0)).toBe(h.l0.vm.mm.frameOf(hva)! * PAGE);
  });
});
