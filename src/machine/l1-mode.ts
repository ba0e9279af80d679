/** Mode "l1": L0 between the core and the PC, whose devices are those of L1. */
import type { Core } from "../core/core.ts";
import type { AccessSize } from "../devices/device.ts";
import type { PcPlatform } from "../devices/pc.ts";
import type { PcOptions } from "../devices/pc-options.ts";
import { EVENT } from "../generated/state.ts";
import { codeBytes, linearOf } from "../l0/emulate/decode.ts";
import type { GuestMemory } from "../l0/guest-memory.ts";
import { Hypervisor } from "../l0/hypervisor.ts";
import { attachSanitizer } from "../l0/sanitizing.ts";
import { type KvmEvent, KvmTrace } from "../l0/trace.ts";
import type { Userspace } from "../l0/userspace.ts";
import type { Vcpu } from "../l0/vcpu.ts";
import { MP_STATE } from "../l0/vcpu.ts";
import { MissingFeature } from "../l0/vmcs01.ts";
import type { StartState } from "../loaders/loader.ts";
import type { Sanitizer } from "../sanitizer/sanitizer.ts";
import type { EntryTime } from "./entry-time.ts";
import { OptionError } from "./errors.ts";
import type { MachineHooks } from "./hooks.ts";
import { hostMemoryBytes } from "./host-memory.ts";
import type { ResolvedOptions } from "./options.ts";
import type { LogicalProcessor } from "./processor.ts";
import type { StopReason } from "./stop-reason.ts";

/** What L1Mode asks of its machine. */
export interface L1Machine {
  platform(): PcPlatform;
  syncClock(): void;
  now(): number;
  readonly entryTime: EntryTime;
  stop(reason: StopReason): void;
  hooks(): MachineHooks;
  processor(index: number): LogicalProcessor;
}

const SEG_CS = 1;

export class L1Mode {
  readonly hypervisor: Hypervisor;
  private readonly core: Core;
  private readonly machine: L1Machine;
  private readonly sinks: ((event: KvmEvent) => void)[] = [];

  /** @throws OptionError when the CPU model cannot carry L0. */
  constructor(options: ResolvedOptions, core: Core, base: number, machine: L1Machine) {
    this.core = core;
    this.machine = machine;
    this.hypervisor = new Hypervisor({
      core,
      base,
      hostBytes: hostMemoryBytes(options),
      guestBytes: options.memory,
      cpus: options.pcpus,
      vcpus: options.cpus,
      takesTurns: true,
      model: options.model,
      userspace: this.userspace(options),
      apicMode: (options.parts.apic ?? true) ? options.l0Apic : "emulated",
      leftOut: options.l0Break,
      hugePages: options.l0HugePages,
    });
    core.exports.resetAll();
    try {
      this.hypervisor.makeVcpus(this.hypervisor.enterVmxOperation());
    } catch (error) {
      if (!(error instanceof MissingFeature)) throw error;
      throw new OptionError(`mode l1: CPU model ${options.model.name}: ${error.message}`);
    }
  }

  get memory(): GuestMemory {
    return this.hypervisor.memory;
  }

  get vcpus(): readonly Vcpu[] {
    return this.hypervisor.vcpus;
  }

  readonly makeLocalApic: NonNullable<PcOptions["makeLocalApic"]> = (...args) =>
    this.hypervisor.makeLocalApic(...args);

  start(): void {
    this.hypervisor.start();
  }

  applyStart(start: StartState): void {
    this.hypervisor.applyStart(start);
  }

  /** The next run of the machine: vCPUs that L0 could not go on with try again. */
  resume(): void {
    for (const vcpu of this.vcpus) vcpu.gaveUp = false;
  }

  settle(): void {
    this.hypervisor.settle();
  }

  /** Some thread of L0 can go on though no guest runs. */
  get hasWork(): boolean {
    return this.hypervisor.hasWork;
  }

  isInGuest(pcpu: number): boolean {
    return this.hypervisor.isInGuest(pcpu);
  }

