/** What several stories share: pages of L1's memory, and promises about what guests read. */
import { PAGE_BYTES } from "../../l0/frames.ts";
import type { Task } from "../../l0/scheduler.ts";
import type { OwnPromise } from "../scenario.ts";
import type { World } from "../world.ts";

export const PAGE = PAGE_BYTES;
/** Pages that the stories are about. */
export const DATA = 0x10000;
/** A word that ends the guests' loops. */
export const FLAG = 0x20000;
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
