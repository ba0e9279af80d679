import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CODE, flatImage, GUESTS, runCommand, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();
const good = flatImage(folder, "good", CODE.exit5);
const TOUR = `${GUESTS}/tour.elf`;

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const text = file("text.txt", "no image at all\n");
const empty = file("empty", "");
const cut = file("cut.elf", readFileSync(TOUR).subarray(0, 60));
const badTlb = file("tlb.json", '{"name": "x", "arrays": [{"level": 3}]}');
const wideTlb = file(
  "wide.json",
  JSON.stringify({
    name: "wide",
    arrays: [{ level: 1, kind: "data", pages: ["4K"], sets: 3, ways: 4 }],
  }),
);

/** Arguments of `vmxlab run`, and what the one line must say. */
const RUNS: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /no image/],
  [[join(folder, "missing")], /image ".*missing": no such file/],
  [[folder], /it is a directory/],
  [["/dev/zero"], /no regular file/],
  [[text], /unknown image format/],
  [[empty], /the file is empty/],
  [[cut], /ELF/],
  [[good], /unknown image format/],
  [[TOUR, "another"], /too many arguments/],
  [["--nonsense", TOUR], /unknown option '--nonsense'/],
  [["--memroy", "1M", TOUR], /Did you mean --memory/],
  [["--memory"], /--memory.*argument missing/],
  [["--memory", "12X", TOUR], /--memory "12X"/],
  [["--memory", "-1", TOUR], /--memory "-1"/],
  [["--memory", "0", TOUR], /memory of 0 bytes/],
  [["--memory", "1.5G", TOUR], /--memory "1.5G"/],
  [["--memory", "4G", TOUR], /memory of 4294967296 bytes: give 1 MiB to 3840 MiB/],
  [["--memory", "1000000000000000G", TOUR], /memory/],
  [["--memory", "16777217", TOUR], /no multiple of 4096/],
  [["--memory", "1M", TOUR], /RAM/],
  [["--cpus", "0", TOUR], /--cpus "0": give an integer from 1 to 64/],
  [["--cpus", "65", TOUR], /--cpus "65"/],
  [["--cpus", "two", TOUR], /--cpus "two"/],
  [["--cpu-model", "pentium", TOUR], /unknown CPU model "pentium"/],
  [["--cpu-model", "skylak", TOUR], /did you mean "skylake"/],
  [["--cpu-model", "skylake,+nothing", TOUR], /unknown CPU feature "NOTHING"/],
  [["--cpu-model", "skylake,-nothing", TOUR], /unknown CPU feature "NOTHING"/],
  [["--cpu-model", "skylake,smap", TOUR], /write NAME,\+feature,-feature/],
  [["--tlb", "huge", TOUR], /unknown TLB profile "huge"/],
  [["--tlb", join(folder, "none.json"), TOUR], /--tlb .*no such file/],
  [["--tlb", text, TOUR], /the file is not JSON/],
  [["--tlb", badTlb, TOUR], /array 0: "level" must be 1 or 2/],
  [["--tlb", wideTlb, TOUR], /3 sets is no power of two/],
  [["--break", "NoRetry", TOUR], /--break needs --mode l1/],
  [["--mode", "l1", "--break", "NoRetri", TOUR], /unknown step \(did you mean "NoRetry"\?\)/],
  [["--mode", "l1", "--break", "NoRetry,Nonsense", TOUR], /--break "Nonsense": unknown step: use/],
  [["--seed", "-1", TOUR], /--seed "-1"/],
  [["--seed", "9007199254740992", TOUR], /--seed/],
  [["--rtc", "yesterday", TOUR], /--rtc "yesterday"/],
  [["--max-instructions", "0", TOUR], /--max-instructions "0"/],
  [["--max-instructions", "1e9", TOUR], /--max-instructions "1e9"/],
  [["--timeout", "0", TOUR], /--timeout "0"/],
  [["--timeout", "soon", TOUR], /--timeout "soon"/],
  [["--flat", "here", good], /--flat "here"/],
  [["--flat", "0x7c00", "--flat-mode", "virtual", good], /argument 'virtual' is invalid/],
  [["--flat-mode", "real", good], /--flat-mode needs --flat/],
  [["--flat-entry", "0", good], /--flat-entry needs --flat/],
  [["--flat", "0x7c00", "--flat-entry", "0", good], /flat entry 0x0 is outside the image/],
  [["--flat", "0xa0000", "--flat-mode", "long64", good], /0xa0000/],
  [["--flat", "0x200000", good], /real mode cannot reach/],
  [["--flat", "0x7c00", empty], /the flat image is empty/],
  [["--flat", "0x7c00", "--append", "x", good], /cannot hand over a command line/],
  [["--protocol", "grub", TOUR], /argument 'grub' is invalid/],
  [["--protocol", "bzimage64", TOUR], /not a bzImage/],
  [["--initrd", text, TOUR], /multiboot cannot hand over an initrd/],
  [["--initrd", join(folder, "missing"), TOUR], /--initrd .*no such file/],
  [["--module", ",text", TOUR], /--module ",text": give a file/],
  [["--module", `${join(folder, "missing")},x`, TOUR], /--module .*no such file/],
  [["--bios", text, TOUR], /both --bios and image/],
  [["--bios", text], /firmware/],
  [["--bios", empty], /firmware/],
  [["--bios", text, "--append", "x"], /--append needs an image/],
  [["--bios", text, "--flat", "0"], /--flat needs an image/],
  [["--symbols", text, TOUR], /no symbols/],
  [["--trace", "everything", TOUR], /--trace "everything": use insn/],
  [["--trace", "", TOUR], /--trace ""/],
  [["--trace-file", join(folder, "trace"), TOUR], /--trace-file needs --trace/],
  [["--json", folder, TOUR], /it is a directory/],
  [["--json", join(folder, "no/such/report.json"), TOUR], /--json .*no such file/],
  [["--json", "", TOUR], /give a file/],
  [["--json", TOUR, TOUR], /the file is an input of this run/],
  [["--serial2", `${folder}/both`, "--json", `${folder}/both`, TOUR], /written by --serial2/],
  [["--debug-console", join(folder, "no/such"), TOUR], /--debug-console/],
];

