/** L0 as a whole: its memory, logical processors, one virtual machine and the threads of its vCPUs. */
import type { Core } from "../core/core.ts";
import type { ApicBus } from "../devices/apic-bus.ts";
import type { Clock, ProcessorPins } from "../devices/device.ts";
import type { LocalApicOptions } from "../devices/local-apic.ts";
import { ramLayout } from "../devices/pc-options.ts";
import type { StartState } from "../loaders/loader.ts";
import type { CpuModel } from "../tables/cpu-models.ts";
import { KvmLapic } from "./apic/kvm-lapic.ts";
import { VcpuApic } from "./apic/vcpu-apic.ts";
import { GuestCpuid } from "./cpuid.ts";
import type { StrategyHooks } from "./flush-strategy.ts";
import { Frames, PAGE_BYTES } from "./frames.ts";
import { GuestMemory } from "./guest-memory.ts";
import { Hardware } from "./hardware.ts";
import { GuestMsrs } from "./msrs.ts";
import { Nested } from "./nested/state.ts";
import { Pcpu } from "./pcpu.ts";
import { Policy, type PolicyStep } from "./policy.ts";
import { RunQueue } from "./run-queue.ts";
import { type Actor, runNow, Scheduler } from "./scheduler.ts";
import type { Userspace } from "./userspace.ts";
import { Vcpu } from "./vcpu.ts";
import { VcpuThread } from "./vcpu-run.ts";
import { Vm } from "./vm.ts";
import { type ApicMode, setUpVmcsConfig, type VmcsConfig } from "./vmcs01.ts";

const HIGH_GFN = 0x1_0000_0000 / PAGE_BYTES;
/** Steps of one thread before the next has its turn. */
const STEPS_IN_A_ROW = 64;
/** Turns of each thread before the guests have theirs. */
const SETTLE_ROUNDS = 64;

/** A thread that is not in the guest and waits for nothing. */
function canStep({ at, done }: Actor): boolean {
  if (done) return false;
  return typeof at === "string" || (!("run" in at) && at.ready());
}

export interface HypervisorOptions {
  readonly core: Core;
  /** Pointer of host-physical address 0, and how much memory L0 has from there. */
  readonly base: number;
  readonly hostBytes: number;
  /** RAM of L1. */
  readonly guestBytes: number;
  /** Logical processors that L0 has. */
  readonly cpus: number;
  /** vCPUs of L1; default: as many. */
  readonly vcpus?: number;
  /** Threads take turns on the processors where there are more vCPUs; else they stay where they are. */
  readonly takesTurns?: boolean;
  /** The processor that L1 is given. */
  readonly model: CpuModel;
  readonly userspace: Userspace;
  readonly apicMode: ApicMode;
  readonly leftOut?: readonly PolicyStep[];
  /** When and what L0 flushes; KVM's own rules by default. */
  readonly strategy?: StrategyHooks;
  /** Huge pages may back L1's memory; default true. */
  readonly hugePages?: boolean;
}

export class Hypervisor {
  readonly hw: Hardware;
  readonly frames: Frames;
  readonly pcpus: readonly Pcpu[];
  readonly scheduler = new Scheduler();
  readonly vm: Vm;
  readonly memory: GuestMemory;
  readonly vcpus: readonly Vcpu[] = [];
  readonly threads: VcpuThread[] = [];
  config!: VmcsConfig;
  private readonly options: HypervisorOptions;
  private readonly queue: RunQueue | undefined;
  private readonly actors: Actor[] = [];
  private readonly lapics = new Map<ProcessorPins, KvmLapic>();

  constructor(options: HypervisorOptions) {
    this.options = options;
    const { core, base, hostBytes, guestBytes, cpus } = options;
    this.hw = new Hardware(core);
    this.frames = new Frames(core, base, 1, hostBytes / PAGE_BYTES);
    this.pcpus = Array.from({ length: cpus }, (_, i) => new Pcpu(i, this.hw));
    const { hw, frames, pcpus, scheduler } = this;
    const policy = new Policy(options.leftOut);
    const { strategy } = options;
    const now = () => options.userspace.now();
    this.vm = new Vm({ hw, frames, pcpus, scheduler, policy, now, ...(strategy && { strategy }) });
    if (options.takesTurns && (options.vcpus ?? cpus) > cpus) {
      this.queue = new RunQueue(pcpus, () => options.userspace.now());
    }
    const { lowBytes, highBytes } = ramLayout(guestBytes);
    this.addRam(0, 0, lowBytes);
    if (highBytes > 0) this.addRam(1, HIGH_GFN, highBytes);
    this.memory = new GuestMemory(this.vm, guestBytes);
  }

