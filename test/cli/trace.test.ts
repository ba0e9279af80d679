import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CODE, flatImage, GUESTS, runGuest, temporaryFolder } from "../support/command-line.ts";
import { GUEST_RIP, IMAGE_HPA, VMCS_HPA, vmxImage } from "../support/vmx-guest.ts";

const folder = temporaryFolder();
const consoles = flatImage(folder, "consoles", CODE.consoles);

async function trace(kinds: string, args: readonly string[]): Promise<string[]> {
  const path = join(folder, "trace.txt");
  await runGuest(["--trace", kinds, "--trace-file", path, ...args]);
  const text = readFileSync(path, "utf8");
  expect(text.endsWith("\n") || text === "").toBe(true);
  return text.split("\n").slice(0, -1);
}

test("instructions are traced with their bytes, port accesses among them", async () => {
  const lines = await trace("insn,io", ["--flat", "0x7c00", consoles]);
  expect(lines.slice(0, 4)).toEqual([
    "           0 cpu0 insn  0x7c00: b0 68                          mov al, 0x68",
    "           1 cpu0 insn  0x7c02: e6 e9                          out 0xe9, al",
    "           1 cpu0 io    write 0xe9 <- 0x68",
    "        1001 cpu0 insn  0x7c04: b0 69                          mov al, 0x69",
  ]);
});

test("without a file the trace goes to the standard error", async () => {
  const { stderr, stdout } = await runGuest(["--trace", "io", "--flat", "0x7c00", consoles]);
  expect(stdout).toBe("");
  expect(stderr.split("\n").filter((line) => line.includes(" io "))).toHaveLength(4);
});

