/** `npm run fuzz`: the whole machine on noise, and the oracles on ever new seeds. */
import { parseArgs } from "node:util";
import { decoderPart } from "../oracle/part-decoder.ts";
import { instructionPart } from "../oracle/part-instructions.ts";
import { FuzzMachine } from "./machine.ts";
import { fuzz, TICKS } from "./run.ts";

const HELP = `Usage: npm run fuzz -- [options]

Runs random code in random states on the whole machine, in every processor mode, and checks after
each state that nothing happened that no guest may bring about: a wasm trap, a JavaScript exception,
a hang, a store outside the guest's memory. Between rounds of it, the instruction and the decoder
oracle run on new seeds (the first needs npm run build:native).

  --hours N         stop after N hours (default 0.1; fractions are fine)
  --instructions N  stop after N instructions of the whole machine; no rounds of the oracles
  --seed N          first seed (default 1)
  --threads N       threads of the whole-machine fuzz (default 2)
  --replay SEED     run one seed of the whole machine and say how it ends
  --help            this text

The exit status is 1 when something has failed; each failure prints its seed.
`;

/** Instructions of the whole machine between two rounds of the oracles. */
const ROUND_INSTRUCTIONS = 20_000_000;
const ROUND_CASES = 40;
const ROUND_STRINGS = 500_000;

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "0.1" },
    instructions: { type: "string" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "2" },
    replay: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(HELP);
else if (values.replay !== undefined) await replay(Number(values.replay));
else await run();

async function replay(seed: number): Promise<void> {
  const machine = await FuzzMachine.create();
  machine.run(seed, TICKS);
  console.log(`seed ${seed}: ${machine.executed} instructions, nothing wrong`);
}

async function run(): Promise<void> {
  const end = performance.now() + Number(values.hours) * 3600_000;
  const fixed = values.instructions !== undefined;
  const first = Number(values.seed);
  const threads = Number(values.threads);
  let seed = first;
  let seeds = 0;
  let instructions = 0;
  let sound = true;
  for (let round = 0; sound && (round === 0 || (!fixed && performance.now() < end)); round++) {
    const report = await fuzz(seed, {
      instructions: fixed ? Number(values.instructions) : ROUND_INSTRUCTIONS,
      seconds: fixed ? Number.POSITIVE_INFINITY : (end - performance.now()) / 1000,
      threads,
    });
    for (const failure of report.failures) {
      console.log(`FAILED: seed ${failure.seed}: ${failure.text}`);
      console.log(`replay it with: npm run fuzz -- --replay ${failure.seed}`);
      sound = false;
    }
    seed += report.seeds + report.failures.length;
    seeds += report.seeds;
    instructions += report.instructions;
    console.log(`whole machine: ${seeds} seeds from ${first}, ${instructions} instructions`);
    if (fixed || !sound || performance.now() >= end) break;
    const own = first + round + 1;
    sound = await instructionPart({ cases: ROUND_CASES, seed: own, sequences: 50 });
    sound = (await decoderPart({ strings: ROUND_STRINGS, seed: own, all: false })) && sound;
  }
  process.exitCode = sound ? 0 : 1;
}
