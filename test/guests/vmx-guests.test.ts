/**
 * Every VMX control and every exit reason, shown by guests that are small hypervisors. The guests judge
 * themselves by the SDM; here their lines are compared with the ones that are known to be right, and
 * the rows of src/tables/vmx with the lines.
 */
import { describe, expect, test } from "vitest";
import { CPU_MODELS } from "../../src/tables/cpu-models.ts";
import { TLB_PROFILES } from "../../src/tables/tlb-profiles.ts";
import { CONTROLS, hasControl } from "../../src/tables/vmx/controls.ts";
import { EXIT_REASONS } from "../../src/tables/vmx/exit-reasons.ts";
import {
  expectedText,
  imageOf,
  runVmxGuest,
  stepsOf,
  VMX_GUESTS,
  type VmxGuest,
  type VmxRun,
} from "./vmx-guests.ts";

const FULL_MODEL = "sapphire-rapids";
const OLDER_MODELS = CPU_MODELS.filter(({ vmx }) => vmx !== undefined)
  .map(({ name }) => name)
  .filter((name) => name !== FULL_MODEL);

/** Built, but no CPU model has what it takes; docs/limits.md says so to users. */
const EXITS_WITHOUT_A_CAUSE: Readonly<Record<string, string>> = {
  mwait: "CPUID has no MONITOR: #UD goes before the exit",
  monitor: "CPUID has no MONITOR: #UD goes before the exit",
  xsaves: "no state component that IA32_XSS enables",
  xrstors: "no state component that IA32_XSS enables",
};

const runs = new Map<string, Promise<VmxRun>>();

/** Each image once on each model. */
function outcome(guest: VmxGuest, model: string): Promise<VmxRun> {
  const key = `${guest} ${model}`;
  const known = runs.get(key) ?? runVmxGuest(imageOf(guest), { cpuModel: model });
  runs.set(key, known);
  return known;
}

/** The part of a line behind "with it", which a processor whose control is always 1 prints as well. */
const withIt = (line: string) => line.slice(line.indexOf(" with it:"));

describe.each(VMX_GUESTS)("%s", (guest) => {
  test(`on ${FULL_MODEL}: every line is what the SDM says`, async () => {
    const { text, status } = await outcome(guest, FULL_MODEL);
    expect(text.split("\n")).toEqual(expectedText(guest).split("\n"));
    expect(status).toBe(1);
    const steps = stepsOf(text);
    const right = steps.filter(({ result }) => result === "right").length;
    expect(right).toBe(steps.length);
    expect(text).toContain(`${guest}: ${right} steps, ${right} right, 0 wrong, 0 not available\n`);
  });

  test.each(OLDER_MODELS)(
    "on %s: the same lines, or the processor lacks something",
    async (model) => {
      const { text, status } = await outcome(guest, model);
      const steps = stepsOf(text);
      const full = stepsOf(expectedText(guest));
      expect(status).toBe(1);
      expect(steps.map(({ head }) => head)).toEqual(full.map(({ head }) => head));
      steps.forEach(({ line, result }, i) => {
        if (result === "not available") return;
        if (line.includes(": cannot be 0; with it:"))
          expect(withIt(line)).toBe(withIt(full[i]!.line));
        else expect(line).toBe(full[i]!.line);
      });
      const counted = (wanted: string) => steps.filter(({ result }) => result === wanted).length;
      expect(text).toContain(
        `${guest}: ${steps.length} steps, ${counted("right")} right, 0 wrong, ` +
          `${counted("not available")} not available\n`,
      );
    },
  );
});

async function allSteps(model: string) {
  const texts = await Promise.all(VMX_GUESTS.map((guest) => outcome(guest, model)));
  return texts.flatMap(({ text }) => stepsOf(text));
}

test.each([FULL_MODEL, ...OLDER_MODELS])("%s: each control that it has is shown", async (name) => {
  const { vmx } = CPU_MODELS.find((model) => model.name === name)!;
  const steps = await allSteps(name);
  const shown = new Set(steps.filter(({ result }) => result === "right").map((s) => s.subject));
  const had = CONTROLS.filter((row) => hasControl(row, vmx!)).map((r) => `${r.word}.${r.name}`);
  expect(had.filter((control) => !shown.has(control))).toEqual([]);
  const lacking = CONTROLS.filter((row) => !hasControl(row, vmx!));
  expect(lacking.filter(({ word, name }) => shown.has(`${word}.${name}`))).toEqual([]);
});

test("each exit reason that is built is seen, but for those without a cause", async () => {
  const steps = await allSteps(FULL_MODEL);
  const text = steps.map(({ line }) => line).join("\n");
  const seen = ({ name, number }: { name: string; number: number }) =>
    new RegExp(`(exit|entry fails with) ${name} \\(${number}\\)`).test(text);
  const unseen = EXIT_REASONS.filter((row) => row.built && !seen(row)).map(({ name }) => name);
  expect(unseen.sort()).toEqual(Object.keys(EXITS_WITHOUT_A_CAUSE).sort());
  expect(EXIT_REASONS.filter((row) => !row.built && seen(row))).toEqual([]);
});

test.each(TLB_PROFILES.map(({ name }) => name))(
  "EPT, VPIDs and EPTP switching show the same with the TLB %s",
  async (tlb) => {
    const { text } = await runVmxGuest(imageOf("vmx-memory"), { cpuModel: FULL_MODEL, tlb });
    expect(text).toBe(expectedText("vmx-memory"));
  },
);

test("each step has a name of its own", () => {
  const heads = VMX_GUESTS.flatMap((guest) => stepsOf(expectedText(guest)).map((s) => s.head));
  expect(heads.filter((head, i) => heads.indexOf(head) !== i)).toEqual([]);
});

test("a control that is taken away is said not to be available", async () => {
  const { text } = await runVmxGuest(imageOf("vmx-memory"), {
    cpuModel: "skylake",
    cpuFeatures: ["-enable_pml"],
  });
  const results = stepsOf(text)
    .filter(({ subject }) => ["secondary.enable_pml", "pml_full"].includes(subject))
    .map(({ result }) => result);
  expect(results).toEqual(["not available", "not available", "not available"]);
});

test("a guest that does something else is judged to be wrong", async () => {
  const image = Buffer.from(imageOf("vmx-exits"));
  // RDTSC and the VMCALL behind it; CPUID takes its place.
  const at = image.indexOf(Buffer.from("0f310f01c1", "hex"));
  expect(at).toBeGreaterThan(0);
  image[at + 1] = 0xa2;
  const { text, status } = await runVmxGuest(image, { cpuModel: FULL_MODEL });
  const wrong = stepsOf(text).filter(({ result }) => result === "wrong");
  expect(wrong.map(({ line }) => line)).toEqual([
    "primary.rdtsc_exiting: RDTSC: without it: exit cpuid (10); with it: exit cpuid (10), " +
      "length 0x2, qualification 0x0: WRONG (expected vmcall 0x12, rdtsc 0x10)",
  ]);
  expect(status).toBe(3);
});
