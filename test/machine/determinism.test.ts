import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Machine, type MachineHooks, type RunOptions } from "../../src/index.ts";

interface Run {
  readonly image: string;
  readonly cpus?: number;
  readonly seed?: number;
  readonly tlb?: string;
  readonly hooks?: MachineHooks;
  /** Limits of one part of the run after the other. */
  readonly parts?: () => RunOptions;
}

/** Everything a guest or its user could tell two runs apart by. */
async function observe({ image, cpus = 1, seed = 1, tlb, hooks, parts }: Run) {
  const options = { memory: 16 << 20, cpus, seed };
  const machine = await Machine.create(tlb === undefined ? options : { ...options, tlb });
  let output = "";
  machine.serial[0]!.onData((bytes) => {
    output += String.fromCharCode(...bytes);
  });
  machine.load(readFileSync(new URL(`../../guests/images/${image}.elf`, import.meta.url)));
  if (hooks) machine.setHooks(hooks);
  let stop = await machine.run(parts?.() ?? {});
  while (stop.kind === "instruction-limit" || stop.kind === "time-limit") {
    stop = await machine.run(parts?.() ?? {});
  }
  return {
    stop,
    output,
    instructions: machine.instructions,
    time: machine.time,
    counters: machine.counters,
    registers: machine.cpus.map((cpu) => [cpu.get("rip"), cpu.get("rsp"), cpu.get("rax")]),
  };
}

/** Without what was decoded and what the front cache served: the emulator's affair, not the guest's. */
function ofMachine(seen: Awaited<ReturnType<typeof observe>>) {
  const { blockDecoded, blockInvalidated, arenaFlush, tlbHitL1, tlbHitL2, ...counters } =
    seen.counters;
  return { ...seen, counters };
}

/** Numbers that differ from part to part, the same in each test. */
function irregular(limit: number): () => number {
  let x = 1;
  return () => {
    x = (x * 1_103_515_245 + 12_345) % 2_147_483_648;
    return 1 + (x % limit);
  };
}

const RUNS: readonly Run[] = [
  { image: "tour", cpus: 1 },
  { image: "self-modifying", cpus: 1 },
  { image: "protected32", cpus: 1 },
  { image: "smp-hello", cpus: 2 },
  { image: "smp-hello", cpus: 7, tlb: "haswell" },
];

test.each(RUNS)("$image on $cpus CPUs twice is the same run", async (run) => {
  const first = await observe(run);
  expect(first.stop).toMatchObject({ kind: "exit", code: 0 });
  expect(first.instructions).toBeGreaterThan(1000);
  expect(await observe(run)).toEqual(first);
});

test("the tour is interrupted many times, at the same places", async () => {
  const places = async () => {
    const seen: string[] = [];
    const onException: MachineHooks["onException"] = (cpu, vector, kind) => {
      if (kind === 0) seen.push(`${vector} at ${cpu.get("rip")}`);
    };
    await observe({ image: "tour", hooks: { onException } });
    return seen;
  };
  const first = await places();
  expect(first.length).toBeGreaterThan(20);
  expect(await places()).toEqual(first);
});

test("another seed makes processors meet otherwise, with the same result", async () => {
  const runs = [];
  for (const seed of [1, 2, 3, 4]) {
    runs.push(await observe({ image: "smp-hello", cpus: 4, seed }));
  }
  expect(new Set(runs.map(({ instructions }) => instructions)).size).toBeGreaterThan(1);
  for (const { output } of runs) expect(output).toContain("counted 8000 with a lock and 8000");
});

test("another seed changes nothing for one processor that asks for no chance", async () => {
  const run = { image: "protected32" };
  expect(await observe({ ...run, seed: 99 })).toEqual(await observe(run));
});

test.each(RUNS)("$image on $cpus CPUs may be cut anywhere", async (run) => {
  const next = irregular(run.image === "tour" ? 300_000 : 700);
  const cut = await observe({ ...run, parts: () => ({ maxInstructions: next() }) });
  expect(ofMachine(cut)).toEqual(ofMachine(await observe(run)));
});

test("wall time that cuts a run leaves no trace", async () => {
  const run = { image: "smp-hello", cpus: 3 };
  const cut = await observe({ ...run, parts: () => ({ timeoutMs: 1 }) });
  expect(ofMachine(cut)).toEqual(ofMachine(await observe(run)));
});

test("an exit in the slice in which the time ends is not lost", async () => {
  const machine = await Machine.create({ memory: 1 << 20 });
  // MOV AL, 0; OUT 0xf4, AL; HLT.
  const code = Uint8Array.of(0xb0, 0x00, 0xe6, 0xf4, 0xf4);
  machine.load(code, { flat: { address: 0x7c00, mode: "real" } });
  expect((await machine.run({ timeoutMs: 0 })).kind).toBe("exit");
});

test.each(RUNS.filter(({ image }) => image !== "tour"))(
  "watching $image on $cpus CPUs changes nothing",
  async (run) => {
    let watched = 0;
    const onInstruction = () => {
      watched++;
      return undefined;
    };
    const seen = await observe({ ...run, hooks: { onInstruction } });
    expect(ofMachine(seen)).toEqual(ofMachine(await observe(run)));
    expect(watched).toBeGreaterThanOrEqual(seen.instructions);
  },
);
