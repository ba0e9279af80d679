/** The invariants I1 to I9 over a case of the fuzz test. */
import type { Machine } from "../../../src/index.ts";
import type { FlushNote } from "../../../src/l0/hardware.ts";
import type { Vcpu } from "../../../src/l0/vcpu.ts";
import type { VmObserver } from "../../../src/l0/vm.ts";
import { FlushContexts } from "../../../src/lab/flush-contexts.ts";
import {
  INVARIANTS,
  type InvariantId,
  type Judge,
  type Judged,
  judgeOf,
} from "../../../src/lab/invariants.ts";
import { apicAccessFrame, runningVcpus } from "../../../src/lab/world.ts";

/** Judges that walk all tables look behind one step in so many. */
const WALK_EVERY = 24;
const WALKERS: ReadonlySet<string> = new Set(["I2", "I8"]);
/** Entries between two looks at what is cached. */
const CACHES_EVERY = 150;

export class Judges {
  private readonly machine: Machine;
  private readonly fail: (message: string) => void;
  private readonly judges: readonly { readonly id: string; readonly judge: Judge }[];
  private readonly contexts = new FlushContexts();
  private steps = 0;
  private entries = 0;
  private l2Count = 0;

  constructor(machine: Machine, fail: (message: string) => void) {
    this.machine = machine;
    this.fail = fail;
    const l0 = machine.l1!.hypervisor;
    const { contexts } = this;
    const flushes: FlushNote[] = [];
    const judged: Judged = {
      l0,
      readings: [],
      flushes,
      get misplaced() {
        return contexts.misplaced;
      },
      apicAccessPage: (pcpu) => apicAccessFrame(l0, pcpu),
      running: () => runningVcpus(l0),
    };
    l0.hw.onFlush = (note) => flushes.push(note);
    const { sanitizer } = machine;
    l0.vm.observer = this.observer(l0.vm.observer);
    this.judges = (Object.keys(INVARIANTS) as InvariantId[]).map((id) => ({
      id,
      judge: judgeOf(id, judged),
    }));
    if (sanitizer !== undefined) {
      sanitizer.onReport = ({ level, kind, message, reuse }) => {
        // Userspace writes to a page of L1's that L0 is about to take: the page is still L1's.
        const isOwnPage = reuse?.how === "written" && reuse.site.layer === "host";
        // A vCPU flushes for its guest while another thread is between its zap and its flush, which the
        // dirty log makes behind mmu_lock.
        const { mmuLock, slotsLock } = l0.vm;
        const isZapping = kind === "wrong-scope" && (mmuLock.isWriteHeld || slotsLock.isHeld);
        if (level === "error" && !isOwnPage && !isZapping) fail(`sanitizer: ${kind}: ${message}`);
      };
    }
  }

  /** Entries to L2 so far. */
  get l2Entries(): number {
    return this.l2Count;
  }

  private observer(inner: VmObserver | undefined): VmObserver {
    return {
      requested: (vcpu, request) => {
        inner?.requested(vcpu, request);
        this.contexts.requested(vcpu, request);
      },
      flushed: (vcpu, kind) => {
        inner?.flushed(vcpu, kind);
        this.contexts.flushed(vcpu, kind);
      },
      entering: (vcpu) => {
        inner?.entering(vcpu);
        this.beforeEntry(vcpu);
      },
    };
  }

  private beforeEntry(vcpu: Vcpu): void {
    if (vcpu.guestMode) this.l2Count++;
    for (const { id, judge } of this.judges) this.note(id, judge.beforeEntry?.(vcpu));
    if (++this.entries % CACHES_EVERY === 0) this.note("I1", this.freeFrameInCaches(vcpu));
  }

  afterStep(step: string): void {
    const walks = ++this.steps % WALK_EVERY === 0;
    for (const { id, judge } of this.judges) {
      if (walks || !WALKERS.has(id)) this.note(id, judge.afterStep?.(step));
    }
  }

  /** I1: what the vCPU that enters could use of its processor's caches leads to no free frame. */
  private freeFrameInCaches(vcpu: Vcpu): string | undefined {
    const { frames, hw } = this.machine.l1!.hypervisor;
    const caches = this.machine.tlb.processors[hw.pcpu]!;
    const ep4ta = vcpu.root === undefined ? -1 : vcpu.root.pfn * 4096;
    for (const { entries } of caches.arrays) {
      for (const entry of entries) {
        if (entry.type === "structure" || entry.tag.ep4ta !== ep4ta) continue;
        if (!frames.isFree(Math.floor(entry.hpa / 4096))) continue;
        return `vCPU ${vcpu.index} enters with the free frame at ${entry.hpa.toString(16)} cached`;
      }
    }
    return undefined;
  }

  atEnd(): void {
    for (const { id, judge } of this.judges) this.note(id, judge.atEnd?.());
    const { vm } = this.machine.l1!.hypervisor;
    if (vm.invalidation.inProgress !== 0) this.fail("an invalidation never ended");
    if (vm.mmuLock.isWriteHeld) this.fail("mmu_lock is held for ever");
  }

  private note(id: string, message: string | undefined): void {
    if (message !== undefined) this.fail(`${id}: ${message}`);
  }
}
