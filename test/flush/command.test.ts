import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand, temporaryFolder } from "../support/command-line.ts";
import { runFake } from "./support.ts";

const folder = temporaryFolder();
let files = 0;
const newPath = () => join(folder, `file-${files++}`);
const linesOf = (path: string) => readFileSync(path, "utf8").split("\n").length - 1;

/** Resolves when `path` has `lines` lines. */
async function grown(path: string, lines: number): Promise<void> {
  while (!existsSync(path) || linesOf(path) < lines) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const PLAN = ["--strategies", "F0,F1,F3", "--workload", "E1", "--seeds", "12", "--set", "ms=20"];
const JOBS = 36;

async function undisturbed(): Promise<string> {
  const path = newPath();
  const { status } = await runFake([...PLAN, "--jobs", "3", "--results", path]);
  expect(status).toBe(0);
  return readFileSync(path, "utf8");
}

test("a run that was killed goes on, and ends with the same file", async () => {
  const expected = await undisturbed();
  const path = newPath();
  const args = [...PLAN, "--jobs", "2", "--results", path];
  for (const lines of [4, 11, 20]) {
    const { signal } = await runFake(args, (child) => {
      void grown(path, lines).then(() => child.kill("SIGKILL"));
    });
    expect(signal).toBe("SIGKILL");
    expect(linesOf(path)).toBeGreaterThanOrEqual(lines);
    expect(linesOf(path)).toBeLessThan(JOBS);
  }
  // As when the machine itself had gone in the middle of a line.
  writeFileSync(path, readFileSync(path, "utf8").slice(0, -7));
  const { status, stdout } = await runFake(args);
  expect(status).toBe(0);
  expect(stdout).toContain("means of 12 seeds");
  expect(readFileSync(path, "utf8")).toBe(expected);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends the run in good order", async (signal, expected) => {
  const path = newPath();
  const args = [...PLAN, "--results", path];
  const { status, stdout, stderr } = await runFake(args, (child) => {
    void grown(path, 5).then(() => child.kill(signal));
  });
  expect(status).toBe(expected);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^vmxlab: ended by SIG\w+; \d+ of 36 jobs are finished and kept in ".*"/);
  expect((await runFake(args)).status).toBe(0);
  expect(linesOf(path)).toBe(JOBS + 1);
});

test("a run without a file says what a signal costs", async () => {
  const { status, stderr } = await runFake([...PLAN, "--set", "rate=3"], (child) => {
    setTimeout(() => child.kill("SIGINT"), 1500);
  });
  // On a busy machine the signal may come before the command listens to it.
  if (status !== 130) return;
  expect(stderr).toMatch(/jobs are finished and lost: with --results they would be kept/);
});

test("a thread that dies does not change the file", async () => {
  const run = async (fault: string) => {
    const scratch = newPath();
    mkdirSync(scratch);
    const path = newPath();
    const plan = ["--strategies", "F1", "--workload", "E1", "--seeds", "8", "--results", path];
    const set = ["--set", `fault=${fault}`, "--set", `scratch=${scratch}`];
    expect((await runFake([...plan, ...set, "--jobs", "2"])).status).toBe(0);
    const text = readFileSync(path, "utf8");
    return text.replaceAll(scratch, "").replaceAll(fault, "");
  };
  expect(await run("exit-once")).toBe(await run("none"));
});

test("a full disk keeps what is finished, in one line and with a status of its own", async () => {
  const path = newPath();
  const args = [...PLAN, "--set", "rate=5", "--results", path];
  // Blocks of 1024 bytes.
  const { status, stdout, stderr } = await runFake(args, undefined, "ulimit -f 8");
  expect(stderr).toMatch(
    /^vmxlab: cannot write ".*": the file may not be larger; \d+ finished jobs are in it, and the same command goes on with them\n$/,
  );
  expect([status, stdout]).toEqual([74, ""]);
  expect(statSync(path).size).toBeLessThanOrEqual(8192);
  const kept = linesOf(path) - 1;
  expect(kept).toBeGreaterThan(2);
  expect(stderr).toContain(`${kept} finished jobs`);
  // Not a byte of a torn line is left.
  expect(readFileSync(path, "utf8").endsWith("}\n")).toBe(true);
  expect((await runFake(args)).status).toBe(0);
  expect(linesOf(path)).toBe(JOBS + 1);
});

test("a device without room is refused before anything runs", async () => {
  const { status, stderr } = await runFake([...PLAN, "--results", "/dev/full"]);
  expect(stderr).toMatch(/^vmxlab: [^\n]*"\/dev\/full"[^\n]*no space left on the device[^\n]*\n$/);
  expect(status).toBe(74);
});

test("a strategy that should be right and is not makes the status 1, a broken one does not", async () => {
  const run = async (strategies: string) => {
    const args = ["--strategies", strategies, "--workload", "E1", "--seeds", "4"];
    return (await runFake(args)).status;
  };
  expect(await run("F1,F3")).toBe(0);
  expect(await run("F1,F2x")).toBe(0);
  expect(await run("F1,lazy")).toBe(1);
});

