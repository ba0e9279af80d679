/** The decoder oracle as a part of `npm run test:oracle`. */
import { type DecodeCounts, runDecoderOracle } from "./decoder.ts";
import { DIFFERENCES } from "./decoder-names.ts";
import { operandFormsSeen } from "./decoder-operands.ts";

export interface DecoderOptions {
  /** Random strings for each mode. */
  readonly strings: number;
  readonly seed: number;
  /** Also all opcodes of all maps with all ModRM bytes. */
  readonly all: boolean;
}

function describe(mode: number, counts: DecodeCounts): number {
  const known = [...counts.known].map(([id, count]) => `${id} ${count}`).join(", ");
  let differences = 0;
  for (const difference of counts.differences.values()) {
    differences += difference.count;
    const { bytes, ours, iced, count } = difference;
    console.log(`--- ${mode}-bit ${bytes}: core ${ours}; iced-x86 ${iced} (${count} strings)`);
  }
  const unknown = counts.notOurs;
  console.log(
    `decoder, ${mode}-bit: ${counts.strings} strings, ${counts.valid} instructions alike, ` +
      `${unknown} of extensions that the table leaves out, ${differences} differences`,
  );
  if (known) console.log(`  known: ${known}`);
  return differences;
}

/** Runs and prints; true when there is no difference. */
export async function decoderPart(options: DecoderOptions): Promise<boolean> {
  const started = performance.now();
  const oracle = await runDecoderOracle(options.strings, options.seed, options.all);
  let differences = 0;
  for (const [mode, counts] of oracle.counts) differences += describe(mode, counts);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `decoder: ${operandFormsSeen()} operand forms, ${differences} differences; ${seconds} s`,
  );
  return differences === 0;
}

/** The documented list, one line each. */
export function decoderDifferences(): string[] {
  return DIFFERENCES.map(({ id, reason }) => `${id}: ${reason}`);
}
