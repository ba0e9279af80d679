import { expect, test } from "vitest";
import { ACCESS, EPT_ACCESS, ID_MASK, STALE_MARK, WHAT } from "../../src/sanitizer/feed.ts";
import { PCID_GLOBAL, SanitizerFault } from "../../src/sanitizer/types.ts";
import { FakeFeed, GLA, NEW, OLD, TABLE, withLinear, withPhysical } from "./fake-feed.ts";

const CHANGED = BigInt(NEW) | 7n;

test("a translation whose entry is changed is marked, and told of in the report", () => {
  const { feed, id } = withLinear();
  expect(feed.watched.has(TABLE)).toBe(true);
  feed.write(TABLE, CHANGED, 0xabcn);
  expect(feed.marks).toEqual([`+0:${id}`]);
  feed.write(OLD, 1n, 0xdefn);
  feed.use(id);
  const [report] = feed.sanitizer.reports;
  expect(report).toMatchObject({ kind: "stale-use", level: "error", count: 1 });
  expect(report!.store).toMatchObject({
    site: { rip: 0xabcn, cpu: 0 },
    entryHpa: TABLE,
    before: BigInt(OLD) | 7n,
    after: CHANGED,
    ept: false,
  });
  expect(report!.reuse).toMatchObject({ how: "written", site: { rip: 0xdefn }, hpa: OLD });
  expect(report!.access).toMatchObject({ gla: GLA, hpa: OLD, hpaNow: NEW, kind: "read" });
  expect(report!.entry).toMatchObject({ what: "linear", address: GLA, bytes: 4096 });
  expect(report!.flushes).toEqual([]);
  feed.use(id);
  expect(feed.sanitizer.reports).toHaveLength(1);
  expect(report!.count).toBe(2);
});

test("before its page has another use it is a window, shown on demand", () => {
  const { feed, id } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.use(id);
  expect(feed.sanitizer.reports).toEqual([]);
  expect(feed.sanitizer.counts).toMatchObject({ windowUses: 1, errorUses: 0 });
  const shown = withLinear({}, { windows: true });
  shown.feed.write(TABLE, CHANGED);
  shown.feed.use(shown.id);
  expect(shown.feed.sanitizer.reports).toMatchObject([{ kind: "stale-window", level: "note" }]);
  expect(shown.feed.sanitizer.errors).toBe(0);
});

test("a use that gives what a walk gives is harmless", () => {
  const { feed, id } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.write(OLD, 1n);
  feed.truth = () => OLD;
  feed.use(id);
  expect(feed.sanitizer.counts).toMatchObject({ harmlessUses: 1, errorUses: 0 });
});

test("an entry changed back makes no translation stale", () => {
  const { feed, id } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.write(TABLE, BigInt(OLD) | 7n);
  expect(feed.marks).toEqual([`+0:${id}`, `-0:${id}`]);
  feed.write(OLD, 1n);
  feed.use(id);
  expect(feed.errors).toEqual([]);
});

test.each([
  ["accessed and dirty flags", BigInt(OLD) | 0x67n],
  ["ignored bits", BigInt(OLD) | 0xe07n],
])("a change of %s makes nothing stale", (_name, value) => {
  const { feed } = withLinear();
  feed.write(TABLE, value);
  expect(feed.marks).toEqual([]);
});

test("what the walk itself has set in an entry is no change by software", () => {
  const { feed } = withLinear();
  feed.poke(TABLE, BigInt(OLD) | 0x67n);
  feed.write(TABLE, BigInt(OLD) | 0x67n);
  expect(feed.marks).toEqual([]);
});

test("rights that are taken while the page stays: reuse means nothing", () => {
  const { feed, id } = withLinear();
  feed.write(TABLE, BigInt(OLD) | 5n);
  feed.write(OLD, 1n);
  let asked = 0;
  feed.truth = () => (asked++ === 0 ? undefined : OLD);
  feed.use(id, { access: ACCESS.WRITE });
  expect(feed.errors).toEqual([]);
  expect(feed.sanitizer.counts.windowUses).toBe(1);
});

test("a write through the stale translation itself is no reuse", () => {
  const { feed, id } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.use(id, { access: ACCESS.WRITE });
  feed.time -= 10;
  feed.write(OLD, 1n);
  feed.use(id);
  expect(feed.errors).toEqual([]);
});

test("user code and devices that write to the old page may do so", () => {
  const { feed, id } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.user = true;
  feed.write(OLD, 1n);
  feed.user = false;
  feed.layer = "host";
  feed.write(OLD, 2n);
  feed.layer = "root";
  feed.use(id);
  expect(feed.errors).toEqual([]);
});

