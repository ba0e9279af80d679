import { expect, test } from "vitest";
import { EscapeFilter } from "../../src/cli/console.ts";
import { CODE, flatImage, GUESTS, runGuest, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();
const ECHO = `${GUESTS}/serial-echo.elf`;

test("the guest gets the standard input and answers on the standard output", async () => {
  const outcome = await runGuest([ECHO], { input: "Hello, World\x04" });
  expect(outcome.stdout).toBe("echo: send text, end with Ctrl-D\nhELLO, wORLD\necho: 12 bytes\n");
  expect(outcome.stderr).toBe("");
  expect(outcome.status).toBe(1);
});

test("all eight bits go both ways", async () => {
  const bytes = Array.from({ length: 256 }, (_, i) => i).filter((byte) => byte !== 4);
  const input = Buffer.from([...bytes, 4]).toString("latin1");
  const { stdout } = await runGuest([ECHO], { input });
  const expected = bytes.map((byte) =>
    /[a-z]/i.test(String.fromCharCode(byte)) ? byte ^ 0x20 : byte,
  );
  const echoed = Buffer.from(stdout, "latin1").subarray(
    "echo: send text, end with Ctrl-D\n".length,
  );
  expect([...echoed.subarray(0, expected.length)]).toEqual(expected);
});

test("more input than any buffer holds arrives whole", async () => {
  const text = "abcdefghijklmnopqrstuvwxyz0123456789\n".repeat(3000);
  const { stdout, status } = await runGuest([ECHO], { input: `${text}\x04` });
  expect(status).toBe(1);
  expect(stdout).toContain(text.toUpperCase());
  expect(stdout).toContain(`echo: ${text.length} bytes\n`);
});

test("input that comes late wakes the guest", async () => {
  const outcome = await runGuest([ECHO], {
    input: "open",
    interact: (child) => {
      child.stdout?.once("data", () => {
        setTimeout(() => child.stdin?.write("late"), 100);
        setTimeout(() => child.stdin?.write("\x04"), 200);
      });
    },
  });
  expect(outcome.stdout).toContain("LATE\necho: 4 bytes");
  expect(outcome.status).toBe(1);
});

test("a guest that waits for input after its end is idle", async () => {
  const outcome = await runGuest([ECHO], { input: "abc" });
  expect(outcome.stdout).toContain("ABC");
  expect(outcome.stderr).toMatch(/^vmxlab: idle: /);
  expect(outcome.status).toBe(8);
});

test("a guest that waits for input that is not read is idle", async () => {
  const outcome = await runGuest(["--no-input", ECHO], { input: "abc\x04" });
  expect(outcome.stdout).toBe("echo: send text, end with Ctrl-D\n");
  expect(outcome.status).toBe(8);
});

test("input that cannot wake the guest does not keep the run", async () => {
  for (const name of ["deadHalt", "idle"] as const) {
    const image = flatImage(folder, name, CODE[name]);
    const { status } = await runGuest(["--flat", "0x7c00", image], { input: "open" });
    expect(status).toBe(name === "idle" ? 8 : 6);
  }
});

test("a reader that goes away ends the run", async () => {
  const image = flatImage(folder, "flood", CODE.flood);
  const outcome = await runGuest(["--flat", "0x7c00", image], {
    interact: (child) => child.stdout?.once("data", () => child.stdout?.destroy()),
  });
  expect(outcome.stderr).toMatch(/^vmxlab: the reader of the standard output has gone; CPU 0 at/);
  expect(outcome.status).toBe(141);
});

test("a reader that stops reading cannot hold up the time limit, nor fill the memory", async () => {
  const image = flatImage(folder, "flood", CODE.flood);
  const start = Date.now();
  const outcome = await runGuest(
    ["--flat", "0x7c00", "--timeout", "1", "--json", `${folder}/flood.json`, image],
    {
      interact: (child) => child.stdout?.pause(),
    },
  );
  expect(outcome.status).toBe(124);
  expect(Date.now() - start).toBeLessThan(20_000);
});

test("nor a signal", async () => {
  const image = flatImage(folder, "flood", CODE.flood);
  const outcome = await runGuest(["--flat", "0x7c00", image], {
    interact: (child) => {
      child.stdout?.pause();
      setTimeout(() => child.kill("SIGTERM"), 2000);
    },
  });
  expect(outcome.status).toBe(143);
});

test("on a terminal Ctrl-A X ends the run and other keys go to the guest", () => {
  const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
  const filter = new EscapeFilter({ interruptKey: false });
  expect(filter.take(bytes("ab\x03c"))).toEqual({ kept: bytes("ab\x03c"), quit: false });
  expect(filter.take(bytes("\x01\x01d"))).toEqual({ kept: bytes("\x01d"), quit: false });
  expect(filter.take(bytes("e\x01"))).toEqual({ kept: bytes("e"), quit: false });
  expect(filter.take(bytes("x"))).toEqual({ kept: bytes(""), quit: true });
  const withInterrupt = new EscapeFilter({ interruptKey: true });
  expect(withInterrupt.take(bytes("a\x03"))).toEqual({ kept: bytes("a"), quit: true });
});
