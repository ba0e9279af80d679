/**
 * The world of a scenario: logical processors, L0 with one virtual machine, guests of a few
 * instructions, the sanitizer. It has no devices but the ports on which the guests tell what they read.
 */
import { type Core, LAYOUT } from "../core/core.ts";
import { ApicBus } from "../devices/apic-bus.ts";
import { VirtualClock } from "../devices/clock.ts";
import type { AccessSize } from "../devices/device.ts";
import { STATE } from "../generated/state.ts";
import type { StrategyHooks } from "../l0/flush-strategy.ts";
import { PAGE_BYTES } from "../l0/frames.ts";
import type { FlushNote } from "../l0/hardware.ts";
import { Hypervisor } from "../l0/hypervisor.ts";
import type { PolicyStep } from "../l0/policy.ts";
import { MODE, REQ } from "../l0/requests.ts";
import { attachSanitizer } from "../l0/sanitizing.ts";
import type { Actor, Task } from "../l0/scheduler.ts";
import { type KvmEvent, KvmTrace } from "../l0/trace.ts";
import type { Userspace } from "../l0/userspace.ts";
import { MP_STATE, type Vcpu } from "../l0/vcpu.ts";
import type { StartState } from "../loaders/loader.ts";
import { PhysicalMemory } from "../machine/memory.ts";
import { type ResolvedOptions, resolveOptions } from "../machine/options.ts";
import { LogicalProcessor } from "../machine/processor.ts";
import { MachineFeed } from "../sanitizer/core-feed.ts";
import { Sanitizer } from "../sanitizer/sanitizer.ts";
import type { TlbProfile } from "../tables/tlb-profiles.ts";
import type { CoreLease } from "./core-lease.ts";
import { FlushContexts } from "./flush-contexts.ts";
import { CODE, CODE_BYTES, type Code, PORT } from "./program.ts";
import { SliceTimes } from "./slice-times.ts";
import { realMode } from "./start-states.ts";
import { SCENARIO_TLB } from "./tlb.ts";

const MIB = 1 << 20;
const HOST_BYTES = 6 * MIB;
const GUEST_BYTES = 2 * MIB;
/** Instructions of one stay in the guest. */
const SLICE_TICKS = 8;
const SET_UP_STEPS_MAX = 4000;
/** Requests that concern the context in which they are made. */
/** What a read of the APIC's page gives that reaches the APIC; the vCPU's number is added. */
export const APIC_ANSWER = 0x4150_4900;

export interface WorldOptions {
  /** Logical processors; default 1. */
  readonly cpus?: number;
  /** Programs of the vCPUs; vCPU n begins on processor n, or on the first where there are fewer. */
  readonly programs: readonly Code[];
  /** The vCPUs have VMX. */
  readonly nested?: boolean;
  /** With local APICs and the APIC-access page. */
  readonly apic?: boolean;
  /** Words in the first L1 memory, by guest-physical address, over what `prepare` has put there. */
  readonly words?: Readonly<Record<number, number>>;
  /** Guest frames that a zap handles before it may yield. */
  readonly zapBatch?: number;
  /** Registers with which vCPUs begin that are not in real-address mode. */
  readonly start?: (code: number, vcpu: number) => StartState;
  /** Instructions of one stay in the guest; default 8. */
  readonly sliceTicks?: number;
  /** A stay that ends early takes less time, and VM exits and entries take theirs. */
  readonly exactTime?: boolean;
  /** Bytes of the host's memory and of L1's, whole MiB; default 6 and 2. */
  readonly hostBytes?: number;
  readonly guestBytes?: number;
  /** Geometry of the caches of translations; default one that keeps what scenarios touch. */
  readonly tlb?: TlbProfile;
  /** The host hands out at once what was freed last. */
  readonly reusesFrames?: boolean;
  /** L1's memory lies in huge pages of the host. */
  readonly hugePages?: boolean;
  /** More to do before the vCPUs begin: other slots. */
  readonly prepare?: (world: World) => void;
}

/** What a guest has told: a value that it read. */
export interface Reading {
  readonly vcpu: number;
  readonly value: number;
  /** Who: L1, or its guest. */
  readonly level: 1 | 2;
}