test("a page that was a paging structure is not reused when its entries change", () => {
  const feed = new FakeFeed();
  feed.poke(TABLE, BigInt(OLD) | 7n);
  feed.poke(OLD, 0x5007n);
  feed.fill({}, [{ hpa: OLD }], { address: 0x70_0000n, hpa: 0x5000 });
  const id = feed.fill({}, [{ hpa: TABLE }]);
  feed.write(TABLE, CHANGED);
  feed.write(OLD, 0n);
  feed.use(id);
  expect(feed.errors).toEqual([]);
});

test("the old page mapped elsewhere by the same processor is reused", () => {
  const { feed, id } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.write(TABLE + 64, BigInt(OLD) | 7n);
  feed.fill({}, [{ hpa: TABLE + 64 }], { address: 0x90_0000n });
  feed.use(id);
  expect(feed.errors).toEqual(["stale-use"]);
  expect(feed.sanitizer.reports[0]!.reuse!.how).toBe("mapped");
});

test("mapped elsewhere by another processor it may wait for a flush", () => {
  const { feed, id } = withLinear({ cpu: 1 });
  feed.write(TABLE, CHANGED);
  feed.write(TABLE + 64, BigInt(OLD) | 7n);
  feed.fill({}, [{ hpa: TABLE + 64 }], { address: 0x90_0000n });
  feed.cpu = 1;
  feed.use(id);
  expect(feed.errors).toEqual([]);
});

test("an older mapping of the old page tells nothing", () => {
  const { feed, id } = withLinear();
  feed.poke(0x8000, BigInt(OLD) | 7n);
  feed.write(TABLE, CHANGED);
  feed.fill({}, [{ hpa: 0x8000 }], { address: 0x90_0000n });
  feed.use(id);
  expect(feed.errors).toEqual([]);
});

test("a page that the host's hypervisor frees, and what it writes as itself", () => {
  const { feed, id } = withPhysical();
  feed.sanitizer.actor = "zap_gfn_range";
  feed.write(TABLE, 0n);
  feed.sanitizer.frameFreed(OLD);
  feed.sanitizer.actor = undefined;
  feed.use(id, { what: WHAT.physical, access: EPT_ACCESS.READ });
  const [report] = feed.sanitizer.reports;
  expect(report).toMatchObject({
    kind: "stale-use",
    reuse: { how: "freed" },
    store: { site: { actor: "zap_gfn_range", layer: "host" }, ept: true },
    entry: { what: "guest-physical", tags: { vpid: undefined, ep4ta: 0x9000 } },
  });
});

test("what a guest writes to its own memory says nothing of a change of the EPT", () => {
  const { feed, id } = withPhysical();
  feed.write(TABLE, CHANGED);
  feed.layer = "non-root";
  feed.write(OLD, 1n);
  feed.use(id, { what: WHAT.physical });
  expect(feed.errors).toEqual([]);
  feed.ep4ta = 0xa000;
  feed.write(OLD, 2n);
  feed.ep4ta = 0x9000;
  feed.use(id, { what: WHAT.physical });
  expect(feed.errors).toEqual(["stale-use"]);
});

test("an EPT entry and the APIC-access page in force", () => {
  const { feed, id } = withPhysical();
  feed.write(TABLE, CHANGED);
  feed.apicPage = NEW;
  feed.use(id, { what: WHAT.physical });
  expect(feed.errors).toEqual(["stale-use"]);
  expect(feed.sanitizer.reports[0]!.reuse!.how).toBe("apic-access");
});

test("INVVPID where INVEPT was due, and not for another VPID or in another layer", () => {
  const run = (vpid: number, layer: "root" | "non-root" = "root") => {
    const { feed, id } = withPhysical();
    feed.vpid = 5;
    feed.write(TABLE, CHANGED);
    feed.layer = layer;
    feed.flush("INVVPID_SINGLE", { vpid });
    feed.layer = "non-root";
    feed.use(id, { what: WHAT.physical });
    return feed.errors;
  };
  expect(run(5)).toEqual(["wrong-scope"]);
  expect(run(6)).toEqual([]);
  expect(run(5, "non-root")).toEqual([]);
});

test("a flush by another processor than the one that stores is no sign of intent", () => {
  const { feed, id } = withPhysical();
  feed.vpid = 5;
  feed.cpu = 1;
  feed.write(TABLE, CHANGED);
  feed.cpu = 0;
  feed.flush("INVVPID_SINGLE", { vpid: 5 });
  feed.use(id, { what: WHAT.physical });
  expect(feed.errors).toEqual([]);
});

