/** A PC: all devices wired together for a number of processors. */

import { pciGsi } from "./acpi-dsdt.ts";
import { AcpiPm } from "./acpi-pm.ts";
import type { AcpiTables } from "./acpi-tables.ts";
import { ApicBus } from "./apic-bus.ts";
import { Bus } from "./bus.ts";
import { BOCHS_PORT, DEBUG_PORTS, DebugConsole } from "./debug-console.ts";
import { DebugExit } from "./debug-exit.ts";
import type { AccessSize, Device, IrqLine, PortRange } from "./device.ts";
import { Dma8237 } from "./dma8237.ts";
import type { FwCfg } from "./fw-cfg.ts";
import { Hpet } from "./hpet.ts";
import { IOAPIC_PINS, type IoApic } from "./ioapic.ts";
import { GatedLine, IrqHub } from "./irq-hub.ts";
import { Keyboard8042 } from "./keyboard.ts";
import type { LocalApic } from "./local-apic.ts";
import type { PcOptions } from "./pc-options.ts";
import {
  checkOptions,
  makeAcpiTables,
  makeFwCfg,
  makeIoApic,
  makeLocalApics,
  makeRtc,
  PM_BASE_DEFAULT,
  SCI_IRQ,
  serialSlots,
} from "./pc-parts.ts";
import { PciHost } from "./pci.ts";
import { Pic8259Pair } from "./pic8259.ts";
import { Pit8254 } from "./pit8254.ts";
import { Port92 } from "./port-92.ts";
import { ResetControl, type ResetKind } from "./reset-control.ts";
import type { Mc146818 } from "./rtc.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";
import { TEST_IRQS, TestDevice } from "./test-device.ts";
import { Uart16550 } from "./uart16550.ts";

const ISA_IRQS = 16;
/** I/O APIC input at which ISA interrupt 0 arrives. */
const TIMER_PIN = 2;
const RTC_IRQ = 8;
/** What firmware leaves in the 8259: vector bases, and masks with cascade and IRQ 11 open. */
const FIRMWARE_PIC = { master: 0x08, slave: 0x70, masks: 0xf7fb } as const;
const APIC_PAGE_BYTES = 4096;

export class PcPlatform implements Device {
  readonly bus = new Bus();
  readonly pic: Pic8259Pair;
  readonly pit: Pit8254;
  readonly rtc: Mc146818;
  readonly dma = new Dma8237();
  readonly port92 = new Port92();
  readonly serial: readonly Uart16550[];
  readonly apicBus = new ApicBus();
  /** One for each processor; empty without APICs. */
  readonly localApics: readonly LocalApic[];
  /** Accesses to the pages of the local APICs, which do not go over the bus. */
  readonly apicUse = { reads: 0, writes: 0 };
  readonly ioApic: IoApic | undefined;
  readonly hpet: Hpet | undefined;
  readonly keyboard: Keyboard8042 | undefined;
  readonly pci: PciHost | undefined;
  readonly acpiPm: AcpiPm | undefined;
  readonly resetControl: ResetControl | undefined;
  readonly fwCfg: FwCfg | undefined;
  readonly debugConsole: DebugConsole | undefined;
  readonly debugExit: DebugExit | undefined;
  readonly testDevice: TestDevice | undefined;
  /** To be put into RAM by whoever loads an image without firmware. */
  readonly acpiTables: AcpiTables | undefined;

  /** The guest switches the machine off. */
  onPowerOff: (() => void) | undefined;
  /** The guest puts the machine to sleep; processors stop until `onWake`. */
  onSleep: (() => void) | undefined;
  /** Start the first processor at the real-mode address in `acpiTables.wakingVectorHpa`. */
  onWake: (() => void) | undefined;
  /** "init": send INIT to the processors; "hard": reset them and call `reset` here. */
  onReset: ((kind: ResetKind) => void) | undefined;
  /** A test image ends the run; see `exitStatus` in debug-exit.ts. */
  onExit: ((code: number, size: AccessSize) => void) | undefined;
  /** A test image has written "Shutdown" to its port. */
  onShutdown: (() => void) | undefined;
  onA20: ((enabled: boolean) => void) | undefined;

