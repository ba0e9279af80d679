import { execFile } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { GUESTS, ROOT, temporaryFolder } from "../support/command-line.ts";

const run = promisify(execFile);
const folder = temporaryFolder();
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** Dependencies come from this checkout, so that no registry is asked. */
function localDependencies(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return Object.fromEntries(
    Object.keys(dependencies).map((name) => [name, `file:${join(ROOT, "node_modules", name)}`]),
  );
}

beforeAll(async () => {
  await run(npm, ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: ROOT });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  const local = localDependencies();
  const consumer = {
    name: "consumer",
    version: "1.0.0",
    private: true,
    type: "module",
    dependencies: { vmxlab: `file:./${archive}`, ...local },
    overrides: Object.fromEntries(Object.keys(local).map((name) => [name, `$${name}`])),
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(consumer));
  const quiet = ["--offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await run(npm, ["install", ...quiet], { cwd: folder });
  copyFileSync(join(GUESTS, "protected32.elf"), join(folder, "guest.elf"));
  copyFileSync(join(GUESTS, "serial-echo.elf"), join(folder, "echo.elf"));
  copyFileSync(join(GUESTS, "smp-hello.elf"), join(folder, "smp.elf"));
  copyFileSync(join(GUESTS, "tlb-pages.elf"), join(folder, "tlb.elf"));
});

const installed = (name: string) => join(folder, "node_modules/.bin", name);

/** Status and output of a program that may end with any status. */
async function outcomeOf(command: string, args: readonly string[]) {
  try {
    const { stdout } = await run(command, args, { cwd: folder });
    return { status: 0, stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { status: code, stdout };
  }
}

test("the installed commands run", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(await outcomeOf(installed("vmxlab"), ["--version"])).toEqual({
    status: 0,
    stdout: `${version}\n`,
  });
  const guest = await outcomeOf(installed("vmxlab"), ["run", "--no-input", "guest.elf"]);
  expect(guest.stdout).toContain("32-bit protected mode\n");
  expect(guest.status).toBe(1);
  expect((await outcomeOf(installed("vmxlab"), ["demo"])).status).toBe(0);
  expect((await outcomeOf(installed("vmxlab-qemu"), ["-version"])).stdout).toContain(version);
});

/** Programs in a page of documentation, each with the output that is shown behind it, if any. */
function examples(page: string): { program: string; output: string | undefined }[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const pattern = /```js\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g;
  return [...text.matchAll(pattern)].map(([, program = "", output]) => ({ program, output }));
}

test.each(["README.md", "docs/embedding.md"])("the examples of %s run as printed", async (page) => {
  const list = examples(page);
  expect(list.length).toBeGreaterThan(0);
  for (const [i, { program, output }] of list.entries()) {
    expect(output).toBeDefined();
    const path = join(folder, `example-${i}.mjs`);
    writeFileSync(path, program);
    const { stdout, status } = await outcomeOf(process.execPath, [path]);
    expect(stdout).toBe(output);
    expect(status).toBe(0);
  }
});

test("the package brings its types, without those of Node", async () => {
  writeFileSync(
    join(folder, "consumer.ts"),
    `import { Machine, type MachineOptions, OptionError, type StopReason } from "vmxlab";
     const options: MachineOptions = { memory: 1 << 20, tlb: "skylake" };
     const machine: Machine = await Machine.create(options);
     const stop: StopReason = await machine.run({ maxInstructions: 1 });
     export const code: number = stop.kind === "exit" ? stop.code : -1;
     // @ts-expect-error there is no such option
     await Machine.create({ ram: 5 });
     export const error: Error = new OptionError("");\n`,
  );
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
  const rest = ["--types", "", "--lib", "es2023,dom", "consumer.ts"];
  expect(await outcomeOf(process.execPath, [tsc, ...options, ...rest])).toEqual({
    status: 0,
    stdout: "",
  });
});

test("nothing but the command line imports what only Node has", () => {
  const dist = join(folder, "node_modules/vmxlab/dist");
  const modules = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".js") && !name.startsWith("cli"),
  );
  expect(modules.length).toBeGreaterThan(50);
  const nodeOnly = modules.filter((name) =>
    /\bfrom "node:|\bimport\("node:|\brequire\(/.test(readFileSync(join(dist, name), "utf8")),
  );
  expect(nodeOnly).toEqual([]);
});
