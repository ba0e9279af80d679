/** Nested state saved and restored, the forced way out of L2, and updates of vmcs01 at once. */
import { describe, expect, it } from "vitest";
import { FIELD, PIN, REASON, SECONDARY } from "../../src/generated/vmx.ts";
import { StrategyHooks } from "../../src/l0/flush-strategy.ts";
import {
  getNestedState,
  INVALID_GPA,
  leaveNested,
  type NestedState,
  setNestedState,
} from "../../src/l0/nested/saved-state.ts";
import { VMCS12_REVISION, Vmcs12 } from "../../src/l0/nested/vmcs12.ts";
import type { Task } from "../../src/l0/scheduler.ts";
import type { Vcpu } from "../../src/l0/vcpu.ts";
import {
  getField,
  l1,
  launch,
  resumeBehindCall,
  setField,
  tellReason,
  vmptrld,
  vmxon,
} from "../../src/lab/hypervisor-code.ts";
import {
  ept12At,
  eptpOf,
  type HypervisorWorld,
  VMXON_REGION,
  vmcs12At,
} from "../../src/lab/l2-world.ts";
import {
  type Code,
  halt,
  pause,
  program,
  read,
  ready,
  tell,
  times,
  vmcall,
  write,
} from "../../src/lab/program.ts";
import { moveApicPage } from "../../src/lab/stories/apic-page-moves.ts";
import { APIC_ID } from "../../src/lab/stories/common.ts";
import { APIC_ANSWER } from "../../src/lab/world.ts";
import { type NestedRun, runNested, startNested } from "./nested-world.ts";

const DATA = 0x10000;
const APIC_PAGE = 0x24000;
const GUEST_BYTES = 2 << 20;
const begin = [vmxon(VMXON_REGION), vmptrld(vmcs12At(0))];
const VALUE = 0x5a5a;

/** L2 writes, says that it is ready, goes out often, reads, and exits to L1. */
const guestCode = program(write(DATA, VALUE), ready, times(4, pause), read(DATA), tell, vmcall);
const world = (code: Code = guestCode, fields: Record<number, number> = {}) => ({
  programs: [program(...begin, launch, tellReason, getField(FIELD.guest_rip), l1.tell, halt)],
  guests: [{ code, eptp: eptpOf(ept12At(0)), vpid: 3, fields }],
  ept12s: [{}],
});

/** A run that has come to where L2 is ready. */
async function inL2(options: HypervisorWorld = world()): Promise<NestedRun> {
  const run = await startNested(options);
  run.world.settle();
  expect(run.vcpu.guestMode).toBe(true);
  return run;
}

function* save(vcpu: Vcpu): Task<NestedState> {
  yield "KVM_GET_NESTED_STATE";
  return getNestedState(vcpu);
}

function* saveAndRestore(vcpu: Vcpu, between: (state: NestedState) => NestedState = (s) => s) {
  const state = getNestedState(vcpu);
  yield* leaveNested(vcpu);
  expect(vcpu.guestMode).toBe(false);
  return yield* setNestedState(vcpu, between(state));
}

