/**
 * A geometry decides how long translations live, never what a right program computes: every guest has
 * the same output, end and number of instructions under all of them. A difference is a fault of the
 * guest (a flush that is missing) or of the emulator.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { LoadOptions } from "../../src/loaders/loader.ts";
import { Machine } from "../../src/machine/machine.ts";
import { TLB_PROFILES } from "../../src/tables/tlb-profiles.ts";

const IMAGES = fileURLToPath(new URL("../../guests/images", import.meta.url));
const TEST_MS = 240_000;
const RUN_MS = 100_000;
const REFERENCE = "none";

interface Case {
  readonly options?: LoadOptions;
  readonly input?: string;
  /** Lines that are meant to differ. */
  readonly except?: RegExp;
  /** False where that changes the number of instructions, too. */
  readonly endsAlike?: boolean;
  /** Geometries to be run, where all of them would take long. */
  readonly profiles?: readonly string[];
}

const FLAT = { flat: { address: 0x7c00, mode: "real" } } as const;

/** For images that compute long. */
const DIFFERENT = ["skylake", "zen4", "adversarial"] as const;

/** What an image needs; the others run as they are. */
const CASES: Readonly<Record<string, Case>> = {
  "real-mode.bin": { options: FLAT },
  "serial-echo.elf": { input: "good morning\x04" },
  // It leaves a flush out on purpose, to show it.
  "tour.elf": { except: /^.*nobody told the TLB.*\n.*$/m, endsAlike: false },
  "bench32.elf": { options: { cmdline: "qsort chase" }, profiles: DIFFERENT },
  "bench64.elf": { options: { cmdline: "qsort chase" }, profiles: DIFFERENT },
  "bench64-vmx.elf": { options: { cmdline: "qsort" }, profiles: DIFFERENT },
  "vmx-bench.elf": { profiles: ["adversarial"] },
};

/** Images that are left out, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "boot-sector.bin": "it needs a firmware",
  "tlb-pages.elf": "each of its cases lacks a flush; without that fault they are run below",
  "tlb-vmx.elf": "each of its cases lacks a flush; without that fault they are run below",
};

/** Cases of the guests that lack a flush; with the word "fix" they have it. */
const FAULTS: readonly (readonly [image: string, name: string])[] = [
  ["tlb-pages.elf", "invlpg"],
  ["tlb-pages.elf", "global"],
  ["tlb-pages.elf", "pcid"],
  ["tlb-pages.elf", "pcid-invlpg"],
  ["tlb-pages.elf", "other-processor"],
  ["tlb-vmx.elf", "ept-leaf"],
  ["tlb-vmx.elf", "guest-pte"],
];

async function outcome(
  image: string,
  profile: string,
  { options, input, except, endsAlike = true }: Case = CASES[image] ?? {},
) {
  const machine = await Machine.create({ memory: 32 << 20, cpus: 2, tlb: profile });
  machine.load(readFileSync(join(IMAGES, image)), options);
  let output = "";
  const decoder = new TextDecoder("latin1");
  machine.serial[0]!.onData((bytes) => {
    output += decoder.decode(bytes);
  });
  if (input !== undefined) {
    const writer = machine.serial[0]!.writable.getWriter();
    writer.write(new TextEncoder().encode(input));
    writer.close();
  }
  const end = await machine.run({ timeoutMs: RUN_MS });
  machine.dispose();
  const text = except === undefined ? output : output.replace(except, "");
  return { output: text, end, instructions: endsAlike ? machine.instructions : 0 };
}

const images = readdirSync(IMAGES).filter((name) => !Object.hasOwn(LEFT_OUT, name));

test.each(images)("%s does the same under every geometry", { timeout: TEST_MS }, async (image) => {
  const names = CASES[image]?.profiles ?? TLB_PROFILES.map(({ name }) => name);
  const right = await outcome(image, REFERENCE);
  expect(["exit", "idle"]).toContain(right.end.kind);
  expect(right.output.length).toBeGreaterThan(0);
  for (const name of names) {
    if (name !== REFERENCE) expect(await outcome(image, name), name).toEqual(right);
  }
});

test.each(FAULTS)(
  "%s with %s corrected does the same under every geometry",
  async (image, name) => {
    const fixed = { options: { cmdline: `${name} fix` } };
    const right = await outcome(image, REFERENCE, fixed);
    expect(right.end).toMatchObject({ kind: "exit", code: 0 });
    for (const { name: profile } of TLB_PROFILES) {
      expect(await outcome(image, profile, fixed), profile).toEqual(right);
    }
  },
);

test.each(FAULTS)("%s: that %s lacks a flush shows as a difference", async (image, name) => {
  const faulty = { options: { cmdline: name } };
  const { output } = await outcome(image, REFERENCE, faulty);
  expect((await outcome(image, "adversarial", faulty)).output).not.toBe(output);
});
