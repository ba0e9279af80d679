import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { QemuArguments } from "../../src/cli/qemu/arguments.ts";
import { parseQemuCpu } from "../../src/cli/qemu/cpu.ts";
import { qemuMachine } from "../../src/cli/qemu/machine.ts";
import { GUESTS, type RunChild, runCommand, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();
const SMP = `${GUESTS}/smp-hello.elf`;
const EXIT = ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"];

const qemu = (args: readonly string[], options: RunChild = {}) =>
  runCommand(args, { ...options, command: "vmxlab-qemu" });

const machine = (...args: string[]) => qemuMachine(QemuArguments.parse(args));

test("the command line of kvm-unit-tests' runner runs a kernel", async () => {
  const environment = join(folder, "env");
  writeFileSync(environment, "NR_CPUS=2\n");
  const outcome = await qemu([
    ...["--no-reboot", "-nodefaults", "-global", "kvm-pit.lost_tick_policy=discard"],
    ...["-device", "pc-testdev", ...EXIT, "-display", "none", "-serial", "stdio"],
    ...["-machine", "accel=tcg", "-kernel", SMP, "-smp", "2", "-append", "a b"],
    ...["-cpu", "qemu64,+x2apic,+tsc-deadline", "-m", "64", "-initrd", environment],
  ]);
  expect(outcome.stdout).toContain("counted 4000 with a lock");
  // Anything on the standard error would make the runner doubt a status of 1.
  expect(outcome.stderr).toBe("");
  expect(outcome.status).toBe(1);
});

test("the questions of the runner are answered", async () => {
  const help = await qemu(["--help"]);
  expect(help.stdout).toContain("QEMU");
  // The runner reads MAJOR.MINOR.MICRO from the fourth word of the first line.
  expect(help.stdout.split("\n")[0]?.split(" ")[3]).toMatch(/^\d+\.\d+\.\d+$/);
  expect((await qemu(["-version"])).stdout).toMatch(/^vmxlab QEMU-like version \d/);
  const devices = await qemu(["-device", "?"]);
  expect(devices.stdout).toContain('"pc-testdev"');
  expect(devices.stdout).not.toContain("pci-testdev");
  expect((await qemu(["-machine", "?"])).stdout).toContain("pc");
  expect((await qemu(["-cpu", "help"])).stdout).toContain("qemu64");
  expect((await qemu(["-accel", "?"])).stdout).toContain("tcg");
});

test("a kernel that is not there is reported in the words that scripts look for", async () => {
  const { stderr, status } = await qemu(["-kernel", "_NO_FILE_4Uhere_", "-smp", "2"]);
  expect(stderr).toMatch(/^vmxlab-qemu: could not open kernel "_NO_FILE_4Uhere_": no such file/);
  expect(status).toBe(2);
});

const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [["-gdb", "tcp::1"], /option -gdb is not supported/],
  [["--nonsense"], /option --nonsense is not supported/],
  [["disk.img"], /argument "disk.img"/],
  [["-m", "lots"], /-m "lots"/],
  [["-m", "4g"], /memory of 4294967296 bytes/],
  [["-m", "64,slots=2"], /-m slots=2 is not supported/],
  [["-smp", "0"], /-smp cpus "0"/],
  [["-smp", "100"], /Invalid SMP CPUs 100\. .* 64$/],
  [["-smp", "2,maxcpus=4"], /maxcpus=4/],
  [["-cpu", "Conroe"], /CPU model "Conroe" is not supported/],
  [["-cpu", "max,+svm"], /CPU feature "svm" is not supported/],
  [["-cpu", "max,+monitor"], /CPU feature "MONITOR" is not implemented/],
  [["-cpu", "max,phys-bits=64"], /-cpu phys-bits "64"/],
  [["-cpu", "host,hv_passthrough"], /"hv_passthrough" is not supported/],
  [["-M", "q35"], /machine "q35" is not supported/],
  [["-machine", "pc,vmport=on"], /vmport=on is not supported/],
  [["-machine", "pc,nvdimm=on"], /nvdimm=on is not supported/],
  [["-accel", "xen"], /accelerator "xen"/],
  [["-machine", "accel=hvf"], /accelerator "hvf"/],
  [["-device", "edu"], /device "edu" is not supported/],
  [["-device", "isa-debug-exit,port=1"], /isa-debug-exit,port is not supported/],
  [["-device", "pc-testdev,iobase=1"], /pc-testdev,iobase is not supported/],
  [["-global", "x.y=z"], /-global x.y=z is not supported/],
  [["-serial", "vc"], /-serial vc is not supported/],
  [["-serial", "none", "-serial", "stdio"], /only the first port/],
  [["-display", "gtk"], /-display gtk is not supported/],
  [["-vga", "std"], /-vga std is not supported/],
  [["-monitor", "stdio"], /-monitor stdio is not supported/],
  [["-rtc", "base=never"], /-rtc base "never"/],
  [["-d", "plugin"], /-d plugin is not supported/],
  [["-debugcon", "stdio"], /-debugcon stdio is not supported/],
];

test.concurrent.each(REFUSED)("%j is refused by name", async (args, line) => {
  const { status, stdout, stderr } = await qemu([...args, "-kernel", "_NO_FILE_4Uhere_"]);
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr).toMatch(/^vmxlab-qemu: [^\n]*\n$/);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});