describe("KVM_GET_NESTED_STATE and KVM_SET_NESTED_STATE", () => {
  it("bring L2 back where it was", async () => {
    const undisturbed = (await runNested(world())).told;
    expect(undisturbed.slice(0, 2)).toEqual([VALUE, REASON.vmcall]);
    const run = await inL2();
    expect(run.ioctl(() => saveAndRestore(run.vcpu))).toBeUndefined();
    expect(run.vcpu.guestMode).toBe(true);
    expect(run.run().told).toEqual(undisturbed);
  });

  it("bring it to another virtual machine", async () => {
    const run = await inL2();
    const { vcpu } = run;
    const { regs, state } = run.ioctl(function* () {
      const saved = yield* save(vcpu);
      return { regs: vcpu.regs.slice(), state: saved };
    });
    const memory = run.world.l0.memory.read(0, GUEST_BYTES);
    const undisturbed = run.run().told;
    const other = await startNested(world());
    other.world.l0.memory.write(0, memory);
    const refused = other.ioctl(function* () {
      other.vcpu.regs.set(regs);
      return yield* setNestedState(other.vcpu, state);
    });
    expect(refused).toBeUndefined();
    expect(other.run().told).toEqual(undisturbed);
  });

  it("save what L1 has written without an exit", async () => {
    const run = await startNested({
      ...world(),
      programs: [
        program(
          ...[...begin, setField(FIELD.guest_rsp, 0x1230), [0xe6, 0x99], [0xe6, 0x98]],
          ...[getField(FIELD.guest_rsp), l1.tell, halt],
        ),
      ],
    });
    run.world.settle();
    const saved: NestedState[] = [];
    const keep = (state: NestedState) => {
      saved.push(state);
      return state;
    };
    expect(run.ioctl(() => saveAndRestore(run.vcpu, keep))).toBeUndefined();
    expect(saved[0]).toMatchObject({ vmcs12Pa: vmcs12At(0), guestMode: false });
    const vmcs12 = new Vmcs12();
    vmcs12.bytes.set(saved[0]!.vmcs12!);
    expect(vmcs12.lo(FIELD.guest_rsp)).toBe(0x1230);
    expect(run.run().told).toEqual([0x1230]);
    expect(run.exits("VMREAD")).toBe(0);
  });

  it("look for L1's pages in front of the next entry only", async () => {
    const run = await inL2(
      world(guestCode, {
        [FIELD.secondary_proc_controls]:
          SECONDARY.enable_ept | SECONDARY.enable_vpid | SECONDARY.virtualize_apic_accesses,
        [FIELD.apic_access_addr]: APIC_PAGE,
      }),
    );
    const { pinned } = run.nested;
    const before = pinned.apicAccess;
    expect(before).toBeDefined();
    run.ioctl(function* () {
      yield* saveAndRestore(run.vcpu);
      expect(pinned.apicAccess).toBeUndefined();
    });
    run.run(() => pinned.apicAccess !== undefined);
    expect(pinned.apicAccess).toBe(before);
    expect(run.vcpu.hw.readAddress(FIELD.apic_access_addr)).toBe(before! * 4096);
    run.run();
    expect(pinned.apicAccess).toBeUndefined();
  });

  it("let the preemption timer expire meanwhile", async () => {
    const timed = () =>
      inL2({
        ...world(program(ready, times(4, pause), vmcall), {
          [FIELD.pin_based_controls]: 0x16 | PIN.activate_preemption_timer,
          [FIELD.vmx_preemption_timer_value]: 1_000_000,
        }),
        exactTime: true,
      });
    const run = await timed();
    run.ioctl(() => saveAndRestore(run.vcpu));
    expect(run.run().told[0]).toBe(REASON.vmcall);
    const late = await timed();
    const past = (state: NestedState) => {
      expect(state.preemptionTimerDeadline).toBeGreaterThan(900_000);
      return { ...state, preemptionTimerDeadline: 0 };
    };
    late.ioctl(() => saveAndRestore(late.vcpu, past));
    expect(late.run().told[0]).toBe(REASON.preemption_timer);
  });

  it("refuse what no processor could have come to", async () => {
    const run = await inL2();
    const { vcpu } = run;
    const [good, odd] = run.ioctl(function* (): Task<[NestedState, string[]]> {
      const state = getNestedState(vcpu);
      const width = 2 ** vcpu.msrs.physicalAddressBits;
      const { vmcs12: _, ...empty } = state;
      const none = { ...empty, vmxonPa: INVALID_GPA, vmcs12Pa: INVALID_GPA, guestMode: false };
      const refused: NestedState[] = [
        { ...none, vmcs12Pa: 0x5000 },
        { ...none, guestMode: true },
        { ...none, mtfPending: true },
        { ...state, vmxonPa: 0x2001 },
        { ...state, vmxonPa: width },
        empty,
        { ...empty, guestMode: false },
        { ...state, vmcs12Pa: INVALID_GPA },
        { ...state, vmcs12Pa: state.vmxonPa },
        { ...state, vmcs12Pa: width },
      ];
      const reasons: string[] = [];
      for (const bad of refused) {
        reasons.push((yield* setNestedState(vcpu, bad)) ?? "taken");
        // Nothing of this has touched L2.
        expect(vcpu.guestMode).toBe(true);
      }
      return [state, reasons];
    });
    expect(new Set(odd).has("taken")).toBe(false);
    expect(new Set(odd).size).toBe(8);
    const field = (at: number, value: number) => {
      const changed = new Vmcs12();
      changed.bytes.set(good.vmcs12!);
      changed.set(at, value);
      return { ...good, vmcs12: changed.bytes };
    };
    const revision = good.vmcs12!.slice();
    revision[0]! ^= 1;
    const tries: readonly [NestedState, string][] = [
      [{ ...good, vmcs12: revision }, "the revision of vmcs12"],
      [field(FIELD.pin_based_controls, 0), "entry.ctl.pin.reserved"],
      [field(FIELD.host_cs_selector, 0), "entry.host.cs.null"],
      [field(FIELD.guest_cr4, 0), "entry.guest.cr4.fixed"],
    ];
    for (const [state, reason] of tries) {
      const got = run.ioctl(function* (): Task<[string | undefined, boolean]> {
        const refused = yield* setNestedState(vcpu, state);
        const active = vcpu.guestMode;
        yield* setNestedState(vcpu, good);
        return [refused, active];
      });
      expect(got).toEqual([reason, false]);
    }
    expect(run.run().told.slice(0, 2)).toEqual([VALUE, REASON.vmcall]);
  });

  it("has nothing outside VMX operation", async () => {
    const run = await startNested({ ...world(), programs: [program(halt)] });
    const state = run.ioctl(() => save(run.vcpu));
    expect(state).toEqual({
      vmxonPa: INVALID_GPA,
      vmcs12Pa: INVALID_GPA,
      guestMode: false,
      runPending: false,
      mtfPending: false,
    });
  });
});

