/** Runs a guest image under other emulators, where they are installed, and returns its serial output. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const IMAGES = join(ROOT, "guests/images");
const LIMIT_MS = 60_000;
const POLL_MS = 200;
const FLOPPY_BYTES = 1_474_560;
const SECTOR = 512;
const LOAD = 0x100000;
const BOCHS_SHARE = "/usr/share/bochs";

function has(command: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

export const hasQemu = (): boolean => has("qemu-system-x86_64");

export const hasBochs = (): boolean =>
  has("bochs") && has("script") && existsSync(join(BOCHS_SHARE, "BIOS-bochs-latest"));

/** Our machine, through its command. */
export function runOurs(image: string): string {
  const command = join(ROOT, "src/cli/vmxlab.ts");
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", command, "run", join(IMAGES, image)],
    { cwd: ROOT, encoding: "utf8", timeout: LIMIT_MS },
  );
  return stdout || stderr;
}

/** QEMU without acceleration. */
export function runQemu(image: string): string {
  const { stdout } = spawnSync(
    "qemu-system-x86_64",
    `-accel tcg -cpu max -m 64 -display none -monitor none -serial stdio -no-reboot
     -device isa-debug-exit,iobase=0xf4,iosize=4 -kernel`
      .split(/\s+/)
      .concat(join(IMAGES, image)),
    { encoding: "utf8", timeout: LIMIT_MS, stdio: ["ignore", "pipe", "ignore"] },
  );
  return stdout.replaceAll("\r", "");
}

/** A floppy disk that boots a multiboot image: guests/boot-sector reads what lies behind it. */
function makeFloppy(image: string): Uint8Array {
  const elf = readFileSync(join(IMAGES, image));
  const disk = Buffer.alloc(FLOPPY_BYTES);
  disk.set(readFileSync(join(IMAGES, "boot-sector.bin")));
  let stored = 0;
  let end = 0;
  const headers = elf.readUInt32LE(28);
  for (let i = 0; i < elf.readUInt16LE(44); i++) {
    const row = headers + i * 32;
    if (elf.readUInt32LE(row) !== 1) continue;
    const offset = elf.readUInt32LE(row + 4);
    const at = elf.readUInt32LE(row + 12) - LOAD;
    const bytes = elf.readUInt32LE(row + 16);
    disk.set(elf.subarray(offset, offset + bytes), SECTOR + at);
    stored = Math.max(stored, at + bytes);
    end = Math.max(end, at + elf.readUInt32LE(row + 20));
  }
  const sectors = Math.ceil(stored / SECTOR);
  disk.writeUInt16LE(sectors, 0x1f0);
  disk.writeUInt32LE(Math.max(0, end - sectors * SECTOR), 0x1f2);
  disk.writeUInt32LE(elf.readUInt32LE(24), 0x1f6);
  return disk;
}

export interface BochsProcessor {
  /** As `bochs --help cpu` names it. */
  readonly model: string;
  readonly count: number;
}

function bochsOptions(folder: string, { model, count }: BochsProcessor): string {
  return `megs: 64
cpu: count=${count}, model=${model}, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=0
romimage: file=${BOCHS_SHARE}/BIOS-bochs-latest
vgaromimage: file=${BOCHS_SHARE}/VGABIOS-lgpl-latest
floppya: 1_44=${folder}/floppy.img, status=inserted
boot: floppy
com1: enabled=1, mode=file, dev=${folder}/serial.txt
display_library: term
log: ${folder}/log.txt
clock: sync=none
panic: action=fatal
error: action=ignore
info: action=ignore
`;
}

/** Bochs, which has a BIOS but no loader, and no end: it is ended when `last` has been printed. */
export async function runBochs(
  image: string,
  last: string,
  processor: BochsProcessor = { model: "corei7_haswell_4770", count: 1 },
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "bochs-"));
  const file = (name: string) => join(folder, name);
  writeFileSync(file("floppy.img"), makeFloppy(image));
  writeFileSync(file("bochsrc"), bochsOptions(folder, processor));
  // A build with a debugger waits for this.
  writeFileSync(file("commands"), "c\nq\n");
  const command = `exec bochs -q -f ${file("bochsrc")} -rc ${file("commands")}`;
  // Its display wants a terminal; its own process group lets both be ended by number.
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { ...process.env, TERM: "xterm" },
    detached: true,
  });
  const serial = () =>
    existsSync(file("serial.txt")) ? readFileSync(file("serial.txt"), "utf8") : "";
  for (let waited = 0; waited < LIMIT_MS && child.exitCode === null; waited += POLL_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (serial().includes(last)) break;
  }
  end(child);
  const output = serial();
  rmSync(folder, { recursive: true, force: true });
  return output.replaceAll("\r", "");
}

function end(child: ChildProcess): void {
  child.stdin?.end();
  if (child.exitCode !== null || child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has gone by itself.
  }
}