test.concurrent.each(RUNS)("run %j is refused in one line", async (args, line) => {
  const { status, stdout, stderr } = await runCommand(["run", ...args]);
  expect(stderr).toMatch(line);
  expect(stderr).toMatch(/^vmxlab: [^\n]*\n$/);
  expect(stderr).not.toMatch(/\bat .*\.js/);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});

const OTHERS: readonly (readonly [readonly string[], RegExp])[] = [
  [["walk"], /unknown command 'walk'/],
  [["rum"], /Did you mean run/],
  [["disasm"], /missing required argument/],
  [["disasm", "zz"], /neither a file nor bytes/],
  [["disasm", "123"], /neither a file nor bytes/],
  [["disasm", "--bits", "48", "90"], /--bits "48"/],
  [["disasm", "--address", "top", "90"], /--address "top"/],
  [["disasm", folder], /it is a directory/],
  [["info", "--xml"], /unknown option '--xml'/],
  [["demo", "more"], /too many arguments/],
];

test.concurrent.each(OTHERS)("%j is refused in one line", async (args, line) => {
  const { status, stdout, stderr } = await runCommand(args);
  expect(stderr).toMatch(line);
  expect(stderr).toMatch(/^vmxlab: [^\n]*\n$/);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});

test("nothing is written before options and image are accepted", async () => {
  const place = join(folder, "outputs");
  mkdirSync(place);
  writeFileSync(join(place, "report.json"), "old report");
  const outputs = [
    ["--json", join(place, "report.json")],
    ["--serial2", join(place, "com2")],
    ["--debug-console", join(place, "debug")],
    ["--trace", "exc", "--trace-file", join(place, "trace")],
  ].flat();
  for (const bad of [[text], [cut], ["--cpus", "99", TOUR], ["--tlb", "huge", TOUR]]) {
    expect((await runCommand(["run", ...outputs, ...bad])).status).toBe(2);
  }
  // The last of the outputs cannot be written: the others must stay as they are.
  const last = ["--trace", "exc", "--trace-file", join(place, "no/such/file")];
  expect((await runCommand(["run", ...outputs, ...last, TOUR])).status).toBe(2);
  expect(readdirSync(place)).toEqual(["report.json"]);
  expect(readFileSync(join(place, "report.json"), "utf8")).toBe("old report");
});

test("a file name with line ends and escapes stays one harmless line", async () => {
  const { stderr, status } = await runCommand(["run", "bad\n\x1b[31mname"]);
  expect(stderr).toBe('vmxlab: image "bad [31mname": no such file or directory\n');
  expect(status).toBe(2);
});

// Root may read everything.
test.skipIf(process.getuid?.() === 0)("an unreadable file is named", async () => {
  const path = file("secret", "x");
  chmodSync(path, 0);
  expect((await runCommand(["run", path])).stderr).toContain("permission denied");
});

test("an output that fails at its end is named, with status 74", async () => {
  if (!existsSync("/dev/full")) return;
  const outcome = await runCommand(["run", "--json", "/dev/full", "--flat", "0x7c00", good]);
  expect(outcome.stderr).toBe('vmxlab: cannot write "/dev/full": no space left on the device\n');
  expect(outcome.status).toBe(74);
  const traced = await runCommand([
    "run",
    "--trace",
    "insn",
    "--trace-file",
    "/dev/full",
    "--flat",
    "0x7c00",
    good,
  ]);
  expect(traced.stderr).toBe("vmxlab: cannot write /dev/full: no space left on the device\n");
  expect(traced.status).toBe(74);
});
