/** VM entries, exits, failures and aborts as typed events of the class Machine. */
import { expect, test } from "vitest";
import type { MachineHooks } from "../../src/machine/hooks.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { VmEntry, VmEntryFailure, VmExit, VmxAbort } from "../../src/machine/vmx-events.ts";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { GUEST_RIP, IMAGE_HPA, VMCS_HPA, type VmxProgram, vmxImage } from "../support/vmx-guest.ts";

type Event = VmEntry | VmExit | VmEntryFailure | VmxAbort;

async function start(program: VmxProgram): Promise<Machine> {
  const machine = await Machine.create({ memory: 1 << 20 });
  machine.load(vmxImage(program), { flat: { address: IMAGE_HPA, mode: "long64" } });
  return machine;
}

async function run(program: VmxProgram, extra: MachineHooks = {}) {
  const machine = await start(program);
  const events: [string, Event][] = [];
  const note = (name: string) => (_cpu: unknown, event: Event) => void events.push([name, event]);
  machine.setHooks({
    onVmEntry: note("entry"),
    onVmExit: note("exit"),
    onVmEntryFailure: note("failure"),
    onVmxAbort: note("abort"),
    ...extra,
  });
  const stop = await machine.run({ maxInstructions: 10_000 });
  return { machine, events, stop };
}

const CPUID = [0x0f, 0xa2];
/** MOV EAX, 0x1230; MOV DS, EAX. */
const LOAD_BAD_SELECTOR = [0xb8, 0x30, 0x12, 0, 0, 0x8e, 0xd8];
const VMCALL = [0x0f, 0x01, 0xc1];
const PROGRAM: VmxProgram = {
  code: [...CPUID, ...LOAD_BAD_SELECTOR, ...VMCALL],
  resume: [2, 9],
  changes: [{ fields: { exception_bitmap: 1 << 13 } }],
};

const place = { cpu: 0, vmcsHpa: BigInt(VMCS_HPA) };
const rip = (offset: number) => BigInt(GUEST_RIP + offset);

test("a launch, exits and resumptions in their order, with what they carry", async () => {
  const { machine, events, stop } = await run(PROGRAM);
  expect(stop.kind).toBe("dead-halt");
  const exit = {
    ...place,
    info1: 0n,
    info2: 0,
    intrInfo: 0,
    errorCode: 0,
    instructionInfo: 0,
    guestLinear: 0n,
    guestPhysical: 0n,
  };
  const entry = { ...place, injected: undefined };
  expect(events).toEqual([
    ["entry", { ...entry, instruction: "VMLAUNCH", rip: rip(0) }],
    ["exit", { ...exit, number: 10, reason: "cpuid", rip: rip(0), instructionLength: 2 }],
    ["entry", { ...entry, instruction: "VMRESUME", rip: rip(2) }],
    [
      "exit",
      {
        ...exit,
        number: 0,
        reason: "exception_or_nmi",
        rip: rip(7),
        intrInfo: 0x80000b0d,
        errorCode: 0x1230,
        instructionLength: expect.any(Number),
      },
    ],
    ["entry", { ...entry, instruction: "VMRESUME", rip: rip(9) }],
    ["exit", { ...exit, number: 18, reason: "vmcall", rip: rip(9), instructionLength: 3 }],
  ]);
  expect(machine.counters).toMatchObject({ vmEntry: 3, vmExit: 3, vmEntryFailure: 0 });
  const counted = machine.counters.exitReasons.flatMap((n, reason) => (n > 0 ? [[reason, n]] : []));
  expect(counted).toEqual([
    [0, 1],
    [10, 1],
    [18, 1],
  ]);
  expect(machine.lastEntryFailure).toBeUndefined();
});

test("an exit during the delivery of an injected event tells of both", async () => {
  // The guest's IDT has no entry 0x20: #GP, which exits.
  const { events } = await run({
    code: CPUID,
    changes: [
      {
        fields: {
          exception_bitmap: 1 << 13,
          guest_idtr_limit: 0,
          guest_rflags: 0x202,
          vmentry_intr_info: 0x80000020,
        },
      },
    ],
  });
  expect(events[0]).toMatchObject([
    "entry",
    { injected: { info: 0x80000020, errorCode: 0, instructionLength: 2 } },
  ]);
  expect(events[1]).toMatchObject([
    "exit",
    { number: 0, info2: 0x80000020, intrInfo: 0x80000b0d, errorCode: 0x103, rip: rip(0) },
  ]);
});

test("an EPT violation carries its qualification and addresses", async () => {
  // A table of nothing: the first fetch fails.
  const { events } = await run({
    code: CPUID,
    changes: [{ on: "secondary.enable_ept", fields: { eptp: 0x3001e } }],
  });
  const [, exit] = events[1]!;
  expect(exit).toMatchObject({ number: 48, reason: "ept_violation", rip: rip(0) });
  const { info1, guestPhysical } = exit as VmExit;
  expect(info1 & 7n).not.toBe(0n);
  expect(guestPhysical).not.toBe(0n);
});

