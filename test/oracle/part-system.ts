/** The system-mode oracle: guests that report what happened, under our machine and under others. */
import { readFileSync } from "node:fs";
import { hasBochs, hasQemu, runBochs, runOurs, runQemu } from "./emulators.ts";
import { SYSTEM_DIFFERENCES } from "./known-system.ts";

export interface SystemGuest {
  readonly image: string;
  /** Its last line. */
  readonly last: string;
  /** What it prints on a right processor; also compared by test/guests. */
  readonly expected: URL;
}

export const SYSTEM_GUESTS: readonly SystemGuest[] = [
  {
    image: "system-checks.elf",
    last: "end of the checks",
    expected: new URL("../guests/system-checks.txt", import.meta.url),
  },
  {
    image: "system-checks64.elf",
    last: "end of the checks",
    expected: new URL("../guests/system-checks64.txt", import.meta.url),
  },
];

interface Tally {
  lines: number;
  known: number;
  different: number;
}

/** Lines of a guest with the headings that they stand under. */
function sections(text: string): { heading: string; line: string }[] {
  let heading = "";
  return text.split("\n").map((line) => {
    if (/^-- /.test(line)) heading = line.slice(3);
    return { heading, line };
  });
}

function compare(emulator: string, ours: string, theirs: string): Tally {
  const tally: Tally = { lines: 0, known: 0, different: 0 };
  const [a, b] = [sections(ours), sections(theirs)];
  const count = Math.max(a.length, b.length);
  for (let i = 0; i < count; i++) {
    tally.lines++;
    const own = a[i]?.line ?? "(nothing)";
    const other = b[i]?.line ?? "(nothing)";
    if (own === other) continue;
    const heading = a[i]?.heading ?? "";
    const rule = SYSTEM_DIFFERENCES.find(
      (d) => d.emulator === emulator && d.section.test(heading) && d.lines.test(own),
    );
    if (rule) tally.known++;
    else {
      tally.different++;
      console.log(`--- ${heading}\n    core:  ${own}\n    ${emulator}: ${other}`);
    }
  }
  return tally;
}

function report(image: string, name: string, tally: Tally): boolean {
  console.log(
    `system: ${image} under ${name}: ${tally.lines} lines, ${tally.known} known differences, ` +
      `${tally.different} others`,
  );
  return tally.different === 0;
}

/** Runs and prints; true when no line differs but for a documented reason. */
export async function systemPart(): Promise<boolean> {
  const emulators: [string, (guest: SystemGuest) => Promise<string> | string][] = [];
  if (hasQemu()) emulators.push(["QEMU", (guest) => runQemu(guest.image)]);
  else console.log("system: QEMU skipped, qemu-system-x86_64 is not installed");
  if (hasBochs()) emulators.push(["Bochs", (guest) => runBochs(guest.image, guest.last)]);
  else console.log("system: Bochs skipped, it is not installed");
  let sound = true;
  for (const guest of SYSTEM_GUESTS) {
    const ours = runOurs(guest.image);
    const expected = readFileSync(guest.expected, "utf8");
    sound = report(guest.image, "the expected text", compare("text", ours, expected)) && sound;
    for (const [name, run] of emulators) {
      sound = report(guest.image, name, compare(name, ours, await run(guest))) && sound;
    }
  }
  return sound;
}
