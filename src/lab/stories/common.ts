/** What several stories share: pages of L1's memory, and promises about what guests read. */
import { PAGE_BYTES } from "../../l0/frames.ts";
import { runNow, type Task, type Wait } from "../../l0/scheduler.ts";
import { vmptrld, vmxon } from "../hypervisor-code.ts";
import { VMXON_REGION, vmcs12At } from "../l2-world.ts";
import { type Code, program } from "../program.ts";
import type { OwnPromise } from "../scenario.ts";
import { APIC_ANSWER, type World } from "../world.ts";

export const PAGE = PAGE_BYTES;
/** Pages that the stories are about. */
export const DATA = 0x10000;
/** A word that ends the guests' loops. */
export const FLAG = 0x20000;
/** A register of the APIC. */
export const APIC_ID = 0xfee00020;
export const A = 0xaaaa_aaaa;
export const B = 0xbbbb_bbbb;

const hex = (value: number) => `0x${value.toString(16)}`;

/** Guests read nothing but these values. */
export function reads(text: string, ...allowed: readonly number[]): OwnPromise {
  return {
    id: "value",
    text,
    when: "step",
    check: ({ readings }) => {
      const last = readings.at(-1);
      if (last === undefined || allowed.includes(last.value)) return undefined;
      return `vCPU ${last.vcpu} has read ${hex(last.value)}`;
    },
  };
}

/** Other frames for the pages at `gpa`: zeroed ones, and the old ones are free. */
export function remap(world: World, gpa: number, pages = 1): Task {
  const hva = world.hva(gpa);
  return world.l0.vm.mm.remap(hva, hva + pages * PAGE);
}

/** Guests tell these values in this order, and no others. */
export function tells(text: string, ...values: readonly number[]): OwnPromise {
  const list = (told: readonly number[]) => told.map(hex).join(", ");
  return {
    id: "value",
    text,
    when: "step",
    check: (world) => {
      const told = world.readings.map(({ value }) => value);
      if (told.every((value, i) => value === values[i])) {
        const ended = world.l0.vcpus.every((vcpu) => world.isFinished(vcpu));
        if (!ended || told.length === values.length) return undefined;
      }
      return `the guests have read ${list(told)}, not ${list(values)}`;
    },
  };
}

/** Each access of L1 has reached the APIC, none the memory of the page. */
export const reachesApic: OwnPromise = {
  id: "apic",
  text: "each access to the APIC's page reaches the APIC",
  when: "step",
  check: ({ readings }) => {
    const last = readings.at(-1);
    if (last === undefined || last.value === APIC_ANSWER + last.vcpu) return undefined;
    return `vCPU ${last.vcpu} has read ${hex(last.value)} from its APIC: plain memory`;
  },
};

/** Waits until `ready`. */
export function* waitFor(why: string, ready: () => boolean): Task {
  const wait: Wait = { why, ready };
  while (!ready()) yield wait;
}

/** The host's scheduler takes the first vCPU to another processor; returns when it is there. */
export function* moveTo({ l0 }: World, pcpu: number): Task {
  const vcpu = l0.vcpus[0]!;
  const target = l0.pcpus[pcpu]!;
  vcpu.moveTo = target;
  vcpu.kick();
  yield* waitFor(`vCPU on CPU ${pcpu}`, () => vcpu.pcpu === target);
}

/** Takes the vCPU off its processor; returns when it is. */
export function* takeOff(world: World, index: number): Task {
  const vcpu = world.l0.vcpus[index]!;
  world.takeOff(vcpu);
  yield* waitFor(`vCPU ${index} is off`, () => vcpu.pcpu === undefined);
}

/** L1 enters VMX operation and takes its vmcs12 of that number into use. */
export function beginVmx(number = 0, vcpu = 0): readonly Code[] {
  return [vmxon(VMXON_REGION + vcpu * PAGE), vmptrld(vmcs12At(number))];
}

/** What an NMI leads to in real-address mode, and the entry of the vector table that says so. */
export const NMI_HANDLER = 0x9000;
export const NMI_VECTOR = 2 * 4;

export function prepareNmi({ l0 }: World, ...handler: readonly Code[]): void {
  l0.memory.write(NMI_HANDLER, Uint8Array.from(program(...handler)));
}

/** Behind L1's RAM. */
export const EXTRA = 0x1000000;
export const EXTRA_SLOT = 5;

export function addExtraSlot(world: World): void {
  const { vm } = world.l0;
  const hva = vm.mm.map(PAGE, false);
  const slot = { id: EXTRA_SLOT, baseGfn: EXTRA / PAGE, pages: 1, hva, readOnly: false };
  runNow(vm.addSlot(slot));
  world.poke(EXTRA, A);
}

export function* deleteAndFree(world: World): Task {
  const { vm } = world.l0;
  const hva = world.hva(EXTRA);
  yield* vm.deleteSlot(EXTRA_SLOT);
  yield* vm.mm.unmap(hva, hva + PAGE);
}
