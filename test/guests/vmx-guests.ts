/** The guests that are small hypervisors: their images, what they print, and how to read it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Machine } from "../../src/machine/machine.ts";
import type { MachineOptions } from "../../src/machine/options.ts";

const IMAGES = fileURLToPath(new URL("../../guests/images/", import.meta.url));
const MEMORY_BYTES = 16 << 20;
const INSTRUCTIONS_MAX = 5_000_000;

export const VMX_GUESTS = [
  "vmx-exits",
  "vmx-events",
  "vmx-memory",
  "vmx-apic",
  "vmx-controls",
] as const;

export type VmxGuest = (typeof VMX_GUESTS)[number];

/** What a processor with everything prints: the model sapphire-rapids, two of them. */
export function expectedText(guest: VmxGuest): string {
  return readFileSync(new URL(`${guest}.txt`, import.meta.url), "utf8");
}

export function imageOf(guest: VmxGuest): Uint8Array {
  return readFileSync(`${IMAGES}${guest}.elf`);
}

export interface VmxRun {
  readonly text: string;
  /** Of the exit port: 1 when every step was right. */
  readonly status: number | undefined;
}

export async function runVmxGuest(image: Uint8Array, options: MachineOptions): Promise<VmxRun> {
  const machine = await Machine.create({ memory: MEMORY_BYTES, cpus: 2, ...options });
  let text = "";
  machine.serial[0]!.onData((bytes) => {
    text += Buffer.from(bytes).toString("latin1");
  });
  machine.load(image, {});
  const end = await machine.run({ maxInstructions: INSTRUCTIONS_MAX });
  machine.dispose();
  return { text, status: end.kind === "exit" ? end.status : undefined };
}

export interface VmxStep {
  /** A control, an exit reason, or what else the step shows. */
  readonly subject: string;
  /** Subject and what was tried, which is the same on every processor. */
  readonly head: string;
  readonly line: string;
  readonly result: "right" | "wrong" | "not available" | "cut off";
}

function resultOf(line: string): VmxStep["result"] {
  if (/: ok$/.test(line)) return "right";
  if (/: WRONG \(expected .*\)$/.test(line)) return "wrong";
  return /: not available(: .*)?$/.test(line) ? "not available" : "cut off";
}

/** The lines that are steps: not the headings, and not the count at the end. */
export function stepsOf(text: string): VmxStep[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("-- ") && !/^vmx-\w+: \d+ steps/.test(line))
    .map((line) => {
      const [subject = "", what = ""] = line.split(": ");
      return { subject, head: `${subject}: ${what}: `, line, result: resultOf(line) };
    });
}