export interface RunOptions {
  readonly leftOut?: readonly PolicyStep[];
  readonly sanitize?: boolean;
  /** When and what L0 flushes; KVM's own rules by default. */
  readonly strategy?: StrategyHooks;
  readonly trace?: (event: KvmEvent) => void;
}

export class World {
  readonly l0: Hypervisor;
  readonly sanitizer: Sanitizer | undefined;
  readonly readings: Reading[] = [];
  /** Flushes that L0 has executed. */
  readonly flushes: FlushNote[] = [];
  /** Requests that were made. */
  readonly requests: number[] = [];
  /** What is to be said of the contexts of L0's flushes. */
  readonly contexts = new FlushContexts();
  /** Told in front of each VM entry. */
  onEntry: ((vcpu: Vcpu) => void) | undefined;
  /** The thread whose actor makes a step. */
  private readonly actorOf = new Map<Vcpu, Actor>();
  /** vCPUs that may be on a processor again. */
  private readonly onProcessor = new Set<Vcpu>();
  private readonly readyVcpus = new Set<number>();
  private readonly lease: CoreLease;
  private readonly sliceTicks: number;
  private time = 0;
  private readonly times: SliceTimes | undefined;

  constructor(lease: CoreLease, options: WorldOptions, run: RunOptions = {}) {
    this.lease = lease;
    const { core } = lease;
    const { cpus = 1, apic = false, programs, hostBytes = HOST_BYTES } = options;
    this.sliceTicks = options.sliceTicks ?? SLICE_TICKS;
    if (options.exactTime) this.times = new SliceTimes(core);
    const resolved = machineOf(cpus, run.sanitize ?? false, hostBytes, options.tlb ?? SCENARIO_TLB);
    const base = lease.configure(resolved);
    const memory = new PhysicalMemory(core, base, hostBytes);
    core.exports.resetAll();
    const { nested = false } = options;
    const features = resolved.model.features.filter((name) => nested || name !== "VMX");
    const l0 = new Hypervisor({
      core,
      base,
      hostBytes,
      guestBytes: options.guestBytes ?? GUEST_BYTES,
      cpus,
      vcpus: programs.length,
      model: { ...resolved.model, features },
      userspace: this.userspace(),
      apicMode: apic ? "flexpriority" : "emulated",
      leftOut: run.leftOut ?? [],
      ...(run.strategy && { strategy: run.strategy }),
      hugePages: options.hugePages ?? false,
    });
    this.l0 = l0;
    if (run.sanitize) this.sanitizer = this.makeSanitizer(memory, cpus);
    lease.client = {
      sanitizer: this.sanitizer,
      acknowledgeInterrupt: () => l0.pcpus[l0.hw.pcpu]!.acknowledge(),
    };
    l0.makeVcpus(l0.enterVmxOperation());
    if (apic) this.makeApics();
    l0.hw.onFlush = (note) => this.flushes.push(note);
    this.observe();
    if (run.trace) this.traceTo(run.trace);
    if (options.zapBatch !== undefined) l0.vm.zapBatch = options.zapBatch;
    l0.start();
    l0.frames.reusesAtOnce = options.reusesFrames ?? false;
    for (const pcpu of l0.pcpus) pcpu.isSlow = true;
    for (const thread of l0.threads) thread.beforeStay = () => this.beginSlice();
    for (const actor of l0.scheduler.actors) {
      const index = l0.scheduler.actors.indexOf(actor);
      this.actorOf.set(l0.vcpus[index]!, actor);
    }
    this.startGuests(options);
  }

  private makeSanitizer(memory: PhysicalMemory, cpus: number): Sanitizer {
    const { core } = this.lease;
    const { l0 } = this;
    const world = this;
    const feed = new MachineFeed({
      core,
      memory,
      cpus: Array.from({ length: cpus }, (_, i) => new LogicalProcessor(core, i)),
      get time() {
        return l0.hw.isRunning ? core.exports.virtualTimeNumber() : world.time;
      },
      get executing() {
        return l0.hw.isRunning;
      },
    });
    return new Sanitizer(feed);
  }

