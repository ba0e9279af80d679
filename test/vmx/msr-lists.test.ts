/** The checks of MSR lists, on each of the three lists, by VMLAUNCH and an exit right behind it. */
import { describe, expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { NEWEST } from "./cases-common.ts";
import { MSR_ABSENT_CASES, MSR_CASES, type MsrList } from "./cases-msr.ts";
import { type Changes, changed } from "./entry-state.ts";
import { launchCore } from "./launch-core.ts";

const LIST_HPA = 0x200000;
const REASON_PREEMPTION_TIMER = 52;
const ABORT_SAVING_MSRS = 1;
const ABORT_LOADING_MSRS = 4;

/** Launches with `list` as the list that `name` stands for; the timer ends the guest at once. */
async function launch(name: string, list: MsrList) {
  const memory: Record<number, number> = {};
  list.forEach(([head, value], i) => {
    const words = [head, value].flatMap((word) => [BigInt(word), BigInt(word) >> 32n]);
    words.forEach((word, j) => {
      memory[LIST_HPA + i * 16 + j * 4] = Number(BigInt.asUintN(32, word));
    });
  });
  const changes: Changes = {
    on: "pin.activate_preemption_timer",
    fields: { [`${name}_count`]: list.length, [`${name}_addr`]: LIST_HPA },
    memory,
  };
  const launcher = await launchCore(NEWEST);
  const { outcome } = launcher.launch(changed(launcher.base, changes));
  expect(outcome).toBe(0);
  return { launcher, ...launcher.traces };
}

const timer = { reason: REASON_PREEMPTION_TIMER, isEntryFailure: false };

const ROWS = ENTRY_CHECKS.filter(({ phase, built }) => built && phase === "msr");

describe.each(ROWS.map((row) => [row.id, row] as const))("%s", (id, row) => {
  const { pass, fail, store } = MSR_CASES[id]!;

  test("holds on entry", async () => {
    expect(await launch("vmentry_msr_load", pass)).toMatchObject({
      ...timer,
      abort: 0,
      inHost: true,
    });
  });

  test.each(fail)("broken on entry: list %#", async (...list) => {
    const at = list.length;
    const { launcher, ...traces } = await launch("vmentry_msr_load", list);
    expect(traces).toEqual({
      reason: 34,
      isEntryFailure: true,
      qualification: at,
      abort: 0,
      inHost: true,
    });
    const [head, value] = list[at - 1]!;
    expect(launcher.failure(34, at)).toMatchObject({
      ...{ how: "exit 34", check: id, section: row.section, field: row.field },
      value: BigInt(row.field.endsWith("_count") ? at : LIST_HPA),
      msr: { entry: at, index: BigInt(head), value: BigInt(value) },
    });
  });

  test("holds on exit", async () => {
    const after = { ...timer, abort: 0, inHost: true };
    expect(await launch("vmexit_msr_load", pass)).toMatchObject(after);
    if (store) expect(await launch("vmexit_msr_store", store.pass)).toMatchObject(after);
  });

  test.each(fail)("broken on exit: list %#", async (...list) => {
    const after = { ...timer, abort: ABORT_LOADING_MSRS };
    expect(await launch("vmexit_msr_load", list)).toMatchObject(after);
  });

  for (const list of store?.fail ?? []) {
    test(`broken in a list of ${list.length} to be stored: MSR 0x${list.at(-1)![0].toString(16)}`, async () => {
      const after = { ...timer, abort: ABORT_SAVING_MSRS, inHost: false };
      expect(await launch("vmexit_msr_store", list)).toMatchObject(after);
    });
  }
});

test.each(Object.entries(MSR_ABSENT_CASES))("%s, which no model has", async (_id, absent) => {
  const { launcher, ...traces } = await launch("vmentry_msr_load", absent.list);
  expect(traces).toMatchObject({ reason: 34, qualification: absent.list.length });
  expect(launcher.failure(34, absent.list.length).check).toBe(absent.refusedBy);
});

test("what stands in front of the entry that fails has been loaded or stored", async () => {
  const star = 0xc0000081;
  const value = 0x2b00100000000000n;
  const failed = await launch("vmentry_msr_load", [
    [star, value],
    [0xc0000100, 0],
  ]);
  expect(failed.reason).toBe(34);
  expect(failed.launcher.entry.bare.core.state64(STATE.STAR)).toBe(value);
  const { launcher } = await launch("vmexit_msr_store", [
    [0xc0000103, 0xffn],
    [0xc0000080, 0],
    [0, 0x55],
  ]);
  const { core, ram } = launcher.entry.bare;
  const stored = (entry: number) => core.u64[(ram + LIST_HPA + 16 * (entry - 1) + 8) >> 3];
  expect([stored(1), stored(2), stored(3)]).toEqual([0n, 0xd00n, 0x55n]);
});
