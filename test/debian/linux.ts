/**
 * `npm run test:linux`: Debian's cloud kernel boots by both protocols on one and two processors,
 * computes what it should and powers off; and the same by one protocol above L0. Prints a table for
 * each boot, QEMU beside it where it is installed; ends with `N passed, N failed`, and with status 1
 * when something failed. `-- --mode l1` boots above L0 alone, by both protocols.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import type { MachineMode } from "../../src/index.ts";
import { bootHere, bootInQemu, type Images } from "./boot.ts";
import { Checks } from "./checks.ts";
import { EXPECTED, MARKS, makeInitramfs } from "./initramfs.ts";
import { dependencyOf, hasProgram, Unavailable, unpacked } from "./packages.ts";
import { bootTable } from "./table.ts";
import type { Transcript } from "./transcript.ts";
import { vmlinuxOf } from "./vmlinux.ts";

/** Leaves out what takes the kernel long and tells us nothing. */
const COMMAND_LINE =
  "console=ttyS0,115200 cryptomgr.notests nokaslr mitigations=off tsc=reliable no_timer_check " +
  "8250.nr_uarts=1 random.trust_cpu=on";
/** Bar for the first mark. */
const USERSPACE_SECONDS_MAX = 12;
const CLI_MS = 120_000;

const checks = new Checks();

interface Guest {
  readonly vmlinuz: Uint8Array;
  readonly vmlinux: Uint8Array;
  readonly archive: Uint8Array;
}

/** @throws Unavailable when the packages cannot be had. */
function fetchGuest(): Guest {
  const kernel = unpacked(dependencyOf("linux-image-cloud-amd64", /^linux-image-.*amd64$/));
  const boot = join(kernel, "boot");
  const name = readdirSync(boot).find((file) => file.startsWith("vmlinuz-"));
  if (name === undefined) throw new Unavailable("the package holds no kernel");
  const busybox = unpacked("busybox-static");
  const program = ["bin/busybox", "usr/bin/busybox"]
    .map((path) => join(busybox, path))
    .find((path) => existsSync(path));
  if (program === undefined) throw new Unavailable("the package holds no busybox");
  const vmlinuz = readFileSync(join(boot, name));
  return { vmlinuz, vmlinux: vmlinuxOf(vmlinuz), archive: makeInitramfs(readFileSync(program)) };
}

function checkBoot(name: string, transcript: Transcript, cpus: number): void {
  checks.equal(`${name}: marks`, [...transcript.marks.keys()], MARKS);
  for (const [sum, value] of Object.entries(EXPECTED)) {
    checks.equal(`${name}: ${sum}`, transcript.valuesOf(sum), [value]);
  }
  checks.equal(`${name}: processors`, transcript.valuesOf("PROCESSORS"), [String(cpus)]);
  const numbers = Array.from({ length: cpus }, (_, i) => String(i));
  checks.equal(`${name}: processors that run programs`, transcript.valuesOf("RAN"), numbers);
  checks.equal(`${name}: failed forks`, transcript.valuesOf("FORK"), []);
  const complaint = transcript.lines.find((line) =>
    /\bBUG:|\bWARNING:|Oops|Call Trace|soft lockup|unstable/.test(line),
  );
  checks.check(`${name}: no complaint of the kernel`, complaint === undefined, complaint);
  const { seconds = Infinity, cpuSeconds = Infinity } = transcript.marks.get("userspace") ?? {};
  // Other work on this machine must not fail the test.
  const taken = Math.min(seconds, cpuSeconds);
  const isFast = taken <= USERSPACE_SECONDS_MAX;
  checks.check(`${name}: userspace within ${USERSPACE_SECONDS_MAX} s`, isFast, `${taken} s`);
}

async function testBoot(
  name: string,
  images: Images,
  cpus: number,
  qemu: boolean,
  mode: MachineMode = "bare",
): Promise<void> {
  const { transcript, end } = await bootHere(images, cpus, mode);
  const other = qemu ? await bootInQemu(images, cpus) : undefined;
  const place = mode === "l1" ? " as L1" : "";
  console.log(`\n### ${name}${place}, ${cpus} ${cpus === 1 ? "processor" : "processors"}\n`);
  console.log(`${bootTable(transcript, other)}\n`);
  const title = `${name}${place} on ${cpus}`;
  if (!checks.equal(`${title}: end`, end, "power-off")) console.log(transcript.tail(20));
  checkBoot(title, transcript, cpus);
}

/** The same by the command, whose status and output are what a user has. */
function testCommand(images: Images, mode: MachineMode): void {
  const cli = fileURLToPath(new URL("../../dist/cli/vmxlab.js", import.meta.url));
  if (!existsSync(cli)) {
    console.log("the command is not built (npm run build): its test is skipped");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "vmxlab-linux-"));
  try {
    const [kernel, initrd] = [join(folder, "kernel"), join(folder, "initrd")];
    writeFileSync(kernel, images.kernel);
    writeFileSync(initrd, images.initrd);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [cli, "run", "--mode", mode, "--initrd", initrd, "--append", images.commandLine, kernel],
      { timeout: CLI_MS, encoding: "latin1", input: "" },
    );
    checks.equal("command: status", status, 0);
    checks.equal("command: standard error", stderr, "");
    checks.check("command: done", stdout.includes("MARK done"), stdout.slice(-400));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { mode: { type: "string", default: "both" } } });
if (!["bare", "l1", "both"].includes(values.mode)) throw new Error(`--mode ${values.mode}`);

try {
  const { vmlinuz, vmlinux, archive } = fetchGuest();
  const qemu = hasProgram("qemu-system-x86_64");
  if (!qemu) console.log("QEMU is not installed: its column is left out");
  const commandLine = COMMAND_LINE;
  const bzImage = { kernel: vmlinuz, initrd: gzipSync(archive), commandLine };
  const elf = { kernel: vmlinux, initrd: archive, commandLine };
  for (const cpus of [1, 2]) {
    if (values.mode !== "l1") {
      await testBoot("vmlinuz (bzImage)", bzImage, cpus, qemu);
      await testBoot("vmlinux (PVH)", elf, cpus, qemu);
    }
    if (values.mode !== "bare") await testBoot("vmlinuz (bzImage)", bzImage, cpus, false, "l1");
    if (values.mode === "l1") await testBoot("vmlinux (PVH)", elf, cpus, false, "l1");
  }
  testCommand(bzImage, values.mode === "l1" ? "l1" : "bare");
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  console.log(`skipped: ${error.message}`);
}
checks.finish();
