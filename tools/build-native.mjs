// Compiles the native oracle (native/). It is optional: without the tools for it, one line says so
// and the exit status is 0.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "../native");

function skip(reason) {
  console.log(`native oracle not built: ${reason}`);
  process.exit(0);
}

function runs(command, ...options) {
  return spawnSync(command, options, { stdio: "ignore" }).status === 0;
}

/** The headers that came with this Node, so that none need to be fetched. */
function headers() {
  const prefix = join(dirname(process.execPath), "..");
  return existsSync(join(prefix, "include/node/node_api.h")) ? [`--nodedir=${prefix}`] : [];
}

if (process.platform !== "linux" || process.arch !== "x64") skip("it needs Linux on x86-64");
if (!runs(process.env.CXX ?? "c++", "--version")) skip("no C++ compiler (set CXX to name one)");
if (!runs("make", "--version")) skip("no make");
if (!runs("python3", "--version")) skip("no python3, which node-gyp needs");

const gyp = createRequire(import.meta.url).resolve("node-gyp/bin/node-gyp.js");
const built = spawnSync(process.execPath, [gyp, "rebuild", "--loglevel=error", ...headers()], {
  cwd: FOLDER,
  encoding: "utf8",
});
if (built.status !== 0) {
  process.stderr.write(built.stdout + built.stderr);
  console.error("native oracle not built: it does not compile");
  process.exit(1);
}
console.log("native oracle built");
