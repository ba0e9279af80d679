import { expect, test } from "vitest";
import { FakeFeed, GLA, NEW, OLD, TABLE, withLinear } from "./fake-feed.ts";

const CHANGED = BigInt(NEW) | 7n;
const BACK = BigInt(OLD) | 7n;

test("a flush that removes something changed is needed", () => {
  const { feed } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.flush("INVLPG", { pcid: 0, gla: GLA, dropped: 1 });
  expect(feed.sanitizer.ledger).toMatchObject([
    { operation: "INVLPG", rip: 0x5000n, times: 1, timesNeeded: 1, dropped: 1, stale: 1 },
  ]);
  expect(feed.sanitizer.ledger[0]!.verdict).toBe("needed");
  expect(feed.sanitizer.reports).toEqual([]);
});

test.each([
  ["dirty cleared", 0x67n, 0x27n],
  ["accessed cleared", 0x27n, 0x07n],
  ["memory type", 0x07n, 0x1fn],
])("a flush after a change of flags is needed: %s", (_name, before, after) => {
  const feed = new FakeFeed();
  feed.poke(TABLE, BigInt(OLD) | before);
  feed.fill({}, [{ hpa: TABLE }]);
  feed.write(TABLE, BigInt(OLD) | after);
  feed.flush("INVLPG", { pcid: 0, gla: GLA });
  expect(feed.sanitizer.ledger).toMatchObject([{ verdict: "needed", stale: 0 }]);
});

test("one that removes what was right is needless, and pays for the walks that follow", () => {
  const { feed } = withLinear();
  feed.flush("INVLPG", { pcid: 0, gla: GLA, dropped: 1 });
  feed.fill({}, [{ hpa: 0x8000, level: 2 }, { hpa: TABLE }]);
  expect(feed.sanitizer.ledger).toMatchObject([
    { times: 1, timesNeeded: 0, refills: 1, refillReferences: 2, verdict: "needless" },
  ]);
  expect(feed.sanitizer.reports).toMatchObject([
    { kind: "redundant-flush", level: "note", count: 1 },
  ]);
  expect(feed.sanitizer.errors).toBe(0);
  // The next walk of the page is nobody's fault.
  feed.fill({}, [{ hpa: TABLE }]);
  expect(feed.sanitizer.ledger[0]!.refills).toBe(1);
});

test("sometimes", () => {
  const { feed } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.flush("INVLPG", { pcid: 0, gla: GLA });
  feed.write(TABLE, BACK);
  feed.flush("INVLPG", { pcid: 0, gla: GLA });
  expect(feed.sanitizer.ledger).toMatchObject([{ times: 2, timesNeeded: 1, verdict: "sometimes" }]);
  expect(feed.sanitizer.reports).toEqual([]);
});

test("adding rights needs no flush", () => {
  const feed = new FakeFeed();
  feed.poke(TABLE, BigInt(OLD) | 5n);
  feed.fill({}, [{ hpa: TABLE }]);
  feed.write(TABLE, BigInt(OLD) | 7n);
  feed.flush("INVLPG", { pcid: 0, gla: GLA });
  expect(feed.sanitizer.ledger).toMatchObject([{ verdict: "needless" }]);
});

test("moves to control registers and transitions are billed but not called redundant", () => {
  const { feed } = withLinear();
  feed.flush("MOV_CR3", { pcid: 0 });
  feed.flush("VM_ENTRY");
  feed.flush("PAGE_FAULT", { pcid: 0, gla: GLA });
  expect(feed.sanitizer.ledger.map(({ operation }) => operation).sort()).toEqual([
    "MOV to CR3",
    "VM entry without VPID",
  ]);
  expect(feed.sanitizer.reports).toEqual([]);
});

test("the host's hypervisor has bills under the names of its functions", () => {
  const { feed } = withLinear();
  feed.sanitizer.actor = "flush_remote_tlbs";
  feed.flush("INVVPID_ALL");
  feed.sanitizer.actor = "service_requests";
  feed.flush("INVVPID_ALL");
  feed.sanitizer.actor = undefined;
  const actors = feed.sanitizer.ledger.map(({ actor }) => actor).sort();
  expect(actors).toEqual(["flush_remote_tlbs", "service_requests"]);
});

test("where nothing was cached nothing is said of flushes", () => {
  const feed = new FakeFeed();
  feed.flush("INVLPG", { pcid: 0, gla: GLA });
  expect(feed.sanitizer.reports).toEqual([]);
});

test("tables that nothing is made from any more are let go after some stores", () => {
  const { feed } = withLinear();
  feed.flush("MOV_CR3", { pcid: 0 });
  expect(feed.watched.has(TABLE)).toBe(true);
  for (let i = 0; i < 100; i++) feed.write(TABLE + 8, BigInt(i) << 12n);
  expect(feed.watched.has(TABLE)).toBe(false);
});

test("records of which the core holds nothing are forgotten, and their numbers come again", () => {
  const feed = new FakeFeed();
  feed.poke(TABLE, BigInt(OLD) | 7n);
  const seen = new Set<number>();
  for (let page = 0; page < 40_000; page++) {
    const id = feed.fill({}, [{ hpa: TABLE }], { address: BigInt(page) << 12n });
    feed.released.delete(id);
    seen.add(id);
    if (page >= 100) feed.released.add(id - 100);
  }
  expect(feed.sanitizer.counts.untracked).toBe(0);
  expect(seen.size).toBeLessThan(20_000);
});
