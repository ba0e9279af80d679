/** `vmxlab demo`: the tour guest and the statistics of its run. */
import { fileURLToPath } from "node:url";
import { statusOf } from "./exit-status.ts";
import { type RunPlan, runGuest } from "./guest-run.ts";
import { readInput } from "./input-file.ts";

const TOUR = fileURLToPath(new URL("../../guests/images/tour.elf", import.meta.url));
const MEMORY_BYTES = 64 * 2 ** 20;
/** A tour that does not end by itself is broken; nobody should have to wait for it. */
const TIMEOUT_MS = 60_000;

/** The status is 0 when the tour went through, else that of `run`. */
export async function runDemo(): Promise<number> {
  const plan: RunPlan = {
    program: "vmxlab",
    machine: { memory: MEMORY_BYTES },
    image: { bytes: readInput("image", TOUR), options: { name: "tour" } },
    reported: {
      image: TOUR,
      firmware: null,
      append: null,
      modules: [],
      initrd: null,
      maxInstructions: null,
      timeoutSeconds: TIMEOUT_MS / 1000,
    },
    timeoutMs: TIMEOUT_MS,
    serial1: { kind: "console", input: false },
    serial2: { kind: "none" },
    debugConsole: { kind: "none" },
    inputs: [TOUR],
    statistics: "stdout",
    statusOf: (end, signal) => (end.kind === "exit" && end.code === 0 ? 0 : statusOf(end, signal)),
  };
  return runGuest(plan);
}