  private addRam(id: number, baseGfn: number, bytes: number): void {
    const hva = this.vm.mm.map(bytes, this.options.hugePages ?? true);
    const pages = bytes / PAGE_BYTES;
    runNow(this.vm.addSlot({ id, baseGfn, pages, hva, readOnly: false }));
  }

  /** Makes the vCPUs, which the machine's devices need as pins. Processors are not touched. */
  makeVcpus(config: VmcsConfig): void {
    const { vm, options } = this;
    this.config = config;
    const count = options.vcpus ?? options.cpus;
    const cpuid = new GuestCpuid(options.model, count);
    for (let index = 0; index < count; index++) {
      const vcpu = new Vcpu({ vm, index, config, userspace: options.userspace });
      vcpu.msrs = new GuestMsrs(options.model);
      vcpu.cpuid = cpuid;
      if (vcpu.msrs.has("VMX")) vcpu.nested = new Nested(vcpu);
      (this.vcpus as Vcpu[]).push(vcpu);
    }
  }

  /** Enters VMX operation on every processor, and reads what it can do. */
  enterVmxOperation(): VmcsConfig {
    const { core } = this.hw;
    let config: VmcsConfig | undefined;
    for (const pcpu of this.pcpus) {
      this.hw.switchTo(pcpu.index);
      config = setUpVmcsConfig(this.hw, this.options.apicMode);
      const region = this.frames.allocate();
      core.u32[this.frames.words(region)] = config.revision & 0x7fffffff;
      this.hw.vmxon(region * PAGE_BYTES);
    }
    this.hw.switchTo(0);
    return config!;
  }

  /** Makes the local APIC of the vCPU whose pins are given. */
  makeLocalApic(
    clock: Clock,
    bus: ApicBus,
    pins: ProcessorPins,
    options: LocalApicOptions,
  ): KvmLapic {
    const vcpu = pins as Vcpu;
    const onBaseChange = () => {
      options.onBaseChange?.();
      vcpu.apic?.baseChanged();
    };
    const lapic = new KvmLapic(clock, bus, pins, { ...options, onBaseChange });
    this.lapics.set(pins, lapic);
    return lapic;
  }

  /** Starts the threads of the vCPUs, each on a processor of its own. */
  start(): void {
    for (const vcpu of this.vcpus) {
      vcpu.apic = new VcpuApic(vcpu, this.lapics.get(vcpu));
    }
    if (this.config.flexpriority && this.lapics.size > 0) runNow(this.vm.allocApicAccessPage());
    for (const vcpu of this.vcpus) {
      vcpu.queue = this.queue;
      const thread = new VcpuThread(vcpu);
      this.threads.push(thread);
      const task = thread.run(this.pcpus[vcpu.index % this.pcpus.length]!);
      const resume = () => {
        if (vcpu.pcpu !== undefined) this.hw.switchTo(vcpu.pcpu.index);
      };
      this.actors.push(this.scheduler.spawn(`vCPU ${vcpu.index}`, task, resume));
    }
  }

  /** The registers with which an image is entered. */
  applyStart(start: StartState): void {
    this.vcpus[0]!.start = start;
  }

  /**
   * Lets all threads go on until each is in the guest or waits; a thread that never waits keeps the
   * guests from running for no longer than some rounds.
   */
  settle(): void {
    const { scheduler } = this;
    let moved = true;
    for (let round = 0; moved && round < SETTLE_ROUNDS; round++) {
      moved = false;
      for (const actor of [...scheduler.actors]) {
        for (let i = 0; i < STEPS_IN_A_ROW && canStep(actor); i++) {
          scheduler.step(actor);
          moved = true;
        }
      }
    }
  }

  /** Some thread of L0 can go on. */
  get hasWork(): boolean {
    return this.scheduler.actors.some(canStep);
  }

  /** The thread whose vCPU is in the guest on processor `pcpu`. */
  private threadOn(pcpu: number): number {
    const { vcpu } = this.pcpus[pcpu]!;
    return vcpu === undefined ? -1 : vcpu.index;
  }

  isInGuest(pcpu: number): boolean {
    const index = this.threadOn(pcpu);
    return index >= 0 && this.threads[index]!.isInGuest;
  }

  /** Runs the guest on `pcpu` until the slice ends or its thread has to go on: a reason of STOP. */
  runGuest(pcpu: number): number {
    const index = this.threadOn(pcpu);
    this.scheduler.step(this.actors[index]!);
    this.queue?.tick(this.pcpus[pcpu]!);
    return this.threads[index]!.lastStop;
  }
}