test("INVEPT where INVVPID was due: of a linear mapping of a guest", () => {
  const run = (vpid: number) => {
    const { feed, id } = withLinear({ vpid });
    feed.vpid = vpid;
    feed.write(TABLE, CHANGED);
    feed.flush("INVEPT_ALL");
    feed.use(id);
    return feed.errors;
  };
  expect(run(5)).toEqual(["wrong-scope"]);
  // The hypervisor's own mappings are not meant by an INVEPT.
  expect(run(0)).toEqual([]);
});

test.each([
  "MOV_CR3",
  "INVPCID_CONTEXT",
  "INVPCID_ALL_NONGLOBAL",
  "INVVPID_RETAIN_GLOBALS",
] as const)("%s retains a global page that was changed", (operation) => {
  const { feed, id } = withLinear({ pcid: PCID_GLOBAL, vpid: 5 });
  feed.vpid = 5;
  feed.write(TABLE, CHANGED);
  feed.flush(operation, { vpid: 5, pcid: 0 });
  feed.use(id);
  expect(feed.errors).toEqual(["wrong-scope"]);
  expect(feed.sanitizer.reports[0]!.flushes).toMatchObject([{ operation, miss: "global" }]);
});

test("INVLPG of another address counts against a program only when the page is reused", () => {
  const run = (reuse: boolean) => {
    const { feed, id } = withLinear();
    feed.write(TABLE, CHANGED);
    feed.flush("INVLPG", { pcid: 0, gla: GLA + 0x1000n });
    if (reuse) feed.write(OLD, 1n);
    feed.use(id);
    return feed.errors;
  };
  expect(run(true)).toEqual(["wrong-scope"]);
  expect(run(false)).toEqual([]);
});

test.each([
  ["another PCID", "INVLPG", { pcid: 2, gla: GLA }],
  ["another PCID by INVPCID", "INVPCID_ADDRESS", { pcid: 2, gla: GLA }],
  ["another PCID as a whole", "INVPCID_CONTEXT", { pcid: 2 }],
] as const)("a flush of %s is a wrong tag", (_name, operation, operands) => {
  const { feed, id } = withLinear({ pcid: 1 });
  feed.write(TABLE, CHANGED);
  feed.flush(operation, operands);
  feed.use(id);
  expect(feed.errors).toEqual(["wrong-tag"]);
});

test("a flush of another context that removed something stale was meant for that", () => {
  const { feed, id } = withLinear({ pcid: 1 });
  feed.poke(TABLE + 8, 0x5007n);
  feed.fill({ pcid: 2 }, [{ hpa: TABLE + 8 }], { address: 0x90_0000n, hpa: 0x5000 });
  feed.write(TABLE + 8, 0x6007n);
  feed.write(TABLE, CHANGED);
  feed.flush("INVPCID_CONTEXT", { pcid: 2 });
  feed.use(id);
  expect(feed.errors).toEqual([]);
});

test("another VPID, another EPTP", () => {
  const vpid = withLinear({ vpid: 5 });
  vpid.feed.vpid = 5;
  vpid.feed.write(TABLE, CHANGED);
  vpid.feed.flush("INVVPID_ADDRESS", { vpid: 6, gla: GLA });
  vpid.feed.use(vpid.id);
  expect(vpid.feed.errors).toEqual(["wrong-tag"]);
  const eptp = withPhysical();
  eptp.feed.write(TABLE, CHANGED);
  eptp.feed.flush("INVEPT_SINGLE", { ep4ta: 0xa000 });
  eptp.feed.use(eptp.id, { what: WHAT.physical });
  expect(eptp.feed.errors).toEqual(["wrong-tag"]);
});

test("the right flush on another processor is told of, and is no fault before the reuse", () => {
  const { feed, id } = withLinear({ cpu: 1 });
  feed.write(TABLE, CHANGED);
  feed.flush("INVLPG", { pcid: 0, gla: GLA });
  feed.cpu = 1;
  feed.use(id);
  expect(feed.errors).toEqual([]);
  feed.cpu = 0;
  feed.write(OLD, 1n);
  feed.cpu = 1;
  feed.use(id);
  expect(feed.errors).toEqual(["stale-use"]);
  expect(feed.sanitizer.reports[0]!.flushes).toMatchObject([{ operation: "INVLPG", miss: "cpu" }]);
});

test("the right flush removes the translation; a core that uses it still is at fault", () => {
  const { feed, id } = withLinear();
  feed.write(TABLE, CHANGED);
  feed.flush("INVLPG", { pcid: 0, gla: GLA });
  expect(() => feed.use(id)).toThrow(SanitizerFault);
});