test("two files are compared; a verdict that has become worse makes the status 1", async () => {
  const [before, after] = [newPath(), newPath()];
  const plan = ["--strategies", "F1,F3", "--workload", "E1", "--seeds", "4", "--results"];
  await runFake([...plan, before]);
  const text = readFileSync(before, "utf8");
  writeFileSync(after, text);
  const same = await runFake(["compare", before, after]);
  expect(same).toMatchObject({ status: 0, stderr: "" });
  expect(same.stdout).toContain("no verdict has changed");
  writeFileSync(after, text.replace('"verdict":"right"', '"verdict":"wrong"'));
  const worse = await runFake(["compare", before, after]);
  expect(worse.status).toBe(1);
  expect(worse.stdout).toContain("right -> wrong");
  expect((await runFake(["compare", after, before])).status).toBe(0);
  const json = JSON.parse((await runFake(["compare", before, after, "--json"])).stdout);
  expect(json).toMatchObject({ format: "vmxlab-flush-comparison", worse: 1, shared: 8 });
  writeFileSync(after, text.split("\n").slice(0, 4).join("\n").concat("\n"));
  const cut = await runFake(["compare", before, after]);
  expect(cut.stderr).toMatch(/^vmxlab: ".*" has results of 3 of its 8 jobs\n$/);
  const other = newPath();
  await runFake(["--strategies", "F1", "--workload", "E2", "--results", other]);
  const apart = await runFake(["compare", before, other]);
  expect(apart.stderr).toMatch(/have no job in common/);
  expect(apart.status).toBe(2);
});

const text = newPath();
writeFileSync(text, "no results\n");

/** Arguments of `vmxlab flush`, and what the one line must say. */
const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /give --preset, or --strategies and --workload/],
  [["--strategy", "F1"], /unknown option '--strategy'.*Did you mean --strategies/],
  [["lst"], /unknown command 'lst'|too many arguments/],
  [["--preset", "nestin"], /unknown preset "nestin"/],
  [["--strategies", "F33", "--workload", "E1"], /unknown strategy "F33" \(did you mean "F3"\?\)/],
  [["--strategies", "F1", "--workload", "E111"], /unknown workload "E111"/],
  [["--strategies", "F1", "--workload", "E1", "--set", "localty=1"], /did you mean "locality"/],
  [
    ["--strategies", "F1", "--workload", "E1", "--set", "locality=2"],
    /locality "2": give a number/,
  ],
  [["--strategies", "F1", "--workload", "E1", "--seeds", "-1"], /--seeds "-1"/],
  [["--strategies", "F1", "--workload", "E1", "--jobs", "0"], /--jobs "0"/],
  [["--strategies", "F1", "--workload", "E1", "--job-timeout", "x"], /--job-timeout "x"/],
  [["--strategies", "F1", "--workload", "E1", "--overwrite"], /--overwrite needs --results/],
  [["--strategies", "F1", "--workload", "E1", "--results", text], /no file of results/],
  [["--strategies", "F1", "--workload", "E1", "--results", folder], /it is a directory/],
  [["--strategies", "F1", "--workload", "E1", "--report", text], /--report ".*": /],
  [
    ["--strategies", "F1", "--workload", "E1", "--queue", "localhost"],
    /--queue "localhost": give an/,
  ],
  [
    ["--strategies", "F1", "--workload", "E1", "--queue", "http://a"],
    /--queue "http:\/\/a": give an/,
  ],
  [
    ["--strategies", "F1", "--workload", "E1", "--queue", "redis://:secret@127.0.0.1:1"],
    /--queue "redis:\/\/:\*\*\*@127.0.0.1:1": the server does not answer/,
  ],
  [["--strategies", "F1", "--workload", "E1", "--queue", "redis://a", "--jobs", "2"], /--jobs and/],
  [["worker"], /--queue/],
  [["worker", "--queue", "redis://127.0.0.1:1"], /the server does not answer/],
  [["compare", text], /AFTER/],
  [["compare", text, text], /no file of results of vmxlab flush/],
  [["compare", "/no/such", text], /"\/no\/such": no such file or directory/],
  [["compare", folder, text], /it is a directory/],
];

test.concurrent.each(REFUSED)("flush %j is refused in one line", async (args, line) => {
  const { status, stdout, stderr } = await runCommand(["flush", ...args]);
  expect(stderr).toMatch(line);
  expect(stderr).toMatch(/^vmxlab: [^\n]*\n$/);
  expect(stderr).not.toContain("secret");
  expect(stdout).toBe("");
  expect(status).toBe(2);
});

test("what is not installed is named before anything runs", async () => {
  const { optionalPackage } = await import("../../src/cli/optional-package.ts");
  const missing = () => import("no-such-package" as string);
  await expect(optionalPackage("--report", "echarts", missing)).rejects.toThrow(
    "--report needs what is not installed: npm install echarts",
  );
});

test("the list has all names, as text and as JSON", async () => {
  const { stdout, status } = await runCommand(["flush", "list"]);
  expect(status).toBe(0);
  const json = JSON.parse((await runCommand(["flush", "list", "--json"])).stdout);
  const names = [...json.strategies, ...json.workloads, ...json.presets].map(({ name }) => name);
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) expect(stdout).toMatch(new RegExp(`^ +${name} `, "m"));
  for (const { name } of json.workloads[0].parameters) expect(stdout).toContain(`  ${name} `);
});

test("the lab's own engine: same results with one thread and with two, and by Lab.run", async () => {
  const plan = [
    "--strategies",
    "F1,F7x",
    "--workload",
    "E7",
    "--set",
    "ticks=20000",
    "--seeds",
    "3",
  ];
  const paths = [newPath(), newPath()];
  for (const [i, path] of paths.entries()) {
    const { status } = await runCommand([
      "flush",
      ...plan,
      "--jobs",
      `${i + 1}`,
      "--results",
      path,
    ]);
    expect(status).toBe(0);
  }
  const [one, two] = paths.map((path) => readFileSync(path, "utf8"));
  expect(one).toBe(two);
  const results = one!
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line));
  const { Lab } = await import("../../src/lab/flush/lab.ts");
  const parameters = { ticks: 20_000 };
  const own = [];
  for await (const result of Lab.run({ strategy: "F1", workload: "E7", seeds: 3, parameters })) {
    own.push(result);
  }
  expect(results.slice(0, 3)).toEqual(own);
});
