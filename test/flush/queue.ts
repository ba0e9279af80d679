/**
 * `npm run test:queue`: the flush lab over a Redis server of its own, with workers, collectors and the
 * server killed on the way: the file of results is always that of a run without a queue. Ends with
 * `N passed, N failed`, and with status 1 when something failed.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checks } from "../debian/checks.ts";
import { FAKE_COMMAND, REAL_COMMAND, run } from "./support.ts";

const START_MS = 10_000;
const folder = mkdtempSync(join(tmpdir(), "vmxlab-queue-"));
const checks = new Checks();
const children = new Set<ChildProcess>();
let files = 0;
const newPath = () => join(folder, `results-${files++}.jsonl`);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  children.add(child);
  child.on("exit", () => children.delete(child));
  return child;
}

/** Waits until `child` has ended. */
function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("exit", resolve));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address!.port : 0));
    });
  });
}

/** A server that keeps nothing on the disk; resolves when it answers. */
async function redis(port: number): Promise<ChildProcess> {
  const own = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  const child = start("redis-server", own);
  child.stderr?.resume();
  for (const until = performance.now() + START_MS; performance.now() < until; await sleep(50)) {
    const answers = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false)).on("connect", () => socket.destroy());
    });
    if (answers) return child;
  }
  throw new Error("redis-server does not start");
}

/** Resolves when the worker says that it works. */
function worker(url: string, command = FAKE_COMMAND): Promise<ChildProcess> {
  const own = [...command, "worker", "--queue", url, "--jobs", "2"];
  const child = start(process.execPath, own);
  return new Promise((resolve, reject) => {
    let text = "";
    child.on("exit", () => reject(new Error(`the worker has ended: ${text}`)));
    child.stderr?.on("data", (chunk: Buffer) => {
      text += chunk;
      if (text.includes("working at")) resolve(child);
    });
  });
}

async function grown(path: string, lines: number): Promise<void> {
  while (!existsSync(path) || readFileSync(path, "utf8").split("\n").length <= lines) {
    await sleep(20);
  }
}

/** The file of a run without a queue. */
async function expectedOf(plan: readonly string[], command = FAKE_COMMAND): Promise<string> {
  const path = newPath();
  const { status, stderr } = await run([...command, ...plan, "--results", path]);
  if (status !== 0) throw new Error(`a run without a queue ends with ${status}: ${stderr}`);
  return readFileSync(path, "utf8");
}

function isSame(status: number | null, path: string, expected: string): boolean {
  return status === 0 && readFileSync(path, "utf8") === expected;
}

const PLAN = ["--strategies", "F0,F1,F3", "--workload", "E1", "--seeds", "10", "--set", "ms=100"];
let rates = 1;
/** Another plan each time, so that no result of another test can be taken up. */
const newPlan = () => [...PLAN, "--set", `rate=${rates++}`];

async function testQueue(url: string): Promise<void> {
  const plan = newPlan();
  const expected = await expectedOf(plan);
  const path = newPath();
  const args = [...plan, "--queue", url, "--results", path];
  const collected = run([...FAKE_COMMAND, ...args]);
  await grown(path, 1);
  // The jobs are there before anybody works.
  await sleep(1000);
  const workers = [await worker(url), await worker(url)];
  const { status, stderr } = await collected;
  checks.check(
    "two workers give the file of a run without a queue",
    isSame(status, path, expected),
  );
  checks.check("the collector says that nobody works yet", /nobody works/.test(stderr));
  for (const child of workers) child.kill("SIGTERM");
  const statuses = await Promise.all(workers.map(ended));
  checks.equal("a worker ends at SIGTERM", statuses, [143, 143]);
}

async function testLostWorker(url: string): Promise<void> {
  const plan = newPlan();
  const expected = await expectedOf(plan);
  const path = newPath();
  const lost = await worker(url);
  const collected = run([...FAKE_COMMAND, ...plan, "--queue", url, "--results", path]);
  await grown(path, 5);
  lost.kill("SIGKILL");
  const other = await worker(url);
  const { status } = await collected;
  checks.check("jobs of a worker that was killed are done again", isSame(status, path, expected));
  other.kill("SIGTERM");
  await ended(other);
}

async function testLostCollector(url: string): Promise<void> {
  const plan = newPlan();
  const expected = await expectedOf(plan);
  const path = newPath();
  const own = await worker(url);
  const args = [...FAKE_COMMAND, ...plan, "--queue", url, "--results", path];
  const first = await run(args, (child) => {
    void grown(path, 6).then(() => child.kill("SIGKILL"));
  });
  const second = await run(args, (child) => {
    void grown(path, 14).then(() => child.kill("SIGINT"));
  });
  const { status } = await run(args);
  checks.check(
    "a collector that was killed, and one that was ended, go on",
    isSame(status, path, expected),
  );
  checks.equal("both were cut", [first.signal, second.status], ["SIGKILL", 130]);
  own.kill("SIGTERM");
  await ended(own);
}

async function testLostServer(
  url: string,
  port: number,
  server: ChildProcess,
): Promise<ChildProcess> {
  const plan = newPlan();
  const expected = await expectedOf(plan);
  const path = newPath();
  const own = await worker(url);
  const collected = run([...FAKE_COMMAND, ...plan, "--queue", url, "--results", path]);
  await grown(path, 6);
  server.kill("SIGKILL");
  await ended(server);
  await sleep(500);
  const next = await redis(port);
  const { status, stderr } = await collected;
  checks.check(
    "a server that comes back without the jobs gets them again",
    isSame(status, path, expected),
  );
  checks.check("the collector says that the server has gone", /has gone/.test(stderr));
  own.kill("SIGTERM");
  await ended(own);
  return next;
}

async function testEngine(url: string): Promise<void> {
  const plan = [
    "--strategies",
    "F1,F7x",
    "--workload",
    "E7",
    "--set",
    "ticks=20000",
    "--seeds",
    "4",
  ];
  const expected = await expectedOf(plan, REAL_COMMAND);
  const path = newPath();
  const own = await worker(url, REAL_COMMAND);
  const args = [...REAL_COMMAND, ...plan, "--queue", url, "--results", path];
  const { status } = await run(args);
  checks.check("the lab's own jobs give the same file", isSame(status, path, expected));
  own.kill("SIGTERM");
  await ended(own);
}

async function testAll(): Promise<void> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server = await redis(port);
  await testQueue(url);
  await testLostWorker(url);
  await testLostCollector(url);
  server = await testLostServer(url, port, server);
  await testEngine(url);
  server.kill("SIGKILL");
}

if (spawnSync("redis-server", ["--version"]).status !== 0) {
  console.log("skipped: redis-server is not installed (Debian's package redis-server)");
} else {
  try {
    await testAll();
  } catch (error) {
    checks.check("no error", false, (error as Error).message);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}
checks.finish();