  private readonly options: PcOptions;
  private readonly hub: IrqHub;
  private readonly pitGate: GatedLine;
  private readonly rtcGate: GatedLine;
  /** Everything that has a state, in the order in which it is restored: receivers first. */
  private readonly devices: readonly (readonly [string, Device])[];
  private pmPorts: PortRange | undefined;
  private a20Level = true;

  /** @throws RangeError when options do not make a machine. */
  constructor(options: PcOptions) {
    checkOptions(options);
    this.options = options;
    const { clock, parts = {} } = options;
    this.hub = new IrqHub(IOAPIC_PINS, (line, level) => this.driveLine(line, level));
    this.pic = new Pic8259Pair({ set: (level) => this.drivePicOutput(level) });
    if (parts.apic ?? true) {
      this.localApics = makeLocalApics(options, this.apicBus, this.pic);
      this.ioApic = makeIoApic(options, this.apicBus);
    } else {
      this.localApics = [];
    }
    this.pitGate = new GatedLine(this.hub.source(0));
    this.rtcGate = new GatedLine(this.hub.source(RTC_IRQ), () => this.acpiPm?.rtcAlarm());
    this.pit = new Pit8254(clock, this.pitGate);
    this.rtc = makeRtc(options, this.rtcGate);
    this.serial = serialSlots(options).map(({ base, irq }, index) => {
      const name = `COM${index + 1}`;
      return new Uart16550(base, clock, this.hub.source(irq), { name, index });
    });
    if (parts.hpet ?? true) this.hpet = this.makeHpet();
    if (parts.keyboard ?? true) this.keyboard = this.makeKeyboard();
    if (parts.acpi ?? true) {
      this.acpiPm = this.makeAcpiPm();
      this.resetControl = new ResetControl();
      this.resetControl.onReset = (kind) => this.onReset?.(kind);
      this.acpiTables = makeAcpiTables(options);
    }
    if (parts.pci ?? true) this.pci = this.makePci();
    if (parts.fwCfg ?? true) this.fwCfg = makeFwCfg(options);
    if (parts.debugConsole ?? true) {
      const ports = DEBUG_PORTS.filter((port) => port !== BOCHS_PORT || !parts.testDevice);
      this.debugConsole = new DebugConsole(ports);
    }
    if (parts.debugExit ?? true) this.debugExit = this.makeDebugExit();
    if (parts.testDevice ?? false) this.testDevice = this.makeTestDevice();
    this.port92.onReset = () => this.onReset?.("init");
    this.port92.onA20 = () => this.a20Changed();
    this.claimAddresses();
    this.devices = this.listDevices();
    this.enterFirmwareState();
  }

  /** Whether address line 20 works: switched on by the keyboard controller or by port 0x92. */
  get a20(): boolean {
    return this.keyboard === undefined || this.keyboard.a20 || this.port92.a20;
  }

  /** A new device on ISA interrupt `irq`. Call while the machine is put together. */
  isaLine(irq: number): IrqLine {
    if (irq < 0 || irq >= ISA_IRQS) throw new RangeError(`no ISA interrupt ${irq}`);
    return this.hub.source(irq);
  }

  /** A new device on interrupt pin `pin` (0 is INTA) of PCI device `device`; true asserts it. */
  pciLine(device: number, pin: number): IrqLine {
    return this.hub.source(pciGsi(device, pin));
  }

  /** Reads device memory as processor `cpu` sees it: its own local APIC comes first. */
  readMmio(cpu: number, hpa: number, size: AccessSize): number {
    const apic = this.localApics[cpu];
    const offset = apic?.hasPage ? hpa - apic.pageHpa : -1;
    if (offset < 0 || offset >= APIC_PAGE_BYTES) return this.bus.readMmio(hpa, size);
    this.apicUse.reads++;
    const shift = (offset & 3) * 8;
    const value = apic.readMmio(offset & ~3) >>> shift;
    return size === 4 ? value : value & ((1 << (size * 8)) - 1);
  }

  writeMmio(cpu: number, hpa: number, size: AccessSize, value: number): void {
    const apic = this.localApics[cpu];
    const offset = apic?.hasPage ? hpa - apic.pageHpa : -1;
    if (offset < 0 || offset >= APIC_PAGE_BYTES) {
      this.bus.writeMmio(hpa, size, value);
      return;
    }
    this.apicUse.writes++;
    // Only whole registers can be written.
    if (size === 4) apic.writeMmio(offset, value);
  }

