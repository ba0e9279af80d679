/** `npm run test:oracle`: the core against a real processor, another decoder, and other emulators. */
import { parseArgs } from "node:util";
import type { Mode } from "./forms.ts";
import { decoderPart } from "./part-decoder.ts";
import { fuzzPart } from "./part-fuzz.ts";
import { instructionPart } from "./part-instructions.ts";
import { systemPart } from "./part-system.ts";
import { vmxPart } from "./part-vmx.ts";

const HELP = `Usage: npm run test:oracle -- [options]

Compares the core with what is known to be right. Parts, each of which skips in one line where the
machine lacks what it needs:

  instructions  every form of the opcode table that user mode can run, on the host's processor
                (x86-64 Linux; build the addon with npm run build:native)
  decoder       length, validity and operand form against iced-x86 in 16-, 32- and 64-bit modes
  fuzz          a short run of the whole-machine fuzz (npm run fuzz for a long one)
  system        a guest that walks through faults, mode switches and paging, under QEMU and Bochs
  vmx           guests that show each VMX control and exit reason, under Bochs

  --parts LIST        parts to run, by comma (default: all)
  --cases N           cases of each instruction form (default 2000)
  --seed N            the same seed gives the same cases (default 1)
  --only REGEX        forms whose name matches, as in "64: ADD Eb,Gb 00/r 8 memory"
  --modes LIST        16, 32, 64, by comma (default: all)
  --sequences N       short sequences of each kind and mode (default 150)
  --show N            failures to shrink and print in full (default 10)
  --undefined         how often undefined flags agree, by mnemonic
  --strings N         random byte strings for the decoder in each mode (default 2000000)
  --no-enumeration    leave out all opcodes with all ModRM bytes
  --instructions N    instructions of the fuzz (default 2000000)
  --help              this text

The last line counts the parts. The exit status is 1 when something does not agree. docs/oracle.md says how to read a failure.
`;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    parts: { type: "string", default: "instructions,decoder,fuzz,system,vmx" },
    cases: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    modes: { type: "string", default: "64,32,16" },
    sequences: { type: "string", default: "150" },
    show: { type: "string", default: "10" },
    undefined: { type: "boolean", default: false },
    strings: { type: "string", default: "2000000" },
    enumeration: { type: "boolean", default: true },
    instructions: { type: "string", default: "2000000" },
    help: { type: "boolean", default: false },
  },
});

async function run(): Promise<boolean> {
  const seed = Number(values.seed);
  const parts: Record<string, () => Promise<boolean>> = {
    instructions: () =>
      instructionPart({
        cases: Number(values.cases),
        seed,
        sequences: Number(values.sequences),
        only: new RegExp(values.only),
        modes: values.modes.split(",").map(Number) as Mode[],
        show: Number(values.show),
        undefinedFlags: values.undefined,
      }),
    decoder: () => decoderPart({ strings: Number(values.strings), seed, all: values.enumeration }),
    fuzz: () => fuzzPart(seed, Number(values.instructions)),
    system: () => systemPart(),
    vmx: () => vmxPart(),
  };
  let passed = 0;
  let failed = 0;
  for (const name of values.parts.split(",")) {
    const part = parts[name];
    if (!part) throw new Error(`there is no part "${name}"; see --help`);
    if (await part()) passed++;
    else failed++;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

if (values.help) console.log(HELP);
else process.exitCode = (await run()) ? 0 : 1;
