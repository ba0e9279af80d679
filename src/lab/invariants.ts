/** The invariants of L0 as judges over a run: each says what is wrong as soon as it sees it. */
import { FIELD, SECONDARY } from "../generated/vmx.ts";
import { PAGE_BYTES, POISON } from "../l0/frames.ts";
import { hvaOf } from "../l0/memslots.ts";
import { REQ, requestName } from "../l0/requests.ts";
import { pagesAt } from "../l0/tdp/spte.ts";
import type { Vcpu } from "../l0/vcpu.ts";
import {
  flushInOtherContext,
  freePageOfVmcs12,
  ownPageInL2,
  ownPageInVmcs02,
  rootWithoutFlush,
  staleEntryOfL2,
} from "./l2-invariants.ts";
import type { World } from "./world.ts";

/** What judges look at. */
export type Judged = Pick<
  World,
  "l0" | "readings" | "flushes" | "misplaced" | "apicAccessPage" | "running"
>;

export type InvariantId = "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "I9";

export const INVARIANTS: Readonly<Record<InvariantId, string>> = {
  I1: "no guest uses a page that L0's userspace has given back",
  I2: "no entry of L0's tables leads to a frame that the primary MMU has taken away",
  I3: "APIC_ACCESS_ADDR in force names the frame that the primary MMU has",
  I4: "a flush of one context is carried out while that context is loaded",
  I5: "a frame that is a root once more is used only behind a flush of its EP4TA there",
  I6: "a VMCS runs on another processor only behind a flush of all contexts there",
  I7: "no guest is entered while a request waits that was made before the last test",
  I8: "L0's APIC-access page is in no table of L2, and not in vmcs02",
  I9: "no page that vmcs12 names is freed while L2 is active",
};

/** One invariant over one run. */
export interface Judge {
  afterStep?(step: string): string | undefined;
  beforeEntry?(vcpu: Vcpu): string | undefined;
  atEnd?(): string | undefined;
}

const POISON_WORD = (POISON * 0x01010101) >>> 0;

const JUDGES: Readonly<Record<InvariantId, (world: Judged) => Judge>> = {
  I1: (world) => {
    let seen = 0;
    const look = () => {
      for (; seen < world.readings.length; seen++) {
        const { vcpu, value } = world.readings[seen]!;
        if (value === POISON_WORD) return `vCPU ${vcpu} has read a page that was given back`;
      }
      return undefined;
    };
    return { afterStep: look, atEnd: look };
  },
  I2: (world) => ({
    // Entries are installed at these steps, and frames change hands there.
    afterStep: (step) =>
      /map|change|count|ept_page_fault/.test(step)
        ? (staleEntry(world) ?? staleEntryOfL2(world))
        : undefined,
    atEnd: () => staleEntry(world) ?? staleEntryOfL2(world),
  }),
  I3: (world) => ({
    afterStep: () => runsWithFreedPage(world),
    beforeEntry: (vcpu) => apicPageAtEntry(world, vcpu),
  }),
  I4: flushInOtherContext,
  I5: rootWithoutFlush,
  I6: entryWithoutFlush,
  I7: () => ({
    beforeEntry: (vcpu) => {
      const waiting = vcpu.requests & MUST_BE_SERVED;
      if (waiting === 0) return undefined;
      const bit = waiting & -waiting;
      return `vCPU ${vcpu.index} enters although ${requestName(bit)} waits`;
    },
  }),
  I8: (world) => ({
    afterStep: () => ownPageInL2(world),
    beforeEntry: (vcpu) => ownPageInVmcs02(world, vcpu),
  }),
  I9: (world) => ({ afterStep: () => freePageOfVmcs12(world) }),
};

const MUST_BE_SERVED =
  REQ.mmuFreeObsoleteRoots |
  REQ.tlbFlush |
  REQ.tlbFlushCurrent |
  REQ.tlbFlushGuest |
  REQ.apicPageReload |
  REQ.apicvUpdate;

export function judgeOf(id: InvariantId, world: Judged): Judge {
  return JUDGES[id](world);
}

/** An entry for a free frame; with no change under way, one for another frame than the primary MMU's. */
function staleEntry(world: Judged): string | undefined {
  const { vm, frames } = world.l0;
  const quiet = vm.invalidation.activeCount === 0;
  for (const root of vm.tdp.roots) {
    for (const { gfn, level, pfn } of vm.tdp.leafs(root)) {
      for (let i = 0; i < pagesAt(level); i++) {
        if (frames.isFree(pfn + i)) {
          return `guest frame ${hex(gfn + i)} is mapped to the free frame ${hex(pfn + i)}`;
        }
        const slot = quiet && !root.invalid ? vm.slotOf(gfn + i) : undefined;
        if (slot === undefined) continue;
        const now = vm.mm.frameOf(hvaOf(slot, gfn + i));
        if (now !== pfn + i) {
          const lies = now === undefined ? "nowhere" : `in ${hex(now)}`;
          return `guest frame ${hex(gfn + i)} is mapped to frame ${hex(pfn + i)} and lies ${lies}`;
        }
      }
    }
  }
  return undefined;
}

function runsWithFreedPage(world: Judged): string | undefined {
  for (const { vcpu, pcpu } of world.running()) {
    const page = world.apicAccessPage(pcpu);
    if (page !== undefined && world.l0.frames.isFree(page)) {
      return `vCPU ${vcpu.index} runs with APIC_ACCESS_ADDR in the free frame ${hex(page)}`;
    }
  }
  return undefined;
}

function apicPageAtEntry(world: Judged, vcpu: Vcpu): string | undefined {
  const { vm, hw, frames } = world.l0;
  const slot = vm.apicAccessSlot();
  if (slot === undefined || vcpu.guestMode) return undefined;
  const controls = hw.read(FIELD.secondary_proc_controls);
  if ((controls & SECONDARY.virtualize_apic_accesses) === 0) return undefined;
  const page = hw.readAddress(FIELD.apic_access_addr) / PAGE_BYTES;
  const enters = `vCPU ${vcpu.index} enters with APIC_ACCESS_ADDR in`;
  if (frames.isFree(page)) return `${enters} the free frame ${hex(page)}`;
  const now = vm.mm.frameOf(hvaOf(slot, slot.baseGfn));
  if (vm.invalidation.activeCount > 0 || now === page) return undefined;
  return `${enters} frame ${hex(page)}, the page lies in ${now === undefined ? "none" : hex(now)}`;
}

/** Each VMCS with the processor and the moment of its last entry; each processor with its last flush. */
function entryWithoutFlush(world: Judged): Judge {
  const entered = new Map<number, { pcpu: number; order: number }>();
  const flushed = new Map<number, number>();
  let order = 0;
  let seen = 0;
  return {
    beforeEntry: (vcpu) => {
      for (; seen < world.flushes.length; seen++) {
        const { instruction, tag, pcpu } = world.flushes[seen]!;
        if (instruction === "invept" && tag === 0) flushed.set(pcpu, ++order);
      }
      const { hpa } = vcpu.loadedVmcs;
      const pcpu = world.l0.hw.pcpu;
      const before = entered.get(hpa);
      entered.set(hpa, { pcpu, order: ++order });
      if (before === undefined || before.pcpu === pcpu) return undefined;
      if ((flushed.get(pcpu) ?? 0) > before.order) return undefined;
      return `vCPU ${vcpu.index} came from CPU ${before.pcpu} to ${pcpu}, where nothing was flushed`;
    },
  };
}

const hex = (value: number) => `0x${value.toString(16)}`;
