/**
 * The machine: processors, memory and platform around one core, and the loop that runs them.
 *
 * Time is virtual and counted in ticks; processors take turns of a quantum that the seed draws.
 */
import { Core, MACHINE_WORD, STOP } from "../core/core.ts";
import { VirtualClock } from "../devices/clock.ts";
import { exitStatus } from "../devices/debug-exit.ts";
import type { MmioRange, PortRange } from "../devices/device.ts";
import type { PcPlatform } from "../devices/pc.ts";
import { EVENT, STATE } from "../generated/state.ts";
import {
  type ImageFormat,
  type LoadedImage,
  type LoadOptions,
  loadAs,
  loadImage,
} from "../loaders/loader.ts";
import { sanitizerImports } from "../sanitizer/core-feed.ts";
import type { Sanitizer } from "../sanitizer/sanitizer.ts";
import { readTlb } from "../tlb/snapshot.ts";
import type { TlbSnapshot } from "../tlb/snapshot-types.ts";
import { walkLinear } from "../tlb/walk.ts";
import type { Walk, WalkAccess } from "../tlb/walk-types.ts";
import { type MachineCounters, readCounters } from "./counters.ts";
import { EntryTime } from "./entry-time.ts";
import { MachineStateError, OptionError } from "./errors.ts";
import type { MachineHooks, RunOptions } from "./hooks.ts";
import { hostMemoryBytes } from "./host-memory.ts";
import { L1Mode } from "./l1-mode.ts";
import { type GuestPhysicalMemory, PhysicalMemory } from "./memory.ts";
import { type MachineOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { makePlatform } from "./platform.ts";
import { platformImports } from "./platform-imports.ts";
import { LogicalProcessor } from "./processor.ts";
import { makeSanitizer } from "./sanitizing.ts";
import { SerialPort } from "./serial-port.ts";
import { configureCore } from "./setup.ts";
import type { StopReason } from "./stop-reason.ts";
import { Turns } from "./turns.ts";
import type { VmEntryFailure } from "./vmx-events.ts";
import { Watch } from "./watch.ts";
import { yieldToEventLoop } from "./yield.ts";

/** Wall time after which a run lets the event loop have its turn, in milliseconds. */
const YIELD_MS = 20;

export class Machine {
  readonly options: ResolvedOptions;
  readonly core: Core;
  /** What the image sees as physical memory. */
  readonly memory: GuestPhysicalMemory;
  /** Host-physical memory; in mode "l1" it is L0's, else the image's own. */
  readonly hostMemory: PhysicalMemory;
  /** The hypervisor in mode "l1". */
  readonly l1: L1Mode | undefined;
  /** Logical processors; in mode "l1" L0 runs the image's processors on them. */
  readonly cpus: readonly LogicalProcessor[];
  readonly platform: PcPlatform;
  readonly serial: readonly SerialPort[];
  readonly clock: VirtualClock;
  /** Follows cached translations; undefined unless asked for. */
  sanitizer: Sanitizer | undefined;
  /** What was loaded last. */
  image: LoadedImage | undefined;
  private firmware: LoadedImage["firmware"];

  private readonly watch: Watch;
  private pendingStop: StopReason | undefined;
  /** The machine is to start again through its firmware. */
  private restartPending = false;
  private running = false;
  private inSlice = false;
  private disposed = false;
  private sleeping = false;
  private current = 0;
  private readonly turns: Turns;
  private retired = 0;
  /** Ends a pause because input has come. */
  private wake: (() => void) | undefined;
  /** Ends a pause because the run is to stop. */
  private interrupt: (() => void) | undefined;

  private constructor(
    options: ResolvedOptions,
    core: Core,
    base: number,
    clock: VirtualClock,
    watch: Watch,
  ) {
    this.options = options;
    this.core = core;
    this.clock = clock;
    this.watch = watch;
    const isL1 = options.mode === "l1";
    this.hostMemory = new PhysicalMemory(
      core,
      base,
      isL1 ? hostMemoryBytes(options) : options.memory,
    );
    this.cpus = Array.from({ length: options.pcpus }, (_, i) => new LogicalProcessor(core, i));
    this.turns = new Turns(options.seed);
    if (isL1) {
      this.l1 = new L1Mode(options, core, base, {
        platform: () => this.platform,
        syncClock: () => this.syncClock(),
        now: () => this.time,
        entryTime: new EntryTime(core, clock),
        stop: (reason) => this.requestStop(reason),
        hooks: () => this.watch.hooks,
        processor: (index) => this.cpus[index]!,
      });
    }
    this.memory = this.l1?.memory ?? this.hostMemory;
    this.platform = makePlatform(options, clock, this.cpus, this.l1, this.memory);
    this.serial = this.platform.serial.map((uart) => {
      const port = new SerialPort(uart);
      port.onInput = () => this.wake?.();
      return port;
    });
    this.wirePlatform();
  }

  /**
   * Makes a machine.
   * @throws OptionError when an option is bad.
   */
  static async create(options: MachineOptions = {}): Promise<Machine> {
    const resolved = resolveOptions(options);
    const clock = new VirtualClock();
    let machine: Machine | undefined;
    const watch = new Watch(() => machine!);
    const core: Core = await Core.create({
      ...platformImports(() => machine!, watch),
      tprRead: () => machine!.currentApic()?.getCr8() ?? 0,
      tprWrite: (value) => {
        machine!.syncClock();
        machine!.currentApic()?.setCr8(value);
      },
      acknowledgeInterrupt: () => {
        machine!.syncClock();
        if (machine!.l1) return machine!.l1.acknowledge();
        return machine!.platform.acknowledge(machine!.current);
      },
      onInstruction: () => machine!.instructionHook(),
      initDone: () => machine!.currentApic()?.initReset(),
      tscChanged: () => machine!.currentApic()?.tscChanged(),
      ...sanitizerImports(() => machine?.sanitizer),
      ...watch.imports,
    });
    const base = configureCore(core, resolved);
    machine = new Machine(resolved, core, base, clock, watch);
    machine.sanitizer = makeSanitizer(resolved, machine, () => machine!.executing);
    if (machine.l1 && machine.sanitizer) machine.l1.reportTo(machine.sanitizer);
    if (machine.l1) machine.l1.start();
    else core.exports.resetAll();
    if (resolved.firmware) machine.mapFirmware(resolved.firmware);
    return machine;
  }

  /** The core executes instructions of the guest. */
  private get executing(): boolean {
    return this.l1 === undefined ? this.inSlice : this.l1.hypervisor.hw.isRunning;
  }

  /** Undefined after `load` of an image without symbols. */
  get symbols() {
    return this.image?.symbols;
  }

  /** Instructions retired by all processors since power-up. */
  get instructions(): number {
    return this.retired;
  }

  /** Virtual time in ticks; one tick is one nanosecond of the guest. Exact in hooks as well. */
  get time(): number {
    return this.inSlice ? this.core.exports.virtualTimeNumber() : this.clock.now();
  }

  /** The processor whose turn it is, or was last. */
  get currentCpu(): LogicalProcessor {
    return this.cpus[this.current]!;
  }

  /** Counts of events since power-up. */
  get counters(): MachineCounters {
    return readCounters(this.core, this.options.tlb);
  }

  /** What the caches of translations of all processors hold now; reading changes nothing. */
  get tlb(): TlbSnapshot {
    return readTlb(this.core, this.options.tlb, this.cpus);
  }

  /**
   * Walks the tables of `cpu` for an access to linear address `gla` as a processor with empty caches
   * would, and tells each entry it reads and what the access meets. Changes nothing.
   */
  walk(cpu: LogicalProcessor, gla: bigint, access: WalkAccess = {}): Walk {
    return walkLinear(this.core, this.memory, cpu, gla, access);
  }

  /** Undefined opcodes by address, with how often each was executed. */
  get undefinedOpcodes(): ReadonlyMap<bigint, number> {
    return this.watch.undefinedOpcodes;
  }

  /** The last VM entry that failed a check. */
  get lastEntryFailure(): VmEntryFailure | undefined {
    return this.watch.lastEntryFailure;
  }

  /**
   * Loads an image and prepares the first processor to enter it.
   * @throws ImageError when the image or an option is bad; memory is then as before.
   */
  load(
    bytes: Uint8Array,
    options: LoadOptions & { readonly format?: ImageFormat } = {},
  ): LoadedImage {
    this.assertIdle();
    const { format, ...rest } = options;
    const tables = this.platform.acpiTables;
    const withTables =
      tables === undefined || rest.rsdpHpa !== undefined
        ? rest
        : { ...rest, rsdpHpa: tables.rootPointerHpa };
    const image =
      format === undefined
        ? loadImage(this.memory, bytes, withTables)
        : loadAs(format, this.memory, bytes, withTables);
    if (tables) this.memory.write(tables.hpa, tables.bytes);
    this.image = image;
    if (this.l1) this.l1.applyStart(image.start);
    else this.cpus[0]!.applyStart(image.start);
    return image;
  }

  /** Watches the machine; replaces the hooks set before. */
  setHooks(hooks: MachineHooks): void {
    this.watch.setHooks(hooks);
  }

  /** Stops a run in front of the instruction at linear address `gla`. */
  addBreakpoint(gla: bigint): void {
    this.watch.addBreakpoint(gla);
  }

  /** Returns whether there was one. */
  removeBreakpoint(gla: bigint): boolean {
    return this.watch.removeBreakpoint(gla);
  }

  /** Adds a device on I/O ports. @throws Error naming both devices when ports are taken. */
  addPorts(range: PortRange): void {
    this.platform.bus.addPorts(range);
  }

  /** Adds a device in memory. @throws Error naming both devices when addresses are taken. */
  addMmio(range: MmioRange): void {
    if (this.memory.has(range.hpa, 1)) {
      throw new OptionError(`${range.name} at 0x${range.hpa.toString(16)} would hide RAM`);
    }
    this.platform.bus.addMmio(range);
  }

  /** Ends the run under way after the current instruction. */
  stop(): void {
    this.requestStop({ kind: "stopped" });
  }

  /**
   * Runs until something stops the machine. Lets the event loop have its turn every few
   * milliseconds; a second run must wait for the first.
   */
  async run(options: RunOptions = {}): Promise<StopReason> {
    this.assertIdle();
    this.running = true;
    const { signal, timeoutMs, maxInstructions } = options;
    const limit =
      maxInstructions === undefined ? Number.POSITIVE_INFINITY : this.retired + maxInstructions;
    const start = performance.now();
    const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : start + timeoutMs;
    const abort = () => this.requestStop({ kind: "aborted" });
    signal?.addEventListener("abort", abort);
    try {
      if (signal?.aborted) return { kind: "aborted" };
      this.prepare();
      for (;;) {
        const reason = this.runUntil(Math.min(performance.now() + YIELD_MS, deadline), limit);
        await this.flushSerial(deadline);
        if (reason === "idle") {
          const stop = await this.waitForInput(deadline);
          if (stop) return stop;
        } else if (reason) {
          return reason;
        }
        if (performance.now() >= deadline) return { kind: "time-limit" };
        if (reason === undefined) await yieldToEventLoop();
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      this.running = false;
      this.pendingStop = undefined;
    }
  }

  /** Executes `count` instructions of all processors together. */
  async step(count = 1): Promise<StopReason> {
    return this.run({ maxInstructions: count });
  }

  /** Frees the machine; it cannot be used any more. */
  dispose(): void {
    this.disposed = true;
    this.requestStop({ kind: "stopped" });
    for (const port of this.serial) port.close();
  }

  private assertIdle(): void {
    if (this.disposed) throw new MachineStateError("the machine has been disposed of");
    if (this.running) throw new MachineStateError("the machine is running: stop it first");
  }

  /** Takes over what was changed between runs. */
  private prepare(): void {
    const { current, watch } = this;
    this.l1?.resume();
    for (const cpu of this.cpus) {
      if (!cpu.changed && !watch.changed) continue;
      this.switchTo(cpu.index);
      if (watch.changed) this.core.exports.setHooks(watch.bits);
      if (cpu.changed) this.core.exports.applyState();
      cpu.changed = false;
    }
    watch.changed = false;
    this.switchTo(current);
  }

  private switchTo(index: number): void {
    this.current = index;
    this.core.exports.switchProcessor(index);
  }

  private requestStop(reason: StopReason): void {
    this.pendingStop ??= reason;
    if (this.running) this.core.addEvents(EVENT.STOP);
    this.interrupt?.();
  }

  /** Hands serial output on; waits for slow readers, but no longer than the run may last. */
  private async flushSerial(deadline: number): Promise<void> {
    const waits = this.serial.map((port) => port.flush()).filter((wait) => wait !== undefined);
    if (waits.length > 0) await this.pause(deadline, Promise.all(waits));
  }

  /** The machine can only be woken from outside: waits for input if any may come. */
  private async waitForInput(deadline: number): Promise<StopReason | undefined> {
    // Input may have come since the last look.
    if (this.nextRunnable() || Number.isFinite(this.nextDeadline())) return undefined;
    const wakeable = this.l1 ? this.l1.isWakeable : this.cpus.some((cpu) => cpu.isInterruptible);
    if (!wakeable) return { kind: "dead-halt" };
    const listening = this.serial.some((port) => port.inputOpen && port.interruptsOnInput);
    if (!listening) return { kind: "idle" };
    await this.pause(deadline);
    return this.pendingStop;
  }

  /** Waits for input, a stop, the deadline, or for `done` where it is given. */
  private async pause(deadline: number, done?: Promise<unknown>): Promise<void> {
    await new Promise<void>((resolve) => {
      const rest = deadline - performance.now();
      const timer = Number.isFinite(rest) ? setTimeout(resolve, Math.max(rest, 0)) : undefined;
      const finish = () => {
        if (timer !== undefined) clearTimeout(timer);
        resolve();
      };
      // Input does not help a machine that waits for the reader of its output.
      if (done === undefined) this.wake = finish;
      this.interrupt = finish;
      done?.then(finish);
      if (this.pendingStop) finish();
    });
    this.wake = undefined;
    this.interrupt = undefined;
  }

  /**
   * Runs slices until wall time `until` or `limit` instructions. Returns the reason to stop,
   * "idle" when every processor waits and no timer is due, or undefined to go on.
   */
  private runUntil(until: number, limit: number): StopReason | "idle" | undefined {
    for (;;) {
      if (this.pendingStop) return this.pendingStop;
      if (this.restartPending) this.restart();
      if (this.l1 && !this.sleeping) this.l1.settle();
      if (this.pendingStop) return this.pendingStop;
      if (this.retired >= limit) return { kind: "instruction-limit" };
      const cpu = this.nextRunnable();
      if (cpu === undefined && this.l1?.hasWork && !this.sleeping) {
        if (performance.now() >= until) return this.pendingStop;
        continue;
      }
      if (cpu === undefined) {
        const next = this.nextDeadline();
        if (!Number.isFinite(next)) return "idle";
        this.clock.advanceTo(next);
        if (performance.now() >= until) return this.pendingStop;
        continue;
      }
      const reason = this.runSlice(cpu, limit);
      if (reason) return reason;
      // What the guest has asked for meanwhile goes before the end of the time.
      if (performance.now() >= until) return this.pendingStop;
    }
  }

  private canRun(cpu: LogicalProcessor): boolean {
    return this.l1 ? this.l1.isInGuest(cpu.index) : cpu.isRunnable;
  }

  /** The next processor in turn that has something to do. */
  private nextRunnable(): LogicalProcessor | undefined {
    if (this.sleeping) return undefined;
    const { cpus } = this;
    const now = this.clock.now();
    if (this.turns.isCut && this.canRun(cpus[this.current]!)) return cpus[this.current];
    for (let i = 1; i <= cpus.length; i++) {
      const cpu = cpus[(this.current + i) % cpus.length]!;
      if (this.canRun(cpu) || (!this.l1 && cpu.timerDeadline <= now)) return cpu;
    }
    return undefined;
  }

  /** When a device or the preemption timer of a sleeping guest is due; infinite when none is. */
  private nextDeadline(): number {
    let next = this.clock.nextDeadline();
    if (this.l1) return Math.min(next, this.l1.nextDeadline);
    for (const cpu of this.cpus) next = Math.min(next, cpu.timerDeadline);
    return next;
  }

  private runSlice(cpu: LogicalProcessor, limit: number): StopReason | undefined {
    const { core, clock } = this;
    this.switchTo(cpu.index);
    this.l1?.payEntry(cpu.index);
    const now = clock.now();
    const others = this.cpus.some((other) => other !== cpu && this.canRun(other));
    core.setMachine32(MACHINE_WORD.OTHERS_RUNNABLE, Number(others));
    const due = Math.max(this.nextDeadline(), now + 1);
    const sliceEnd = Math.min(now + this.turns.take(others), due);
    const room = Math.min(sliceEnd - now, limit - this.retired);
    const unretired = cpu.word(STATE.TICKS_NOT_RETIRED);
    core.exports.beginSlice(now, room);
    this.inSlice = true;
    const stop = this.l1 ? this.l1.runGuest(cpu.index) : core.exports.runLoop();
    this.inSlice = false;
    const end = core.exports.virtualTimeNumber();
    const idle = (cpu.word(STATE.TICKS_NOT_RETIRED) - unretired) >>> 0;
    this.retired += end - now - idle;
    clock.advanceTo(end);
    const over = stop === STOP.RESCHEDULE || stop === STOP.IDLE;
    this.turns.end(over ? 0 : Math.min(sliceEnd, clock.nextDeadline()) - end);
    if (stop === STOP.SHUTDOWN) {
      if (!this.restarts) return { kind: "triple-fault", cpu: cpu.index };
      this.restartPending = true;
    }
    if (stop === STOP.HOOK) return this.pendingStop ?? { kind: "stopped" };
    return undefined;
  }

  /** Brings the clock to the instruction being executed; before anything a device may time. */
  syncClock(): void {
    if (!this.inSlice) return;
    const now = this.core.exports.virtualTimeNumber();
    if (now > this.clock.now()) this.clock.advanceTo(now);
  }

  private currentApic() {
    return this.platform.localApics[this.current];
  }

  private instructionHook(): number {
    const reason = this.watch.atInstruction();
    if (reason) this.pendingStop ??= reason;
    return Number(reason !== undefined);
  }

  /** Linear address of the next instruction of `cpu`. */
  linearRip(cpu: LogicalProcessor): bigint {
    if (this.l1 && !this.l1.isInGuest(cpu.index)) return this.l1.linearRip(cpu.index);
    const sum = cpu.wide(STATE.RIP) + cpu.wide(STATE.CODE_BASE);
    return sum & cpu.wide(STATE.ADDR_MASK);
  }

  private wirePlatform(): void {
    const { platform, clock } = this;
    clock.onEarlierDeadline = (time) => {
      if (this.inSlice) this.core.exports.shortenSlice(time);
    };
    platform.onExit = (code) => this.requestStop({ kind: "exit", code, status: exitStatus(code) });
    platform.onShutdown = () => this.requestStop({ kind: "power-off" });
    platform.onPowerOff = () => this.requestStop({ kind: "power-off" });
    platform.onReset = () => this.requestReset();
    platform.onSleep = () => {
      this.sleeping = true;
      this.core.addEvents(EVENT.RESCHEDULE);
    };
    platform.onWake = () => this.wakeFromSleep();
    platform.onA20 = (enabled) => this.setA20(enabled);
  }

  /** Whether a reset and a triple fault start the machine again. */
  private get restarts(): boolean {
    return this.options.reboot && this.options.firmware !== undefined;
  }

  private requestReset(): void {
    if (!this.restarts) {
      this.requestStop({ kind: "reset" });
      return;
    }
    this.restartPending = true;
    this.core.addEvents(EVENT.STOP);
  }

  /** A reset of the whole machine; RAM keeps its contents, time goes on. */
  private restart(): void {
    this.restartPending = false;
    this.sleeping = false;
    if (this.l1) {
      this.l1.reset();
      this.platform.reset();
      this.writeLowFirmware();
      return;
    }
    this.current = 0;
    this.core.exports.resetAll();
    for (const cpu of this.cpus) {
      // The time-stamp counter starts from 0.
      cpu.setWide(STATE.TSC_OFFSET, BigInt.asUintN(64, -BigInt(this.clock.now())));
    }
    this.platform.reset();
    this.setA20(this.platform.a20);
    this.writeLowFirmware();
    this.watch.changed = true;
    this.prepare();
  }

  /** Address line 20 as seen by every processor. */
  private setA20(enabled: boolean): void {
    // L0 has no hand on the address lines of its guest, as KVM has none.
    if (this.l1) return;
    for (const cpu of this.cpus) {
      cpu.setWord(STATE.A20_MASKED, enabled ? 0 : 1);
    }
    this.core.exports.dropTranslations();
  }

  /** The first processor goes on at the waking vector that the guest left for it. */
  private wakeFromSleep(): void {
    this.sleeping = false;
    const vectorHpa = this.platform.acpiTables?.wakingVectorHpa;
    const vector = vectorHpa === undefined ? 0 : this.memory.read32(vectorHpa);
    if (this.l1) {
      this.l1.reset(vector);
      return;
    }
    const cpu = this.cpus[0]!;
    this.switchTo(0);
    this.core.exports.restartProcessor();
    cpu.enterRealMode(vector);
    this.core.exports.applyState();
    cpu.changed = false;
  }

  private mapFirmware(bytes: Uint8Array): void {
    const image = loadAs("bios", this.memory, bytes, {});
    const { rom } = image.firmware!;
    this.memory.addRom(rom.hpa, rom.bytes);
    this.firmware = image.firmware;
    this.writeLowFirmware();
    this.image = image;
  }

  /** After a reset the firmware is seen again where the guest may have made a shadow of it. */
  private writeLowFirmware(): void {
    if (!this.firmware) return;
    const { hpa, bytes } = this.firmware.lowCopy;
    this.memory.write(hpa, bytes);
  }
}
