/**
 * Runs one image of the kernels in a process of its own and prints, as JSON, checksum and CPU time of
 * each kernel. Usage: kernel-run.ts IMAGE [KERNEL...]; with VMXLAB_MODE=l1 the image runs above L0.
 */
import { readFileSync } from "node:fs";
import { Machine } from "../src/index.ts";
import type { KernelTime } from "./kernels.ts";

const COM1 = 0x3f8;

/** CPU seconds of this process, the threads of the compiler included. */
function cpuSeconds(): number {
  return process.cpuUsage().user / 1e6;
}

const [image = "", ...kernels] = process.argv.slice(2);
const mode = process.env.VMXLAB_MODE === "l1" ? "l1" : "bare";
const machine = await Machine.create({ mode, memory: 32 << 20 });
const times: KernelTime[] = [];
let line = "";
let start = 0;

function finishLine(): void {
  const [mark, name = "", checksum = ""] = line.split(" ");
  line = "";
  if (mark === ">") start = cpuSeconds();
  if (mark === "<") times.push({ name, checksum, seconds: cpuSeconds() - start });
}

// The port itself is watched, since the stream of the serial port hands on what it has only from
// time to time. The kernels use no ports while they compute.
machine.setHooks({
  onPort: (_cpu, { address, value, write }) => {
    if (!write || address !== COM1) return;
    if (value === 10) finishLine();
    else line += String.fromCharCode(value);
  },
});
machine.load(readFileSync(image), { cmdline: kernels.join(" ") });
const stop = await machine.run();
if (stop.kind !== "exit" || stop.code !== 0) throw new Error(`${image} ended with ${stop.kind}`);
console.log(JSON.stringify(times));