  private observe(): void {
    const { l0, sanitizer } = this;
    const inner = sanitizer === undefined ? undefined : attachSanitizer(l0, sanitizer);
    l0.vm.observer = {
      requested: (vcpu, request) => {
        inner?.requested(vcpu, request);
        this.requests.push(request);
        this.contexts.requested(vcpu, request);
      },
      flushed: (vcpu, kind) => {
        inner?.flushed(vcpu, kind);
        this.contexts.flushed(vcpu, kind);
      },
      entering: (vcpu) => {
        inner?.entering(vcpu);
        this.onEntry?.(vcpu);
      },
    };
  }

  private makeApics(): void {
    const clock = new VirtualClock();
    const bus = new ApicBus();
    for (const vcpu of this.l0.vcpus) {
      const bootstrap = vcpu.index === 0;
      this.l0.makeLocalApic(clock, bus, vcpu, {
        apicId: vcpu.index,
        bootstrap,
        x2apicAdvertised: true,
      });
    }
  }

  private traceTo(sink: (event: KvmEvent) => void): void {
    const { l0 } = this;
    const where = () => ({ pcpu: l0.hw.pcpu, actor: l0.scheduler.currentName });
    l0.vm.trace = new KvmTrace(sink, () => this.time, where);
  }

  private startGuests(options: WorldOptions): void {
    const { l0 } = this;
    options.prepare?.(this);
    for (const [gpa, value] of Object.entries(options.words ?? {})) this.poke(Number(gpa), value);
    options.programs.forEach((code, index) => {
      const at = CODE + index * CODE_BYTES;
      l0.memory.write(at, Uint8Array.from(code));
      const vcpu = l0.vcpus[index]!;
      vcpu.start = options.start?.(at, index) ?? realMode(at);
      vcpu.mpState = MP_STATE.runnable;
    });
  }

  get core(): Core {
    return this.lease.core;
  }

  /** Virtual time in ticks. */
  get now(): number {
    return this.time;
  }

  private beginSlice(): void {
    const { core } = this.lease;
    if (this.times !== undefined) this.time = this.times.begin(this.l0.hw.pcpu, this.time);
    core.exports.beginSlice(this.time, this.sliceTicks);
    this.time += this.sliceTicks;
  }

  /** Exact time, and instructions executed, for worlds that ask for it: to be called behind each step. */
  settleTime(): void {
    this.time = this.times?.end(this.l0.hw.pcpu, this.time) ?? this.time;
  }

  /** Instructions that guests have executed; 0 where time is not exact. */
  get instructions(): number {
    return this.times?.instructions ?? 0;
  }

  private userspace(): Userspace {
    return {
      readPort: () => 0,
      writePort: (port, _size, value) => this.hear(port, value),
      readMmio: (vcpu: number, _gpa: number, _size: AccessSize) => APIC_ANSWER + vcpu,
      writeMmio: () => {},
      localApic: () => undefined,
      acknowledge: () => -1,
      syncClock: () => {},
      now: () => this.time,
      reschedule: () => {},
      shutdown: (vcpu) => {
        throw new GuestFault(`vCPU ${vcpu} has shut down`);
      },
      internalError: (_, error) => {
        throw error;
      },
      hasTscDeadline: true,
    };
  }

  private hear(port: number, value: number): void {
    const vcpu = this.l0.pcpus[this.l0.hw.pcpu]!.vcpu!;
    if (port === PORT.value) {
      const level = vcpu.guestMode ? 2 : 1;
      this.readings.push({ vcpu: vcpu.index, value: value >>> 0, level });
      return;
    }
    if (port === PORT.fail) throw new GuestFault(`vCPU ${vcpu.index}: L1 cannot enter L2`);
    if (port === PORT.ready) this.readyVcpus.add(vcpu.index);
    // The fast path would enter again without the thread.
    vcpu.makeRequest(REQ.event);
  }

  // --- what stories do ---

  /** Lets one vCPU after the other run until its guest is ready. @throws Error when one never is. */
  settle(): void {
    const { scheduler, vcpus } = this.l0;
    for (const vcpu of vcpus) {
      const actor = this.actorOf.get(vcpu)!;
      for (let i = 0; !this.readyVcpus.has(vcpu.index); i++) {
        const stuck = typeof actor.at === "object" && !actor.at.ready();
        if (i === SET_UP_STEPS_MAX || stuck) {
          throw new Error(`vCPU ${vcpu.index} does not get ready: ${scheduler.describe()}`);
        }
        scheduler.step(actor);
      }
      this.makeRoom(vcpu);
    }
    this.readings.length = 0;
    this.flushes.length = 0;
    this.requests.length = 0;
  }

