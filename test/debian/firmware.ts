/**
 * `npm run test:firmware`: Debian's memtest86+ passes its first tests on 32 MiB, and Debian's
 * SeaBIOS comes from the reset vector to the end of its boot list, starts again, and ends there too,
 * on the bare machine and above L0; memtest86+ above L0 only with `-- --mode l1`, which leaves out the
 * bare machine. Ends with `N passed, N failed`, and with status 1 when something failed.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Machine, type MachineMode } from "../../src/index.ts";
import { Checks } from "./checks.ts";
import { Unavailable, unpacked } from "./packages.ts";

const MIB = 1 << 20;
const MEMORY = 32 * MIB;
const TIMEOUT_MS = 240_000;
/** The text screen: 25 rows of 80 characters, each with its attribute. */
const SCREEN = { hpa: 0xb8000, columns: 80, rows: 25 } as const;
const LOOK_EVERY_MS = 50;
/** Tests 0 to 5: addresses, then moving inversions of all bits, 8-bit and random patterns. */
const FIRST_TESTS = 6;

const checks = new Checks();

function screen(machine: Machine): string[] {
  const { hpa, columns, rows } = SCREEN;
  const cells = machine.memory.read(hpa, columns * rows * 2);
  const row = (y: number) =>
    Array.from({ length: columns }, (_, x) => {
      const code = cells[(y * columns + x) * 2]!;
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : " ";
    }).join("");
  return Array.from({ length: rows }, (_, y) => row(y));
}

/** Runs until `done` says so, looking every few milliseconds. */
async function runUntil(machine: Machine, done: () => boolean): Promise<string> {
  const watch = setInterval(() => {
    if (done()) machine.stop();
  }, LOOK_EVERY_MS);
  try {
    return (await machine.run({ timeoutMs: TIMEOUT_MS })).kind;
  } finally {
    clearInterval(watch);
  }
}

function report(name: string, machine: Machine, start: number): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  const millions = (machine.instructions / 1e6).toFixed(1);
  console.log(`${name}: ${millions} million instructions, ${seconds} s`);
}

/** Runs until the screen shows that test `wanted` has begun: those before it have passed then. */
async function testMemtest(
  file: string,
  name: string,
  wanted: number,
  mode: MachineMode,
): Promise<void> {
  const machine = await Machine.create({ mode, memory: MEMORY });
  const start = performance.now();
  machine.load(readFileSync(file), { cmdline: "console=ttyS0,115200" });
  let serial = "";
  machine.serial[0]?.onData((bytes) => {
    serial += Buffer.from(bytes).toString("latin1");
  });
  let test = -1;
  let errors = "";
  const end = await runUntil(machine, () => {
    const text = screen(machine).join("\n");
    test = Number(/#(\d+) +\[/.exec(text)?.[1] ?? test);
    errors = /Errors: *(\d+)/.exec(text)?.[1] ?? errors;
    return test >= wanted;
  });
  report(`${name} to test ${test}`, machine, start);
  if (!checks.equal(`${name}: reaches test ${wanted}`, end, "stopped")) {
    console.log(screen(machine).join("\n"));
  }
  checks.equal(`${name}: errors`, errors, "0");
  checks.check(`${name}: title`, screen(machine)[0]!.includes("Memtest86+"), screen(machine)[0]);
  checks.check(`${name}: serial console`, /Status: Testing/.test(serial), serial.slice(-200));
  machine.dispose();
}

async function testSeabios(file: string, name: string, mode: MachineMode): Promise<void> {
  const machine = await Machine.create({ mode, memory: MEMORY, firmware: readFileSync(file) });
  const start = performance.now();
  let log = "";
  const { debugConsole } = machine.platform;
  const count = () => log.split("No bootable device").length - 1;
  if (debugConsole) {
    debugConsole.onByte = (byte) => {
      log += String.fromCharCode(byte);
      if (byte === 0x0a && count() === 1 && /No bootable device[^\n]*\n$/.test(log)) {
        report(`${name} to the end of its boot list`, machine, start);
      }
    };
  }
  // After a minute of virtual time it resets the machine and starts again.
  const end = await runUntil(machine, () => count() >= 2);
  checks.equal(`${name}: No bootable device, twice`, end, "stopped");
  const starts = log.split("\n").filter((line) => line.startsWith("SeaBIOS (version")).length;
  checks.check(`${name}: starts again`, starts >= 2 && log.includes("hard reboot"), `${starts}`);
  for (const line of ["Found QEMU fw_cfg", "PS2 keyboard initialized", "All threads complete."]) {
    checks.check(`${name}: ${line}`, log.includes(line));
  }
  const [usable] = log.match(/: 0000000000100000 - [0-9a-f]+ = 1 RAM/) ?? [];
  checks.check(`${name}: memory map`, usable !== undefined, log.slice(-400));
  machine.dispose();
}

async function tryPackage(name: string, run: (folder: string) => Promise<void>): Promise<void> {
  try {
    await run(unpacked(name));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(`${name} skipped: ${error.message}`);
  }
}

const { values } = parseArgs({ options: { mode: { type: "string", default: "both" } } });
const mode: MachineMode = values.mode === "l1" ? "l1" : "bare";
const place = mode === "l1" ? " as L1" : "";

await tryPackage("memtest86+", async (folder) => {
  const boot = join(folder, "boot");
  // Names have changed between versions.
  const names = ["memtest86+x64.bin", "memtest86+ia32.bin"];
  const there = names.filter((name) => existsSync(join(boot, name)));
  checks.check("memtest86+: images", there.length > 0, boot);
  for (const name of there) {
    await testMemtest(join(boot, name), `${name}${place}`, FIRST_TESTS, mode);
  }
});
await tryPackage("seabios", async (folder) => {
  const image = (name: string) => join(folder, "usr/share/seabios", name);
  for (const name of ["bios.bin", "bios-256k.bin"]) {
    await testSeabios(image(name), `SeaBIOS ${name}${place}`, mode);
  }
  if (values.mode === "both") {
    await testSeabios(image("bios-256k.bin"), "SeaBIOS bios-256k.bin as L1", "l1");
  }
});
checks.finish();
