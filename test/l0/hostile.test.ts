/** A hostile L1 never breaks L0: a short run of the fuzz test, and what it has found before. */
import { expect, it } from "vitest";
import type { Action } from "./hostile/actions.ts";
import { Code, RCX, RDI, RSI } from "./hostile/code.ts";
import { fuzz } from "./hostile/fuzz.ts";
import type { HostAction } from "./hostile/host-actions.ts";
import { DATA_PAGES, EXTRA_GPA, page } from "./hostile/memory-map.ts";
import { Random } from "./hostile/random.ts";
import { vmcsRegion } from "./hostile/vmcs-template.ts";
import { HostileCase } from "./hostile/world.ts";

const PAGE_INDEX = DATA_PAGES[0];
const DEVICE = 0xfec00000n;

const host = (kind: HostAction["kind"], index: number = PAGE_INDEX, count = 1): Action => ({
  name: kind,
  host: { kind, page: index, count },
});
const l1 = (name: string, code: Code): Action => ({ name, code: code.finish() });
const pause = (count: number): Action[] =>
  Array.from({ length: count }, () => l1("CPUID", new Code().raw(0x0f, 0xa2)));
const store = (gpa: number) => l1("store", new Code().at(BigInt(gpa), 0, 0x89));
/** MOVSB from device memory, which L0 emulates. */
const copyFromDevice = (gpa: number) =>
  l1("MOVS", new Code().set(RSI, DEVICE).set(RDI, BigInt(gpa)).raw(0xa4));

async function survives(seed: number, actions: (hostile: HostileCase) => readonly Action[]) {
  const hostile = await HostileCase.create({ seed });
  const list = actions(hostile);
  const result = hostile.run(list);
  hostile.machine.dispose();
  expect(result.failure).toBeUndefined();
  expect(result.taken).toBe(list.length);
  return result;
}

it("a random L1, L2 and userspace break nothing", async () => {
  const lines: string[] = [];
  const { failed } = await fuzz({ actions: 6000, seed: 77, log: (line) => lines.push(line) });
  expect(lines).toEqual([]);
  expect(failed).toBe(0);
}, 120_000);

it("L0 writes to a page that is shared while others run", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    await survives(seed, () =>
      [1, 2, 3].flatMap(() => [
        store(page(PAGE_INDEX)),
        ...pause(5),
        host("share"),
        ...pause(6),
        copyFromDevice(page(PAGE_INDEX)),
        ...pause(3),
      ]),
    );
  }
}, 60_000);

it("L0 reads and writes where userspace has taken the memory away", async () => {
  await survives(3, () => [
    host("munmap", 0),
    ...pause(20),
    copyFromDevice(EXTRA_GPA),
    l1("MOVS", new Code().set(RDI, DEVICE).set(RSI, BigInt(EXTRA_GPA)).set(RCX, 1n).raw(0xa4)),
    ...pause(3),
  ]);
});

it("a shared page that was swapped out comes back to be written", async () => {
  await survives(5, () => [
    store(page(PAGE_INDEX)),
    host("share"),
    ...pause(20),
    host("swapOut"),
    ...pause(20),
    store(page(PAGE_INDEX)),
    ...pause(3),
  ]);
});

it("RESET ends L2, and drops NMIs", async () => {
  const result = await survives(4, (hostile) => {
    const region = vmcsRegion(new Random(2), hostile.seen, 0);
    const at = BigInt(page(8));
    const enter = new Code().set(RDI, at).dataAddress(RSI, [...region]);
    enter.set(RCX, BigInt(region.length)).raw(0xf3, 0xa4);
    enter.withData([BigInt(page(14))], 6, 0xf3, 0x0f, 0xc7);
    enter.withData([at], 6, 0x66, 0x0f, 0xc7).withData([at], 6, 0x0f, 0xc7);
    return [
      l1("enter L2", enter.raw(0x0f, 0x01, 0xc2)),
      host("nmi"),
      host("nmi"),
      host("reset", PAGE_INDEX, 16),
      ...pause(4),
    ];
  });
  expect(result.l2Entries).toBeGreaterThan(0);
});
