/** The dirty log of L1's memory: what is written is reported once, small and large pages alike. */
import { describe, expect, it } from "vitest";
import { Machine } from "../../src/index.ts";
import { clearDirtyLog, getDirtyLog, setDirtyLogging } from "../../src/l0/dirty-log.ts";
import type { Task } from "../../src/l0/scheduler.ts";
import { isLarge } from "../../src/l0/tdp/spte.ts";
import { imageOf, type VmxGuest } from "../guests/vmx-guests.ts";

const RAM_SLOT = 0;
const GO = 0x9000;
const PAGE = 4096;

/** Spins until the byte at GO is not 0, clears it, writes to the page whose number it was. */
const WRITER = [
  ...[0x0f, 0xb6, 0x04, 0x25, 0, 0x90, 0, 0],
  ...[0x84, 0xc0, 0x74, 0xf4],
  ...[0xc6, 0x04, 0x25, 0, 0x90, 0, 0, 0],
  ...[0x48, 0xc1, 0xe0, 12],
  ...[0xff, 0x80, 0, 0, 0x20, 0],
  ...[0xeb, 0xe0],
];
const DATA_GFN = 0x200;

async function writer(l0HugePages: boolean) {
  const machine = await Machine.create({ mode: "l1", memory: 8 << 20, l0HugePages });
  machine.load(Uint8Array.from(WRITER), { flat: { address: 0x8000, mode: "long64" } });
  const { scheduler, vm } = machine.l1!.hypervisor;
  const run = () => machine.run({ maxInstructions: 30_000 });
  const write = async (page: number) => {
    machine.memory.write(GO, Uint8Array.of(page));
    await run();
  };
  /** Runs a thread of userspace beside the guest, to its end. */
  async function userspace<T>(task: Task<T>): Promise<T> {
    let result: { value: T } | undefined;
    scheduler.spawn(
      "userspace",
      (function* () {
        result = { value: yield* task };
      })(),
    );
    while (result === undefined) await run();
    return result.value;
  }
  await run();
  const data = async (list: readonly number[]) =>
    list.filter((gfn) => gfn >= DATA_GFN && gfn < DATA_GFN + 16);
  return { machine, vm, write, userspace, data };
}

describe("the dirty log", () => {
  for (const huge of [false, true]) {
    it(`reports each page once when it was written: ${huge ? "large" : "small"} pages`, async () => {
      const { vm, write, userspace, data } = await writer(huge);
      await write(3);
      const large = () => vm.tdp.roots.some((root) => isLarge(vm.tdp.walk(root, DATA_GFN + 3).lo));
      expect(large()).toBe(huge);
      await userspace(setDirtyLogging(vm, RAM_SLOT, true));
      expect(await data(await userspace(getDirtyLog(vm, RAM_SLOT)))).toEqual([]);
      await write(5);
      await write(3);
      await write(5);
      expect(large()).toBe(false);
      expect(await data(await userspace(getDirtyLog(vm, RAM_SLOT)))).toEqual([
        DATA_GFN + 3,
        DATA_GFN + 5,
      ]);
      expect(await data(await userspace(getDirtyLog(vm, RAM_SLOT)))).toEqual([]);
      await write(5);
      expect(await data(await userspace(getDirtyLog(vm, RAM_SLOT)))).toEqual([DATA_GFN + 5]);
      await userspace(setDirtyLogging(vm, RAM_SLOT, false));
      await write(5);
      expect(large()).toBe(huge);
    }, 30_000);
  }

  it("keeps what is read by hand until it is cleared", async () => {
    const { vm, write, userspace, data } = await writer(false);
    await userspace(setDirtyLogging(vm, RAM_SLOT, true));
    await write(7);
    const page = [DATA_GFN + 7];
    expect(await data(await userspace(getDirtyLog(vm, RAM_SLOT, true)))).toEqual(page);
    expect(await data(await userspace(getDirtyLog(vm, RAM_SLOT, true)))).toEqual(page);
    await userspace(clearDirtyLog(vm, RAM_SLOT, page));
    expect(await data(await userspace(getDirtyLog(vm, RAM_SLOT, true)))).toEqual([]);
  });

  /** Pages whose change never came to the log while a hypervisor ran as L1 with guests of its own. */
  async function missedPages(guest: VmxGuest) {
    const machine = await Machine.create({ mode: "l1", memory: 16 << 20, cpus: 2 });
    machine.load(imageOf(guest), {});
    const { scheduler, vm } = machine.l1!.hypervisor;
    const before = new Map<number, string>();
    const missed = new Set<number>();
    const pages = Array.from({ length: 0x200 }, (_, i) => i);
    const contents = (gfn: number) =>
      Buffer.from(machine.memory.read(gfn * PAGE, PAGE)).toString("base64");
    /** What the processor writes to pages of vmcs12 is noted at the nested exit only. */
    const look = (written: ReadonlySet<number>) => {
      for (const gfn of pages) {
        const now = contents(gfn);
        if (now !== before.get(gfn)) missed.add(gfn);
        if (written.has(gfn) || vm.slotOf(gfn)!.dirty!.has(gfn)) missed.delete(gfn);
        before.set(gfn, now);
      }
    };
    function* watcher(): Task {
      yield* setDirtyLogging(vm, RAM_SLOT, true);
      for (const gfn of pages) before.set(gfn, contents(gfn));
      for (;;) {
        const due = machine.time + 400_000;
        yield { why: "pause", ready: () => machine.time >= due };
        look(new Set(yield* getDirtyLog(vm, RAM_SLOT)));
      }
    }
    scheduler.spawn("migration", watcher());
    expect(await machine.run({ timeoutMs: 30_000 })).toMatchObject({ kind: "exit", code: 0 });
    look(new Set());
    return [...missed];
  }

  it("sees what L2 writes, and what L0 and the processor write for L1", async () => {
    expect(await missedPages("vmx-memory")).toEqual([]);
    expect(await missedPages("vmx-apic")).toEqual([]);
  }, 60_000);

  it("is refused for a slot that is not there", async () => {
    const { userspace, vm } = await writer(false);
    await expect(userspace(getDirtyLog(vm, 77))).rejects.toThrow(/no memory slot 77/);
  });
});