  /** Whether an access of processor `cpu` at `hpa` goes to a device. */
  isMmio(cpu: number, hpa: number): boolean {
    const apic = this.localApics[cpu];
    const offset = apic?.hasPage ? hpa - apic.pageHpa : -1;
    return (offset >= 0 && offset < APIC_PAGE_BYTES) || this.bus.hasMmio(hpa);
  }

  /** Answers INTA of processor `cpu` with a vector. */
  acknowledge(cpu: number): number {
    return this.localApics[cpu]?.acknowledge() ?? this.pic.acknowledge();
  }

  /** A device pulls NMI, which the CMOS index register may mask. */
  raiseNmi(): void {
    if (this.rtc.nmiMasked) return;
    if (this.localApics.length === 0) this.options.pins[0].nmi();
    for (const apic of this.localApics) {
      apic.setLint(1, true);
      apic.setLint(1, false);
    }
  }

  /** Resets every device, as a hard reset of the machine does. */
  reset(): void {
    for (const [, device] of this.devices) device.reset();
    this.enterFirmwareState();
  }

  snapshot(): unknown {
    const devices: Record<string, unknown> = {};
    for (const [name, device] of this.devices) devices[name] = device.snapshot();
    const gates = [this.pitGate.save(), this.rtcGate.save()];
    return sealSnapshot("pc", 1, { devices, gates, a20Level: this.a20Level });
  }

  /**
   * Restores every device. The clock and the TSC offsets must have been restored before.
   * @throws RangeError when the saved machine had other devices.
   */
  restore(data: unknown): void {
    const state = openSnapshot<{
      devices: Record<string, unknown>;
      gates: ReturnType<GatedLine["save"]>[];
      a20Level: boolean;
    }>(data, "pc", 1);
    const names = this.devices.map(([name]) => name);
    const saved = Object.keys(state.devices);
    if (names.length !== saved.length || names.some((name) => !saved.includes(name))) {
      throw new RangeError(`the saved machine has other devices: ${saved.join(", ")}`);
    }
    this.a20Level = state.a20Level;
    this.pitGate.load(state.gates[0]);
    this.rtcGate.load(state.gates[1]);
    for (const [name, device] of this.devices) device.restore(state.devices[name]);
  }

  /** Level of interrupt line `line` has changed: ISA 0 to 15, PCI 16 to 23. */
  private driveLine(line: number, level: boolean): void {
    if (line < ISA_IRQS) this.pic.setIrq(line, level);
    if (line === 0 || line === TIMER_PIN) {
      const either = this.hub.level(0) || this.hub.level(TIMER_PIN);
      this.ioApic?.setPin(TIMER_PIN, either);
    } else {
      // PCI lines are active low.
      this.ioApic?.setPin(line, line < ISA_IRQS ? level : !level);
    }
  }

  private drivePicOutput(level: boolean): void {
    if (this.localApics.length > 0) this.localApics[0].setLint(0, level);
    else this.options.pins[0].setIntr(level);
  }

  private a20Changed(): void {
    if (this.a20 === this.a20Level) return;
    this.a20Level = this.a20;
    this.onA20?.(this.a20Level);
  }

  private enterFirmwareState(): void {
    if (!(this.options.firmwareState ?? true)) return;
    this.pic.initialize(FIRMWARE_PIC.master, FIRMWARE_PIC.slave, FIRMWARE_PIC.masks);
  }

  private makeHpet(): Hpet {
    const routes = Array.from({ length: IOAPIC_PINS }, (_, n) => this.hub.source(n));
    const nowhere: IrqLine = { set() {} };
    return new Hpet(this.options.clock, {
      route: (n) => routes[n] ?? nowhere,
      legacyIrq: [this.hub.source(0), this.hub.source(RTC_IRQ)],
      onLegacy: (active) => {
        this.pitGate.setOpen(!active);
        this.rtcGate.setOpen(!active);
      },
    });
  }