  /** Takes a vCPU that is ready off its processor, when others have to share that. */
  private makeRoom(vcpu: Vcpu): void {
    const { pcpus, vcpus, scheduler } = this.l0;
    if (vcpus.length <= pcpus.length) return;
    this.takeOff(vcpu);
    while (vcpu.pcpu !== undefined) scheduler.step(this.actorOf.get(vcpu)!);
  }

  /** The host's scheduler takes the vCPU off its processor, until `putOn`. */
  takeOff(vcpu: Vcpu): void {
    this.onProcessor.delete(vcpu);
    const why = `vCPU ${vcpu.index}: its turn`;
    vcpu.offCpu = { why, ready: () => this.onProcessor.has(vcpu) };
    vcpu.kick();
  }

  putOn(vcpu: Vcpu): void {
    this.onProcessor.add(vcpu);
  }

  /** Starts a thread beside those of the vCPUs. */
  spawn(name: string, task: Task): Actor {
    return this.l0.scheduler.spawn(name, task);
  }

  /** True when a guest has come to its end: it is halted for ever. */
  isFinished(vcpu: Vcpu): boolean {
    return vcpu.mpState === MP_STATE.halted && !vcpu.haltedWithInterrupts;
  }

  /** Userspace address behind guest-physical `gpa`. */
  hva(gpa: number): number {
    const slot = this.l0.vm.slotOf(Math.floor(gpa / PAGE_BYTES))!;
    return slot.hva + gpa - slot.baseGfn * PAGE_BYTES;
  }

  /** Writes a word to L1's memory as userspace does. */
  poke(gpa: number, value: number): void {
    const bytes = [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
    this.l0.vm.writeGuest(gpa, Uint8Array.from(bytes));
  }

  // --- what judges look at ---

  /** APIC-access address with which `pcpu` runs its guest; undefined when none is in force. */
  apicAccessPage(pcpu: number): number | undefined {
    return apicAccessFrame(this.l0, pcpu);
  }

  /** A flush of one context that was carried out in another. */
  get misplaced(): string | undefined {
    return this.contexts.misplaced;
  }

  /** vCPUs that execute in the guest now, with their processors. */
  running(): Generator<{ vcpu: Vcpu; pcpu: number }> {
    return runningVcpus(this.l0);
  }
}

/** Frame of the APIC-access address in force on a processor, which only a judge may look at. */
export function apicAccessFrame({ hw }: Hypervisor, pcpu: number): number | undefined {
  const base = hw.pcpu === pcpu ? LAYOUT.STATE : LAYOUT.CPU_SAVE + pcpu * LAYOUT.STATE_BYTES;
  const hpa = Number(hw.core.u64[(base + STATE.APIC_ACCESS_HPA) >> 3]!);
  return hpa === 1 ? undefined : hpa / PAGE_BYTES;
}

export function* runningVcpus(l0: Hypervisor): Generator<{ vcpu: Vcpu; pcpu: number }> {
  for (const pcpu of l0.pcpus) {
    const { vcpu } = pcpu;
    if (vcpu !== undefined && pcpu.inGuest && vcpu.mode === MODE.inGuest) {
      yield { vcpu, pcpu: pcpu.index };
    }
  }
}

/** By geometry, since two may have one name. */
const machines = new Map<TlbProfile, Map<string, ResolvedOptions>>();

/** The machine of a scenario; the same object for the same arguments. */
function machineOf(
  cpus: number,
  sanitize: boolean,
  memory: number,
  tlb: TlbProfile,
): ResolvedOptions {
  const known = machines.get(tlb) ?? new Map<string, ResolvedOptions>();
  machines.set(tlb, known);
  const key = `${cpus} ${sanitize} ${memory}`;
  const machine =
    known.get(key) ?? resolveOptions({ memory, cpus, tlb, ...(sanitize && { sanitizer: true }) });
  known.set(key, machine);
  return machine;
}

/** The guest cannot go on: its code or tables have become something else. */
export class GuestFault extends Error {}