  /** Linear RIP of the vCPU on processor `pcpu`, while L0 acts there. */
  linearRip(pcpu: number): bigint {
    const { hw, pcpus } = this.hypervisor;
    const vcpu = pcpus[pcpu]!.vcpu;
    if (vcpu === undefined) return 0n;
    const before = hw.pcpu;
    hw.switchTo(pcpu);
    const rip = linearOf(vcpu, SEG_CS, vcpu.rip, codeBytes(vcpu));
    hw.switchTo(before);
    return rip;
  }

  /** Brings the machine's time to where processor `pcpu` has entered its guest. */
  payEntry(pcpu: number): void {
    this.machine.entryTime.pay(pcpu);
  }

  runGuest(pcpu: number): number {
    return this.hypervisor.runGuest(pcpu);
  }

  /** Answers the acknowledge cycle of the processor at hand. */
  acknowledge(): number {
    const { pcpus, hw } = this.hypervisor;
    return pcpus[hw.pcpu]!.acknowledge();
  }

  /** When the preemption timer of a halted guest of L1 is due; infinite when none is. */
  get nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { nested } of this.vcpus) next = Math.min(next, nested?.timerDeadline ?? next);
    return next;
  }

  /** Whether an interrupt could wake some vCPU. */
  get isWakeable(): boolean {
    return this.vcpus.some((vcpu) => vcpu.mpState === MP_STATE.halted && vcpu.haltedWithInterrupts);
  }

  /** A reset of the machine: all vCPUs; the first goes on at real-mode address `vector` if given. */
  reset(vector?: number): void {
    for (const vcpu of this.vcpus) vcpu.requestReset(vector);
  }

  /** Tells the sanitizer who acts, which frames L0 frees, and which flushes are asked for. */
  reportTo(sanitizer: Sanitizer): void {
    attachSanitizer(this.hypervisor, sanitizer);
  }

  /** Hands the events of L0 to `sink`, and to those that were given before. */
  trace(sink: (event: KvmEvent) => void): void {
    const { hypervisor, sinks } = this;
    sinks.push(sink);
    hypervisor.vm.trace = new KvmTrace(
      sinks.length === 1 ? sink : (event) => sinks.forEach((each) => void each(event)),
      () => this.machine.now(),
      () => ({ pcpu: hypervisor.hw.pcpu, actor: hypervisor.scheduler.currentName }),
    );
  }

  private userspace(options: ResolvedOptions): Userspace {
    const { machine } = this;
    const watch = (
      index: number,
      address: number,
      size: AccessSize,
      value: number,
      write: boolean,
    ) => {
      const { onMmio } = machine.hooks();
      onMmio?.(machine.processor(index), { address, size, value: value >>> 0, write });
    };
    const processor = () => machine.processor(this.hypervisor.hw.pcpu);
    return {
      readPort: (address, size) => {
        const value = machine.platform().bus.readPort(address, size);
        machine.hooks().onPort?.(processor(), { address, size, value, write: false });
        return value;
      },
      writePort: (address, size, value) => {
        machine.hooks().onPort?.(processor(), { address, size, value: value >>> 0, write: true });
        machine.platform().bus.writePort(address, size, value >>> 0);
      },
      readMmio: (vcpu, gpa, size) => {
        const value = machine.platform().readMmio(vcpu, gpa, size);
        watch(vcpu, gpa, size, value, false);
        return value;
      },
      writeMmio: (vcpu, gpa, size, value) => {
        watch(vcpu, gpa, size, value, true);
        machine.platform().writeMmio(vcpu, gpa, size, value >>> 0);
      },
      localApic: (vcpu) => machine.platform().localApics[vcpu],
      acknowledge: (vcpu) => machine.platform().acknowledge(vcpu),
      syncClock: () => machine.syncClock(),
      now: () => machine.now(),
      entryTime: machine.entryTime,
      reschedule: () => this.core.addEvents(EVENT.RESCHEDULE),
      shutdown: (vcpu) => machine.stop({ kind: "triple-fault", cpu: vcpu }),
      internalError: (cpu, { suberror, message }, trail) =>
        machine.stop({ kind: "internal-error", cpu, suberror, message, trail }),
      hasTscDeadline: options.model.features.includes("TSC_DEADLINE"),
    };
  }
}
