/** The invariants of L0 that concern L2 and its tables, as judges over a run. */
import { FIELD, SECONDARY } from "../generated/vmx.ts";
import { PAGE_BYTES } from "../l0/frames.ts";
import { pagesAt } from "../l0/tdp/spte.ts";
import type { Vcpu } from "../l0/vcpu.ts";
import type { Judge, Judged } from "./invariants.ts";

const hex = (value: number) => `0x${value.toString(16)}`;

/** Leaf entries of tables for L2: EPT02, and those of L2 without EPT12. */
function* leafsOfL2({ l0: { vm } }: Judged): Generator<{ pfn: number; level: number }> {
  yield* vm.shadow.leafs();
  for (const root of vm.tdp.roots) if (root.role.guestMode) yield* vm.tdp.leafs(root);
}

/** I2 for EPT02: an entry for a frame that is free. */
export function staleEntryOfL2(world: Judged): string | undefined {
  const { frames } = world.l0;
  for (const { pfn, level } of leafsOfL2(world)) {
    for (let i = 0; i < pagesAt(level); i++) {
      if (frames.isFree(pfn + i))
        return `an entry of EPT02 leads to the free frame ${hex(pfn + i)}`;
    }
  }
  return undefined;
}

/** I4: a flush of one context, asked for in one and carried out in another. */
export function flushInOtherContext(world: Judged): Judge {
  const found = () => world.misplaced;
  return { afterStep: found, beforeEntry: found };
}

/** Root frames that a vCPU has at hand. */
function rootsOf({ root, nested }: Vcpu): number[] {
  const roots = [root, nested?.root01, nested?.directRoot, nested?.shadowRoot?.page];
  return roots.flatMap((one) => (one === undefined ? [] : [one.pfn]));
}

/** I5: a frame that is a root once more runs only behind a flush of its EP4TA on that processor. */
export function rootWithoutFlush(world: Judged): Judge {
  const { l0, flushes } = world;
  const made = new Map<number, number>();
  const flushed = new Map<string, number>();
  const used = new Map<string, number>();
  let order = 0;
  let seen = flushes.length;
  for (const vcpu of l0.vcpus) {
    for (const pfn of rootsOf(vcpu)) used.set(`${vcpu.lastPcpu} ${pfn}`, ++order);
  }
  const look = () => {
    for (; seen < flushes.length; seen++) {
      const { instruction, tag, pcpu } = flushes[seen]!;
      if (instruction === "invept") flushed.set(`${pcpu} ${tag / PAGE_BYTES}`, ++order);
    }
  };
  l0.frames.onAllocate = (pfn) => {
    look();
    made.set(pfn, ++order);
  };
  return {
    beforeEntry: (vcpu) => {
      look();
      const { pcpu } = l0.hw;
      const pfn = Math.floor(l0.hw.readAddress(FIELD.eptp) / PAGE_BYTES);
      const key = `${pcpu} ${pfn}`;
      const before = used.get(key);
      used.set(key, ++order);
      if (before === undefined || (made.get(pfn) ?? 0) < before) return undefined;
      if (Math.max(flushed.get(key) ?? 0, flushed.get(`${pcpu} 0`) ?? 0) > before) return undefined;
      return `vCPU ${vcpu.index} enters with a new root in frame ${hex(pfn)}, where one lay before`;
    },
  };
}

/** I8: L0's own APIC-access page in a table of L2, or in vmcs02. */
export function ownPageInL2(world: Judged): string | undefined {
  const { vm } = world.l0;
  const slot = vm.apicAccessSlot();
  if (slot === undefined) return undefined;
  const own = vm.mm.frameOf(slot.hva);
  for (const { pfn } of leafsOfL2(world)) {
    if (pfn === own) return `L0's APIC-access page, frame ${hex(pfn)}, is mapped for L2`;
  }
  return undefined;
}

/** The frame of APIC_ACCESS_ADDR with which L2 is about to run. */
function apicPageOfL2({ l0: { hw } }: Judged, vcpu: Vcpu): number | undefined {
  if (!vcpu.guestMode) return undefined;
  const controls = hw.read(FIELD.secondary_proc_controls);
  if ((controls & SECONDARY.virtualize_apic_accesses) === 0) return undefined;
  return hw.readAddress(FIELD.apic_access_addr) / PAGE_BYTES;
}

export function ownPageInVmcs02(world: Judged, vcpu: Vcpu): string | undefined {
  const page = apicPageOfL2(world, vcpu);
  const slot = world.l0.vm.apicAccessSlot();
  if (page === undefined || slot === undefined) return undefined;
  if (page !== world.l0.vm.mm.frameOf(slot.hva)) return undefined;
  return `vCPU ${vcpu.index} enters L2 with L0's APIC-access page, frame ${hex(page)}`;
}

/** I9: a page that vmcs02 names is free although L2 is active. */
export function freePageOfVmcs12({ l0 }: Judged): string | undefined {
  for (const { nested, guestMode, index } of l0.vcpus) {
    if (nested === undefined || !guestMode) continue;
    for (const [name, pfn] of Object.entries(nested.pinned)) {
      if (pfn === undefined || !l0.frames.isFree(pfn)) continue;
      return `vCPU ${index} has L2 active with ${name} in the free frame ${hex(pfn)}`;
    }
  }
  return undefined;
}