describe("the preemption timer of L2", () => {
  it("counts what L0's exits and entries take", async () => {
    const { guests, ...rest } = world();
    const run = await runNested({
      ...rest,
      guests: [
        {
          ...guests[0]!,
          code: program(times(200, pause), vmcall),
          fields: {
            [FIELD.pin_based_controls]: 0x16 | PIN.activate_preemption_timer,
            [FIELD.vmx_preemption_timer_value]: 1000,
          },
        },
      ],
      exactTime: true,
    });
    expect(run.told[0]).toBe(REASON.preemption_timer);
    // 32,000 ticks, of which each exit with its entry takes 800.
    expect(run.exits("IO_INSTRUCTION")).toBeLessThan(42);
    expect(run.exits("IO_INSTRUCTION")).toBeGreaterThan(30);
  });
});

describe("the forced way out", () => {
  it("leaves L1's memory and gives its pages back", async () => {
    const run = await inL2();
    const before = run.vmcs12(vmcs12At(0)).bytes.slice();
    run.ioctl(() => leaveNested(run.vcpu));
    const { nested, vcpu } = run;
    expect([vcpu.guestMode, nested.vmxon, nested.hasCurrent]).toEqual([false, false, false]);
    expect(run.vmcs12(vmcs12At(0)).bytes).toEqual(before);
    expect(run.vmcs12(vmcs12At(0)).revision).toBe(VMCS12_REVISION);
    const { hw } = vcpu;
    expect(vcpu.loadedVmcs).toBe(vcpu.vmcs01);
    expect(hw.read(FIELD.secondary_proc_controls) & SECONDARY.vmcs_shadowing).toBe(0);
  });

  it("is taken by a reset", async () => {
    const run = await inL2();
    run.vcpu.requestReset(undefined);
    run.run(() => run.vcpu.resetPending === undefined && !run.vcpu.guestMode);
    expect(run.nested.vmxon).toBe(false);
    expect(run.vcpu.loadedVmcs).toBe(run.vcpu.vmcs01);
    expect(run.vcpu.rip).toBe(0xfff0n);
  });
});

describe("the APIC-access page moves while L2 runs", () => {
  const apicWorld = {
    apic: true,
    programs: [
      program(
        ...[...begin, l1.read(APIC_ID), launch, l1.read(APIC_ID), resumeBehindCall],
        ...[l1.read(APIC_ID), l1.tell, halt],
      ),
    ],
    guests: [
      { code: program(vmcall, ready, times(4, pause), vmcall), eptp: eptpOf(ept12At(0)), vpid: 3 },
    ],
    ept12s: [{}],
  };

  class AtOnce extends StrategyHooks {
    override updatesVmcs01AtOnce(): boolean {
      return true;
    }
  }

  async function move(strategy?: StrategyHooks) {
    const run = await startNested(apicWorld, strategy);
    run.world.settle();
    let done = false;
    const { world, vcpu } = run;
    world.spawn(
      "notifier",
      (function* () {
        yield* moveApicPage(world);
        done = true;
      })(),
    );
    run.run(() => done);
    run.run(() => vcpu.requests === 0 && vcpu.mode === 1);
    return run;
  }

  it("waits for the nested exit", async () => {
    const run = await move();
    expect(run.vcpu.guestMode).toBe(true);
    expect(run.nested.deferred.reloadApicAccessPage).toBe(true);
    expect(run.run().told).toEqual([APIC_ANSWER]);
  });

  it("is written at once where the strategy wants that", async () => {
    const run = await move(new AtOnce());
    expect(run.vcpu.guestMode).toBe(true);
    expect(run.vcpu.loadedVmcs).toBe(run.nested.vmcs02);
    expect(run.nested.deferred.reloadApicAccessPage).toBe(false);
    const written = run.events.filter(({ name }) => name === "kvm_apic_access_page");
    expect(written.length).toBeGreaterThan(0);
    expect(run.run().told).toEqual([APIC_ANSWER]);
  });
});
