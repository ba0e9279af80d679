/** The TLB sanitizer over L0: silent over a correct one, and it names what a broken one did. */
import { describe, expect, it } from "vitest";
import { Machine } from "../../src/index.ts";
import type { PolicyStep } from "../../src/l0/policy.ts";

const PAGE = 4096;
const DATA = 0x10000;
/** MOV EAX, [DATA]; PAUSE; JMP back */
const READER = [0x8b, 0x04, 0x25, 0x00, 0x00, 0x01, 0x00, 0xf3, 0x90, 0xeb, 0xf5];

/** A guest reads a page that L0's userspace replaces meanwhile. */
async function replacePage(l0Break: readonly PolicyStep[]) {
  const machine = await Machine.create({
    mode: "l1",
    memory: 4 << 20,
    sanitizer: true,
    l0HugePages: false,
    l0Break,
  });
  machine.load(Uint8Array.from(READER), { flat: { address: 0x8000, mode: "long64" } });
  await machine.run({ maxInstructions: 50_000 });
  const { vm, scheduler } = machine.l1!.hypervisor;
  const hva = vm.slotOf(DATA / PAGE)!.hva + DATA;
  scheduler.spawn("userspace", vm.mm.remap(hva, hva + PAGE));
  await machine.run({ maxInstructions: 100_000 });
  return machine.sanitizer!;
}

describe("the sanitizer over L0", () => {
  it("is silent when L0 flushes before a page is given back", async () => {
    const sanitizer = await replacePage([]);
    expect(sanitizer.reports.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("reports the use of the old page when it does not, and who took the page", async () => {
    const sanitizer = await replacePage(["NoFlush"]);
    const [report] = sanitizer.reports.filter(({ level }) => level === "error");
    expect(["stale-use", "unsafe-free"]).toContain(report?.kind);
    expect(
      JSON.stringify(report, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
    ).toMatch(/kvm_unmap_gfn_range/);
  });
});
