/**
 * The page of `vmxlab tlb --html` in a browser. With VMXLAB_SCREENSHOT=FILE the picture is kept: so
 * docs/tlb-view.png is made.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { GUESTS, runCommand, temporaryFolder } from "../support/command-line.ts";
import { readPng } from "../support/png.ts";

const WIDTH = 1290;
const HEIGHT = 2340;
const BROWSER_MS = 60_000;

const browser = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"], { timeout: BROWSER_MS }).status === 0,
);
if (browser === undefined) console.log("tlb page: skipped: no chromium is installed");

test.skipIf(browser === undefined)("chromium draws the maps", { timeout: 180_000 }, async () => {
  const folder = temporaryFolder();
  const html = join(folder, "view.html");
  const png = join(folder, "view.png");
  const args = ["tlb", "-m", "16M", "--tlb", "skylake", "--at", "entry:3", "--walk", "0x4012c010"];
  const image = "guests/images/tlb-view.elf";
  const { status } = await runCommand([...args, "--access", "store", "--html", html, image], {
    cwd: join(GUESTS, "../.."),
  });
  expect(status).toBe(0);
  const options = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    `--user-data-dir=${join(folder, "profile")}`,
    `--window-size=${WIDTH},${HEIGHT}`,
    `--screenshot=${png}`,
  ];
  spawnSync(browser!, [...options, pathToFileURL(html).href], { timeout: BROWSER_MS });
  const { width, height, colours } = readPng(readFileSync(png));
  expect([width, height]).toEqual([WIDTH, HEIGHT]);
  // The colours of six tags, each on many cells, and the background of empty ones.
  for (const colour of ["#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f3f4f6"]) {
    expect(colours.get(colour) ?? 0, colour).toBeGreaterThan(1000);
  }
  const { VMXLAB_SCREENSHOT: keep } = process.env;
  if (keep !== undefined) copyFileSync(png, keep);
});