test("exceptions, interrupts and device memory are traced with symbols", async () => {
  const lines = await trace("exc,irq,mmio,undef", [`${GUESTS}/tour.elf`]);
  const rest = lines.map((line) => line.slice(13));
  expect(rest).toContainEqual(expect.stringMatching(/^cpu0 exc {3}#DE at 0x\w+ <show_faults\+0x/));
  expect(rest).toContainEqual(
    expect.stringMatching(/^cpu0 exc {3}#PF error 0x2 address 0x400000000c at 0x\w+ </),
  );
  expect(rest).toContainEqual(expect.stringMatching(/^cpu0 exc {3}#GP error 0x1000 at 0x/));
  expect(rest).toContainEqual(expect.stringMatching(/^cpu0 irq {3}vector 0x40 before 0x\w+ </));
  expect(rest).toContainEqual("cpu0 mmio  write 0xfee000b0 <- 0x00000000");
  expect(rest).toContainEqual(expect.stringMatching(/^cpu0 undef 0x\w+ <show_faults.*ud2$/));
  expect(rest.filter((line) => line.startsWith("cpu0 exc   #DB"))).toHaveLength(7);
});

test("software interrupts are traced, with several processors by their numbers", async () => {
  const lines = await trace("int", [`${GUESTS}/protected32.elf`]);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/ cpu0 int {3}vector 0x80 at 0x\w+ <user_program\+0x/);
  const processors = await trace("mmio,io", ["--cpus", "2", `${GUESTS}/smp-hello.elf`]);
  expect(processors.some((line) => line.includes(" cpu1 io "))).toBe(true);
});

/** A flat image as arguments of `run`. */
const flatVmx = (name: string, program: Parameters<typeof vmxImage>[0]) => [
  ...["--flat", `${IMAGE_HPA}`, "--flat-mode", "long64"],
  flatImage(folder, name, Array.from(vmxImage(program))),
];

test("VM entries and exits are traced among other kinds", async () => {
  const program = {
    // OUT 0x80, AL; CPUID; VMCALL.
    code: [0xe6, 0x80, 0x0f, 0xa2, 0x0f, 0x01, 0xc1],
    resume: [4],
    changes: [{ fields: { vmentry_intr_info: 0x80000b0d, vmentry_exception_error_code: 0x18 } }],
  };
  const without = { ...program, changes: [] };
  const hex = (offset: number) => `0x${(GUEST_RIP + offset).toString(16)}`;
  const vmcs = `vmcs 0x${VMCS_HPA.toString(16)}`;
  const empty =
    "info1 0x0000000000000000 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000";
  const lines = await trace("vmx,io", flatVmx("entry", without));
  expect(lines.map((line) => line.slice(13))).toEqual([
    `cpu0 vmx   vmx_entry: cpu 0 VMLAUNCH rip ${hex(0)} ${vmcs} intr_info 0x00000000 error_code 0x00000000`,
    "cpu0 io    write 0x80 <- 0x00",
    `cpu0 vmx   vmx_exit: cpu 0 reason CPUID rip ${hex(2)} ${empty}`,
    `cpu0 vmx   vmx_entry: cpu 0 VMRESUME rip ${hex(4)} ${vmcs} intr_info 0x00000000 error_code 0x00000000`,
    `cpu0 vmx   vmx_exit: cpu 0 reason VMCALL rip ${hex(4)} ${empty}`,
  ]);
  // #GP is injected; its delivery through an IDT of zeros raises #GP, #DF and a triple fault.
  const injected = await trace("vmx", flatVmx("injected", { ...program, resume: [] }));
  expect(injected.map((line) => line.slice(13))).toEqual([
    `cpu0 vmx   vmx_entry: cpu 0 VMLAUNCH rip ${hex(0)} ${vmcs} intr_info 0x80000b0d error_code 0x00000018`,
    `cpu0 vmx   vmx_exit: cpu 0 reason TRIPLE_FAULT rip ${hex(0)} ${empty}`,
  ]);
});

test("a failed VM entry is traced with its check, an abort with its code", async () => {
  const fails = { code: [], changes: [{ fields: { guest_rflags: 0x8002 } }] };
  const lines = await trace("vmx", flatVmx("failure", fails));
  expect(lines.map((line) => line.slice(13))).toEqual([
    "cpu0 vmx   vmx_entry_failure: cpu 0 exit 33 check entry.guest.rflags.reserved section " +
      '"Checks on Guest Descriptor-Table Registers, RIP, RFLAGS, and SSP" ' +
      "field guest_rflags value 0x8002",
  ]);
  const list = IMAGE_HPA + 0x3c00;
  const data = { [list]: [0x79, 0, 0, 0, 0, 0, 0, 0, 5] };
  const loads = { vmentry_msr_load_count: 1, vmentry_msr_load_addr: list };
  const [msr] = await trace(
    "vmx",
    flatVmx("msr", { code: [], data, changes: [{ fields: loads }] }),
  );
  expect(msr?.slice(13)).toBe(
    'cpu0 vmx   vmx_entry_failure: cpu 0 exit 34 check entry.msr.model section "Loading MSRs" ' +
      `field vmentry_msr_load_addr value 0x${list.toString(16)} ` +
      "entry 1 msr 0x79 data 0x0000000000000005",
  );
  const stores = { vmexit_msr_store_count: 1, vmexit_msr_store_addr: list };
  const program = { code: [0x0f, 0xa2], changes: [{ fields: stores }] };
  const aborted = await trace("vmx", flatVmx("abort", program));
  expect(aborted.at(-1)?.slice(13)).toBe(
    `cpu0 vmx   vmx_abort: cpu 0 vmcs 0x${VMCS_HPA.toString(16)} code 1 (saving guest MSRs failed)`,
  );
});

test("no line is lost when a limit or a signal cuts the run", async () => {
  const loop = flatImage(folder, "loop", CODE.loop);
  const lines = await trace("insn", ["--max-instructions", "5000", "--flat", "0x7c00", loop]);
  expect(lines).toHaveLength(5000);
  expect(lines[4999]).toMatch(/^ {8}4999 cpu0 insn {2}0x7c00: eb fe +jmp short 0x7c00$/);
  const flood = flatImage(folder, "flood", CODE.flood);
  const path = join(folder, "cut.txt");
  const outcome = await runGuest(
    ["--trace", "io", "--trace-file", path, "--flat", "0x7c00", flood],
    { interact: (child) => child.stdout?.once("data", () => child.kill("SIGTERM")) },
  );
  const written = readFileSync(path, "utf8").split("\n");
  expect(written.at(-1)).toBe("");
  expect(written.length - 1).toBe(outcome.stdout.length);
});