test("without a kernel there is nothing to run", async () => {
  expect((await qemu([])).stderr).toMatch(/give -kernel or -bios/);
  expect((await qemu(["-m"])).stderr).toMatch(/option -m needs a value/);
  expect((await qemu(["-append", "x"])).stderr).toMatch(/-append needs -kernel/);
  expect((await qemu(["-kernel", SMP, "-bios", SMP])).stderr).toMatch(/-kernel and -bios/);
});

test("a server has wider physical addresses than the client whose row it uses", () => {
  expect(parseQemuCpu("Skylake-Server,host-phys-bits").physicalAddressBits).toBe(46);
  expect(parseQemuCpu("Skylake-Server,phys-bits=40").physicalAddressBits).toBe(40);
  expect(parseQemuCpu("Skylake-Client").physicalAddressBits).toBeUndefined();
});

test("CPU names and features are translated", () => {
  expect(parseQemuCpu("qemu64,-x2apic,+tsc-deadline,pcid=on,invpcid=off,nx")).toEqual({
    model: "qemu64",
    features: ["-X2APIC", "+TSC_DEADLINE", "+PCID", "-INVPCID", "+NX"],
    warnings: [],
  });
  expect(
    parseQemuCpu("max,host-phys-bits,migratable=no,vendor=GenuineIntel,-npt,+vmx,-vmx-mbec"),
  ).toEqual({
    model: "max",
    features: ["+VMX", "-mode_based_execute_ept"],
    warnings: [],
  });
  expect(parseQemuCpu("Skylake-Server-v4,+sse4.2,-pni,sha-ni=off").features).toEqual([
    "+SSE42",
    "-SSE3",
    "-SHA",
  ]);
  expect(parseQemuCpu("Opteron_G1,vendor=AuthenticAMD")).toEqual({
    model: "opteron-g1",
    features: [],
    warnings: [],
  });
  expect(parseQemuCpu("Opteron_G2,vendor=GenuineIntel")).toMatchObject({
    model: "opteron-g1",
    warnings: [expect.stringContaining("Opteron_G2"), expect.stringContaining("GenuineIntel")],
  });
  expect(parseQemuCpu("IvyBridge,phys-bits=36,host-phys-bits=off")).toEqual({
    model: "ivybridge",
    features: [],
    physicalAddressBits: 36,
    warnings: [],
  });
});

test("the machine's options are translated", () => {
  expect(machine().options).toMatchObject({ memory: 128 * 2 ** 20, cpus: 1, cpuModel: "qemu64" });
  expect(machine("-m", "2048", "-smp", "sockets=2,cores=3").options).toMatchObject({
    memory: 2048 * 2 ** 20,
    cpus: 6,
  });
  expect(machine("-m", "size=1G").options.memory).toBe(2 ** 30);
  expect(machine(...EXIT, "-device", "pc-testdev", "-no-hpet").options).toMatchObject({
    parts: { testDevice: true, debugExit: true, hpet: false, acpi: true },
    debugExit: { iobase: 0xf4, iosize: 4 },
  });
  expect(machine("-M", "pc,accel=kvm:tcg,acpi=off,hpet=off").options.parts).toMatchObject({
    acpi: false,
    hpet: false,
    debugExit: false,
  });
  expect(machine("-rtc", "base=2001-02-03T04:05:06").options.epochSeconds).toBe(
    Date.UTC(2001, 1, 3, 4, 5, 6) / 1000,
  );
});

test("what is accepted but not done is said in a warning", async () => {
  const args = [...EXIT, "-device", "pci-testdev", "-machine", "pit=off", "-serial", "stdio"];
  const outcome = await qemu([...args, "-kernel", `${GUESTS}/protected32.elf`]);
  expect(outcome.stderr).toBe(
    "vmxlab-qemu: warning: pit=off: the timer stays\n" +
      "vmxlab-qemu: warning: there is no PCI test device\n",
  );
  expect(outcome.status).toBe(1);
});

test("serial ports, debug console and log go to files", async () => {
  const at = (name: string) => join(folder, name);
  const outcome = await qemu([
    ...[...EXIT, "-serial", `file:${at("com1")}`, "-debugcon", `file:${at("debug")}`],
    ...["-d", "int,in_asm", "-D", at("log"), "-kernel", `${GUESTS}/protected32.elf`],
  ]);
  expect(outcome).toMatchObject({ stdout: "", stderr: "", status: 1 });
  expect(readFileSync(at("com1"), "utf8")).toContain("a call to ring 0 through INT 0x80");
  expect(readFileSync(at("log"), "utf8")).toMatch(/ int {3}vector 0x80 at .*<user_program/);
  expect(readFileSync(at("debug"), "utf8")).toBe("");
});

test("without an exit device and with -nographic a kernel talks until it is dead", async () => {
  const outcome = await qemu(["-nographic", "-kernel", SMP]);
  expect(outcome.stdout).toContain("processors: 1");
  expect(outcome.stderr).toMatch(/^vmxlab-qemu: dead halt/);
  expect(outcome.status).toBe(6);
});

test("a signal ends it as it ends QEMU, with status 0 and the signal's number", async () => {
  const outcome = await qemu(["-serial", "stdio", "-kernel", `${GUESTS}/serial-echo.elf`], {
    input: "open",
    interact: (child) => child.stdout?.once("data", () => child.kill("SIGTERM")),
  });
  expect(outcome.stderr).toBe("vmxlab-qemu: terminating on signal 15\n");
  expect(outcome.status).toBe(0);
});