test("a walk through a stale guest-physical mapping makes a stale translation", () => {
  const { feed, id } = withPhysical();
  feed.poke(0x7000, 0x6007n);
  feed.write(TABLE, CHANGED);
  feed.use(id, { what: WHAT.physical });
  const steps = [{ hpa: 0x7000 }, { hpa: 0, reference: id }];
  const word = feed.fill({ vpid: 5, ep4ta: 0x9000 }, steps);
  expect(word & STALE_MARK).not.toBe(0);
  expect(feed.sanitizer.counts.windowUses).toBe(1);
  feed.write(OLD, 1n);
  feed.use(word & ID_MASK);
  expect(feed.errors).toEqual(["stale-use"]);
});

test("an INVVPID before such a translation was made is the wrong one for it, too", () => {
  const { feed, id } = withPhysical();
  feed.vpid = 5;
  feed.write(TABLE, CHANGED);
  feed.flush("INVVPID_SINGLE", { vpid: 5 });
  const word = feed.fill({ vpid: 5, ep4ta: 0x9000 }, [{ hpa: 0, reference: id }]);
  feed.use(word & ID_MASK);
  expect(feed.errors).toEqual(["wrong-scope"]);
});

/** A cached page-directory entry that leads to the page table at OLD, unlinked since. */
function unlinkedTable() {
  const feed = new FakeFeed();
  feed.poke(TABLE, BigInt(OLD) | 7n);
  feed.poke(OLD, 0x5007n);
  const upper = feed.fill({}, [{ hpa: TABLE, level: 2 }], {
    what: WHAT.structure,
    address: 0x40_0000n,
    sizeLog: 21,
  });
  feed.fill({}, [{ hpa: 0, reference: upper }, { hpa: OLD }], { hpa: 0x5000 });
  feed.write(TABLE, 0n);
  return { feed, upper };
}

test("a walk through an unlinked table that was overwritten: unsafe free", () => {
  const { feed, upper } = unlinkedTable();
  feed.write(OLD + 8, 0x6007n);
  feed.use(upper, { what: WHAT.structure });
  feed.fill({}, [{ hpa: 0, reference: upper }, { hpa: OLD + 8 }], { address: 0x40_1000n });
  expect(feed.errors).toEqual(["unsafe-free"]);
});

test("a walk through an unlinked table that is as it was is a window", () => {
  const { feed, upper } = unlinkedTable();
  feed.use(upper, { what: WHAT.structure });
  feed.fill({}, [{ hpa: 0, reference: upper }, { hpa: OLD + 16 }], { address: 0x40_2000n });
  expect(feed.errors).toEqual([]);
  expect(feed.sanitizer.counts.windowUses).toBe(1);
});

/** A walk of processor 1 between the stores of the two halves of an entry by processor 0. */
function halves(second: bigint, secondRip: bigint, readerCpu = 1) {
  const feed = new FakeFeed();
  feed.poke(TABLE + 8, 0x5007n);
  feed.fill({ cpu: 1 }, [{ hpa: TABLE + 8 }], { address: 0x90_0000n, hpa: 0x5000 });
  feed.write(TABLE, BigInt(OLD) | 7n, 0x2000n, 4);
  feed.cpu = readerCpu;
  feed.fill({ cpu: readerCpu }, [{ hpa: TABLE }]);
  feed.cpu = 0;
  feed.write(TABLE + 4, second, secondRip, 4);
  return feed.errors;
}

test("an entry that is used between the stores of its halves is torn", () => {
  expect(halves(1n, 0x2008n)).toEqual(["torn-entry"]);
  expect(halves(0x8000_0000n, 0x2008n)).toEqual(["torn-entry"]);
});

test("no torn entry: bits that do not matter, distant code, the same processor", () => {
  expect(halves(0x10_0000n, 0x2008n)).toEqual([]);
  expect(halves(1n, 0x9000n)).toEqual([]);
  expect(halves(1n, 0x2008n, 0)).toEqual([]);
});

test("flush requests are served in their context, on their processor, before the entry", () => {
  const { sanitizer } = new FakeFeed();
  const good = sanitizer.requestRaised(0, "flush guest", "L2");
  sanitizer.requestServed(good, 0, "L2");
  sanitizer.guestEntered(0, "L2");
  sanitizer.requestRaised(1, "flush guest", "L1");
  sanitizer.guestEntered(1, "L2");
  sanitizer.guestEntered(0, "L1");
  expect(sanitizer.reports).toEqual([]);
  sanitizer.guestEntered(1, "L1");
  sanitizer.requestServed(sanitizer.requestRaised(0, "flush current", "L2"), 0, "L1");
  sanitizer.requestServed(sanitizer.requestRaised(0, "flush all"), 2);
  expect(sanitizer.reports.map(({ kind, message }) => [kind, message])).toEqual([
    ["lost-request", 'request "flush guest" was not served before the guest was entered'],
    ["lost-request", 'request "flush current" of context L2 was served in context L1'],
    ["lost-request", 'request "flush all" for CPU 0 was served on CPU 2'],
  ]);
});
