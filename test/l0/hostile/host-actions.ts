/** What L0's userspace and the host's memory management do while the hostile L1 runs. */
import { getDirtyLog, setDirtyLogging } from "../../../src/l0/dirty-log.ts";
import type { Hypervisor } from "../../../src/l0/hypervisor.ts";
import { hvaOf, PRIVATE_SLOT } from "../../../src/l0/memslots.ts";
import type { Task } from "../../../src/l0/scheduler.ts";
import {
  DATA_PAGES,
  EXTRA_GPA,
  EXTRA_PAGES,
  EXTRA_SLOT,
  PAGE,
  PLAYGROUND_PAGES,
  page,
} from "./memory-map.ts";
import type { Random } from "./random.ts";

const RAM_SLOT = 0;
const MEMORY = [
  "migrate",
  "remap",
  "munmap",
  "share",
  "merge",
  "swapOut",
  "collapse",
  "split",
] as const;
const OTHER = ["slot", "apicPage", "inhibit", "move", "reset", "nmi", "dirtyLog"] as const;

export interface HostAction {
  readonly kind: (typeof MEMORY)[number] | (typeof OTHER)[number];
  /** Page of the playground, or of another area for some kinds. */
  readonly page: number;
  readonly count: number;
}

export function anyHostAction(random: Random): HostAction {
  const kind = random.oneIn(3) ? random.pick(OTHER) : random.pick(MEMORY);
  const data = random.oneIn(2);
  return {
    kind,
    page: data ? random.pick(DATA_PAGES) : random.below(PLAYGROUND_PAGES),
    count: 1 + random.below(random.oneIn(4) ? 16 : 2),
  };
}

function hvaOfPage(l0: Hypervisor, gpa: number): number | undefined {
  const slot = l0.vm.slotOf(gpa / PAGE);
  return slot === undefined ? undefined : hvaOf(slot, gpa / PAGE);
}

/** The thread that carries the action out. */
export function* perform(l0: Hypervisor, action: HostAction): Task {
  const { vm } = l0;
  const { mm } = vm;
  // The extra slot is where it may hurt; elsewhere memory only moves.
  const extra = EXTRA_GPA + (action.page % EXTRA_PAGES) * PAGE;
  const start = hvaOfPage(l0, page(action.page));
  const other = hvaOfPage(l0, page((action.page + 1) % PLAYGROUND_PAGES));
  const inExtra = hvaOfPage(l0, extra);
  if (start === undefined || other === undefined) return;
  const end = start + action.count * PAGE;
  const vcpu = l0.vcpus[action.page % l0.vcpus.length]!;
  switch (action.kind) {
    case "migrate":
      yield* mm.migrate(start, end);
      return;
    case "remap":
      yield* mm.remap(start, start + PAGE);
      return;
    case "munmap":
      if (inExtra !== undefined) yield* mm.unmap(inExtra, inExtra + PAGE);
      return;
    case "share":
      yield* mm.share(start);
      return;
    case "merge":
      yield* mm.merge(start, other);
      return;
    case "swapOut":
      yield* mm.swapOut(start);
      return;
    case "collapse":
      yield* mm.collapse(start);
      return;
    case "split":
      yield* mm.split(start);
      return;
    case "slot":
      yield* toggleSlot(l0);
      return;
    case "apicPage": {
      const slot = vm.apicAccessSlot();
      if (slot !== undefined) yield* mm.migrate(slot.hva, slot.hva + PAGE);
      return;
    }
    case "inhibit":
      yield* vm.setApicvInhibit(2, action.count > 1);
      return;
    case "move":
      if (l0.vcpus.length > 1) return;
      vcpu.moveTo = l0.pcpus[action.count % l0.pcpus.length]!;
      vcpu.kick();
      return;
    case "nmi":
      vcpu.nmi();
      return;
    case "dirtyLog":
      yield* useDirtyLog(l0, action.count);
      return;
    case "reset":
      if (action.count > 8) vcpu.requestReset(undefined);
  }
}

/** Begins the log of RAM, reads it, or ends it. */
function* useDirtyLog({ vm }: Hypervisor, count: number): Task {
  const isOn = vm.memslots[0]!.byId(RAM_SLOT)!.dirty !== undefined;
  if (!isOn || count > 12) yield* setDirtyLogging(vm, RAM_SLOT, !isOn);
  else yield* getDirtyLog(vm, RAM_SLOT);
}

/** Deletes the extra slot or adds it anew, over other memory. */
function* toggleSlot({ vm }: Hypervisor): Task {
  const slot = vm.memslots[0]!.byId(EXTRA_SLOT);
  if (slot === undefined) {
    const hva = vm.mm.map(EXTRA_PAGES * PAGE, false);
    const baseGfn = EXTRA_GPA / PAGE;
    yield* vm.addSlot({ id: EXTRA_SLOT, baseGfn, pages: EXTRA_PAGES, hva, readOnly: false });
    return;
  }
  const { hva } = slot;
  yield* vm.deleteSlot(EXTRA_SLOT);
  yield* vm.mm.unmap(hva, hva + EXTRA_PAGES * PAGE);
}

export { PRIVATE_SLOT };