test("the processor in the hook of an exit is still in the guest", async () => {
  const seen: bigint[] = [];
  const program = { code: VMCALL, changes: [{ fields: { guest_rsp: 0x7770 } }] };
  const { machine } = await run(program, {
    onVmExit: (cpu) => void seen.push(cpu.get("rip"), cpu.get("rsp")),
  });
  expect(seen).toEqual([rip(0), 0x7770n]);
  expect(machine.currentCpu.get("rsp")).toBe(BigInt(IMAGE_HPA));
});

test("watching does not change the run, and without hooks nothing is called", async () => {
  const quiet = await start(PROGRAM);
  await quiet.run({ maxInstructions: 10_000 });
  const { machine } = await run(PROGRAM);
  expect(quiet.instructions).toBe(machine.instructions);
  expect(quiet.time).toBe(machine.time);
  expect(quiet.counters).toEqual(machine.counters);
});

test("hooks can be taken away and set again between runs", async () => {
  const machine = await start(PROGRAM);
  const reasons: string[] = [];
  machine.setHooks({ onVmExit: (_cpu, { reason }) => void reasons.push(reason) });
  while (reasons.length === 0) await machine.step();
  machine.setHooks({});
  while (machine.counters.vmExit < 2) await machine.step();
  expect(reasons).toEqual(["cpuid"]);
  machine.setHooks({ onVmExit: (_cpu, { reason }) => void reasons.push(reason) });
  await machine.run({ maxInstructions: 1000 });
  expect(reasons).toEqual(["cpuid", "vmcall"]);
});

test.each([
  ["VMfail 7", "entry.ctl.cr3target.count", { cr3_target_count: 5 }, "cr3_target_count", 5n],
  ["VMfail 8", "entry.host.cr0.fixed", { host_cr0: 0x80000001n }, "host_cr0", 0x80000001n],
  ["exit 33", "entry.guest.rflags.bit1", { guest_rflags: 0x200 }, "guest_rflags", 0x200n],
] as const)("a failed entry says what and where: %s", async (how, check, fields, field, value) => {
  const { machine, events, stop } = await run({ code: CPUID, changes: [{ fields }] });
  const { section, condition } = ENTRY_CHECKS.find(({ id }) => id === check)!;
  const failure = {
    ...place,
    ...{ how, check, section, condition, field, value },
    qualification: 0,
    msr: undefined,
    message:
      `VM entry failed with ${how}: ${check}: ${field} is 0x${value.toString(16)}; ` +
      `must hold: ${condition} ("${section}")`,
  };
  expect(events).toEqual([["failure", failure]]);
  expect(machine.lastEntryFailure).toEqual(failure);
  expect(machine.counters.vmEntry).toBe(0);
  expect(machine.counters.exitReasons[33]).toBe(how === "exit 33" ? 1 : 0);
  expect(stop.kind).toBe("dead-halt");
});

test("of the four PDPTEs the one that is bad is named", async () => {
  const { machine } = await run({
    code: CPUID,
    changes: [
      {
        on: "secondary.enable_ept",
        off: "entry.ia32e_mode_guest",
        fields: { guest_cs_ar: 0xc09b, guest_pdpte0: 0x1001, guest_pdpte2: 0x1021 },
      },
    ],
  });
  expect(machine.lastEntryFailure).toMatchObject({
    ...{ how: "exit 33", qualification: 2, check: "entry.guest.pdpte.ept" },
    ...{ field: "guest_pdpte2", value: 0x1021n },
  });
});

const LIST_HPA = IMAGE_HPA + 0x3c00;
const EFER_THEN_X2APIC: Pick<VmxProgram, "data" | "code"> = {
  code: CPUID,
  data: {
    [LIST_HPA]: [0x81, 0, 0, 0xc0, ...new Array(12).fill(0), 0x08, 8, ...new Array(6).fill(0), 7],
  },
};

test("a bad entry of an MSR-load list is shown, without a hook as well", async () => {
  const machine = await start({
    ...EFER_THEN_X2APIC,
    changes: [{ fields: { vmentry_msr_load_count: 2, vmentry_msr_load_addr: LIST_HPA } }],
  });
  await machine.run({ maxInstructions: 10_000 });
  expect(machine.lastEntryFailure).toMatchObject({
    ...{ how: "exit 34", qualification: 2, check: "entry.msr.x2apic" },
    ...{ field: "vmentry_msr_load_addr", value: BigInt(LIST_HPA) },
    msr: { entry: 2, index: 0x808n, value: 7n },
  });
  expect(machine.counters.exitReasons[34]).toBe(1);
  expect(machine.counters).toMatchObject({ vmExit: 0, vmEntryFailure: 1 });
});

test("an abort is told after the exit that it spoiled", async () => {
  const { events, stop } = await run({
    ...EFER_THEN_X2APIC,
    changes: [{ fields: { vmexit_msr_load_count: 2, vmexit_msr_load_addr: LIST_HPA } }],
  });
  expect(events.map(([name]) => name)).toEqual(["entry", "exit", "abort"]);
  expect(events[2]![1]).toEqual({ ...place, code: 4, meaning: "loading host MSRs failed" });
  expect(stop).toEqual({ kind: "triple-fault", cpu: 0 });
});