  private makeKeyboard(): Keyboard8042 {
    const keyboard = new Keyboard8042(this.hub.source(1), this.hub.source(12));
    keyboard.onReset = () => this.onReset?.("init");
    keyboard.onA20 = () => this.a20Changed();
    return keyboard;
  }

  private makeAcpiPm(): AcpiPm {
    const { clock, pmBase, pmTimerBits } = this.options;
    const pm = new AcpiPm(clock, this.hub.source(SCI_IRQ), {
      base: pmBase ?? PM_BASE_DEFAULT,
      timerBits: pmTimerBits ?? 32,
    });
    pm.onPowerOff = () => this.onPowerOff?.();
    pm.onSleep = () => this.onSleep?.();
    pm.onWake = () => this.onWake?.();
    return pm;
  }

  private makePci(): PciHost {
    const { acpiPm, resetControl } = this;
    const pci = new PciHost({
      south: acpiPm !== undefined,
      pmBase: this.options.pmBase ?? PM_BASE_DEFAULT,
      ...(resetControl === undefined ? {} : { resetControl }),
    });
    pci.onPmBase = (base, enabled) => this.placePm(base, enabled);
    return pci;
  }

  private makeDebugExit(): DebugExit {
    const exit = new DebugExit(this.options.debugExit);
    exit.onExit = (code, size) => this.onExit?.(code, size);
    exit.onShutdown = () => this.onShutdown?.();
    return exit;
  }

  private makeTestDevice(): TestDevice {
    const lines = Array.from({ length: TEST_IRQS }, (_, n): IrqLine => {
      if (n < ISA_IRQS) return this.hub.source(n);
      // The test device sets the level of the wire itself, whatever polarity is usual on it.
      return { set: (level) => this.ioApic?.setPin(n, level) };
    });
    return new TestDevice(lines);
  }

  private claimAddresses(): void {
    const ranges: (PortRange | readonly PortRange[] | undefined)[] = [
      this.pic.ports,
      this.pit.ports,
      this.rtc.ports,
      this.dma.ports,
      this.port92.ports,
      ...this.serial.map((port) => port.ports),
      this.keyboard?.ports,
      this.acpiPm?.smiPorts,
      // Without PCI nobody else answers at the reset register.
      this.pci?.ports ?? this.resetControl?.ports,
      this.fwCfg?.ports,
      this.debugConsole?.ports,
      this.debugExit?.ports,
      this.testDevice?.ports,
    ];
    for (const range of ranges.flat()) {
      if (range !== undefined) this.bus.addPorts(range as PortRange);
    }
    for (const device of [this.ioApic, this.hpet, this.testDevice]) {
      if (device !== undefined) this.bus.addMmio(device.mmio);
    }
    this.placePm(this.options.pmBase ?? PM_BASE_DEFAULT, true);
  }

  /** Moves the ACPI ports. A guest that puts them upon another device's loses them. */
  private placePm(base: number, enabled: boolean): void {
    if (this.acpiPm === undefined) return;
    if (this.pmPorts !== undefined) this.bus.removePorts(this.pmPorts);
    this.pmPorts = undefined;
    if (!enabled) return;
    const ports = this.acpiPm.moveTo(base);
    if (this.bus.tryAddPorts(ports)) this.pmPorts = ports;
  }

  private listDevices(): (readonly [string, Device])[] {
    const list: (readonly [string, Device | undefined])[] = [
      ["hub", this.hub],
      ["pic", this.pic],
      ["apic-bus", this.apicBus],
      ["io-apic", this.ioApic],
      ...this.localApics.map((apic, index) => [`apic${index}`, apic] as const),
      ["pit", this.pit],
      ["rtc", this.rtc],
      ["hpet", this.hpet],
      ...this.serial.map((port, index) => [`com${index + 1}`, port] as const),
      ["dma", this.dma],
      ["keyboard", this.keyboard],
      ["port92", this.port92],
      ["acpi-pm", this.acpiPm],
      ["reset-control", this.resetControl],
      ["pci", this.pci],
      ["fw-cfg", this.fwCfg],
      ["debug-exit", this.debugExit],
      ["test-device", this.testDevice],
    ];
    return list.filter((entry): entry is readonly [string, Device] => entry[1] !== undefined);
  }
}
