/** Debian packages as guests: fetched by apt-get without root, kept and unpacked under build/debian. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../build/debian", import.meta.url));
const DOWNLOAD_MS = 180_000;
const COMMAND_MS = 60_000;
const OUTPUT_BYTES_MAX = 64 << 20;

/** Something that is not there, so that the tests cannot be run here; one line says what. */
export class Unavailable extends Error {}

export function hasProgram(name: string): boolean {
  return (
    spawnSync(name, ["--version"], { stdio: "ignore", timeout: COMMAND_MS }).error === undefined
  );
}

/** Standard output of a program. @throws Unavailable with the first line of its complaints. */
export function outputOf(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number; readonly input?: Uint8Array } = {},
): Buffer {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? {} : { input: options.input }),
    timeout: options.timeoutMs ?? COMMAND_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
    env: { ...process.env, LC_ALL: "C" },
  });
  if (error === undefined && status === 0) return stdout;
  const lines = (stderr ?? "").toString().split("\n");
  const complaint = lines.find((line) => /^E:|error/i.test(line)) ?? lines[0];
  throw new Unavailable(`${program} ${args[0]}: ${error?.message ?? complaint}`);
}

/** @throws Unavailable where packages can be neither fetched nor unpacked. */
function needApt(): void {
  const missing = ["apt-get", "dpkg-deb"].find((program) => !hasProgram(program));
  if (missing !== undefined) throw new Unavailable(`${missing} is not installed`);
}

/** The name of the package on which the meta package `name` depends. */
export function dependencyOf(name: string, pattern: RegExp): string {
  needApt();
  const text = outputOf("apt-cache", ["depends", name]).toString();
  const found = text.match(/Depends: (\S+)/g)?.map((line) => line.slice("Depends: ".length));
  const match = found?.find((dependency) => pattern.test(dependency));
  if (match === undefined) throw new Unavailable(`no package ${name} is known here`);
  return match;
}

/**
 * The folder into which package `name` has been unpacked.
 * @throws Unavailable when it cannot be fetched.
 */
export function unpacked(name: string): string {
  needApt();
  const target = join(FOLDER, name);
  if (existsSync(target)) return target;
  const archives = join(FOLDER, "archives");
  mkdirSync(archives, { recursive: true });
  const isWanted = (file: string) => file.startsWith(`${name}_`) && file.endsWith(".deb");
  if (!readdirSync(archives).some(isWanted)) {
    outputOf("apt-get", ["download", "-q", name], { cwd: archives, timeoutMs: DOWNLOAD_MS });
  }
  const archive = readdirSync(archives).find(isWanted);
  if (archive === undefined) throw new Unavailable(`apt-get left no archive of ${name}`);
  try {
    outputOf("dpkg-deb", ["-x", join(archives, archive), target]);
  } catch (error) {
    // A cut archive must not be taken for a good one the next time.
    rmSync(target, { recursive: true, force: true });
    rmSync(join(archives, archive), { force: true });
    throw error;
  }
  return target;
}
