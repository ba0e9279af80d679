/**
 * A guest in VMX non-root operation with a virtual APIC, put there by writing the processor state:
 * 64-bit code of a bare core, a VMCS, the pages that APIC virtualization works on, and an IDT all of
 * whose gates lead to one handler. Interrupts delivered, and what the physical APIC is asked for, are
 * noted.
 */
import { EVENT, STATE } from "../../src/generated/state.ts";
import { controlNamed } from "../../src/tables/vmx/controls.ts";
import { EXIT_REASONS } from "../../src/tables/vmx/exit-reasons.ts";
import { fieldOffset, VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import { BareCore, SMALL_TLB } from "./bare-core.ts";

export const VMCS = 0x30000;
export const VAPIC = 0x31000;
/** The APIC-access page; as RAM it is filled with ACCESS_FILL. */
export const ACCESS = 0x32000;
export const ACCESS_FILL = 0xaa;
export const DESCRIPTOR = 0x33000;
export const POINTER_TABLE = 0x34000;
const IDT = 0x35000;
export const GDT = 0x36000;
export const HOST_CODE = 0x37000;
const HANDLER = 0x38000;
export const STACK = 0x2f000;

export const XAPIC_BASE = 0xfee00900n;
export const X2APIC_BASE = 0xfee00d00n;

const KIND_MASK = 7;
const KIND_EXTERNAL = 0;
const KIND_VM_EXIT = 7;
const FLAG_IF = 0x200;
const NO_APIC_ACCESS = 1n;
const NO_DEADLINE = 0xffffffffffffffffn;
const VMX_ROOT = 1;
const VMX_NON_ROOT = 2;

export interface Exit {
  /** Name of the basic reason. */
  reason: string;
  qualification: number;
  /** RIP of the guest. */
  rip: number;
}

export interface GuestOutcome {
  exit: Exit | undefined;
  /** Vector of the exception that ended the run. */
  fault: number | undefined;
  /** Vectors of the interrupts delivered. */
  interrupts: number[];
}

export interface GuestOptions {
  tpr?: number;
  threshold?: number;
  rvi?: number;
  svi?: number;
  /** Vectors set in VIRR and VISR. */
  irr?: number[];
  isr?: number[];
  eoiExits?: number[];
  interruptsEnabled?: boolean;
  apicBase?: bigint;
  /** What the APIC-access page holds as RAM. */
  accessFill?: number;
}

/** One access to the physical APIC: what was written where, or "read". */
export type PhysicalAccess = readonly [where: number, lo: number, hi: number];

const CONTROL_STATE = {
  pin: STATE.CTL_PIN,
  primary: STATE.CTL_PRIMARY,
  secondary: STATE.CTL_SECONDARY,
  tertiary: STATE.CTL_TERTIARY,
  exit: STATE.CTL_EXIT,
} as const;

function offsetOf(field: string): number {
  const row = VMCS_FIELDS.find(({ name }) => name === field);
  if (row === undefined) throw new Error(`no VMCS field ${field}`);
  return fieldOffset(row);
}

/** Guest-physical address of a VMCS field. */
export function fieldAt(name: string): number {
  return VMCS + offsetOf(name);
}

/** The bytes of a 32-bit immediate operand. */
export function dword(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

/** MOV of a 32-bit value to page offset `offset` of the APIC-access page. */
export function writeApic(offset: number, value: number): number[] {
  return [0xc7, 0x04, 0x25, ...dword(ACCESS + offset), ...dword(value)];
}

export class VirtualApicGuest {
  bare!: BareCore;
  /** Writes to the physical APIC, by MSR index or by offset in its page. */
  physical: PhysicalAccess[] = [];
  /** Vector that the physical APIC gives out. */
  pendingVector = -1;
  /** What the physical APIC's registers read as. */
  physicalRegisters = new Map<number, number>();
  private interrupts: number[] = [];
  private exit: Exit | undefined;
  private fault: number | undefined;

  static async create(): Promise<VirtualApicGuest> {
    const guest = new VirtualApicGuest();
    guest.bare = await BareCore.create(undefined, SMALL_TLB, {
      onException: (vector, kind) => guest.note(vector, kind & KIND_MASK),
      mmioRead: (lo) => guest.physicalRegisters.get(lo & 0xfff) ?? 0,
      mmioWrite: (lo, _hi, _size, value) => {
        guest.physical.push([lo & 0xfff, value >>> 0, 0]);
      },
      msrRead: (index) => {
        guest.core.setResult(index, 0xface);
        return 1;
      },
      msrWrite: (index, lo, hi) => {
        guest.physical.push([index, lo >>> 0, hi >>> 0]);
        return 1;
      },
      tprRead: () => 5,
      tprWrite: (value) => {
        guest.physical.push([0x80, value, 0]);
      },
      acknowledgeInterrupt: () => {
        const { core } = guest;
        core.setState32(STATE.EVENTS, core.state32(STATE.EVENTS) & ~EVENT.INTR);
        return guest.pendingVector;
      },
    });
    return guest;
  }

  get core() {
    return this.bare.core;
  }

  /** Puts the processor into a guest with the controls named, such as "primary.use_tpr_shadow". */
  enter(controls: readonly string[], options: GuestOptions = {}): void {
    const { bare, core } = this;
    bare.reset();
    for (const page of [VMCS, VAPIC, ACCESS, DESCRIPTOR, POINTER_TABLE, IDT, GDT, HOST_CODE]) {
      bare.bytes(page, 0x1000).fill(page === ACCESS ? (options.accessFill ?? ACCESS_FILL) : 0);
      core.exports.hostWritten(bare.ram + page, 0x1000);
    }
    this.physical = [];
    this.pendingVector = -1;
    this.physicalRegisters.clear();
    core.setState32(STATE.VMX_OPERATION, VMX_NON_ROOT);
    core.setState32(STATE.VMCS_PTR, bare.ram + VMCS);
    core.setState64(STATE.VMCS_HPA, BigInt(VMCS));
    for (const state of Object.values(CONTROL_STATE)) core.setState32(state, 0);
    for (const name of controls) {
      const { word, bit } = controlNamed(name);
      const state = CONTROL_STATE[word as keyof typeof CONTROL_STATE];
      core.setState32(state, (core.state32(state) | (1 << bit)) >>> 0);
    }
    const virtualizes = controls.includes("secondary.virtualize_apic_accesses");
    core.setState64(STATE.APIC_ACCESS_HPA, virtualizes ? BigInt(ACCESS) : NO_APIC_ACCESS);
    core.setState32(STATE.VAPIC_PTR, bare.ram + VAPIC);
    core.setState32(STATE.VMX_EVENTS, 0);
    core.setState64(STATE.TIMER_DEADLINE, NO_DEADLINE);
    core.setState32(STATE.APIC_WRITE, 0);
    core.setState32(STATE.RVI, options.rvi ?? 0);
    core.setState32(STATE.SVI, options.svi ?? 0);
    core.setState64(STATE.APIC_BASE, options.apicBase ?? XAPIC_BASE);
    this.setVapic(0x80, options.tpr ?? 0);
    for (const vector of options.irr ?? []) this.addVector(0x200, vector);
    for (const vector of options.isr ?? []) this.addVector(0x100, vector);
    this.setField("tpr_threshold", BigInt(options.threshold ?? 0));
    for (const vector of options.eoiExits ?? []) {
      const at = VMCS + offsetOf(`eoi_exit_bitmap${vector >> 6}`) + ((vector & 63) >> 3);
      bare.bytes(at, 1)[0]! |= 1 << (vector & 7);
    }
    core.exports.setFlagsWord(options.interruptsEnabled ? FLAG_IF | 2 : 2);
    for (let i = 0; i < 16; i++) bare.setGpr(i, i === 4 ? BigInt(STACK) : 0n);
    this.writeTables();
    this.writeHostState();
    this.setHandler([]);
  }

  /** Code that every interrupt runs before it returns. */
  setHandler(code: readonly number[]): void {
    const bytes = [...code, 0x48, 0xcf];
    this.bare.bytes(HANDLER, bytes.length).set(bytes);
    this.core.exports.hostWritten(this.bare.ram + HANDLER, bytes.length);
  }

  /** Runs `code` and HLT until the HLT, an exit or an exception. */
  run(code: ArrayLike<number>, events = 0): GuestOutcome {
    this.exit = undefined;
    this.fault = undefined;
    this.interrupts = [];
    this.bare.run(code, 1000, events);
    if (this.exit === undefined && this.core.state32(STATE.VMX_OPERATION) === VMX_ROOT) {
      this.noteExit(Number(this.field("guest_rip")));
    }
    return { exit: this.exit, fault: this.fault, interrupts: this.interrupts };
  }

  vapic(offset: number): number {
    return this.core.u32[(this.bare.ram + VAPIC + offset) >> 2]!;
  }

  setVapic(offset: number, value: number): void {
    this.core.u32[(this.bare.ram + VAPIC + offset) >> 2] = value;
  }

  /** Vectors of the set at `offset` of the virtual-APIC page. */
  vectors(offset: number): number[] {
    return Array.from({ length: 256 }, (_, vector) => vector).filter(
      (vector) => (this.vapic(offset + (vector >> 5) * 16) >>> (vector & 31)) & 1,
    );
  }

  field(name: string): bigint {
    return this.core.u64[(this.bare.ram + VMCS + offsetOf(name)) >> 3]!;
  }

  setField(name: string, value: bigint): void {
    this.core.u64[(this.bare.ram + VMCS + offsetOf(name)) >> 3] = value;
  }

  get rvi(): number {
    return this.core.state32(STATE.RVI);
  }

  get svi(): number {
    return this.core.state32(STATE.SVI);
  }

  private addVector(set: number, vector: number): void {
    const at = set + (vector >> 5) * 16;
    this.setVapic(at, (this.vapic(at) | (1 << (vector & 31))) >>> 0);
  }

  private note(vector: number, kind: number): void {
    if (kind === KIND_EXTERNAL) {
      this.interrupts.push(vector);
      return;
    }
    if (this.exit !== undefined || this.fault !== undefined) return;
    if (kind === KIND_VM_EXIT) {
      this.noteExit(Number(this.core.state64(STATE.RIP)));
    } else if (kind === 3) {
      this.fault = vector;
    } else {
      return;
    }
    this.core.addEvents(EVENT.STOP);
  }

  private noteExit(rip: number): void {
    const { core } = this;
    const number = core.state32(STATE.EXIT_REASON);
    this.exit = {
      reason: EXIT_REASONS.find((row) => row.number === number)?.name ?? `${number}`,
      qualification: Number(core.state64(STATE.EXIT_QUALIFICATION)),
      rip,
    };
  }

  private writeTables(): void {
    const { core, bare } = this;
    const gdt = (bare.ram + GDT) >> 3;
    core.u64[gdt + 1] = 0x00209b0000000000n;
    core.u64[gdt + 2] = 0x00cf93000000ffffn;
    for (let vector = 0; vector < 256; vector++) {
      const gate = (bare.ram + IDT + vector * 16) >> 3;
      const low = HANDLER & 0xffff;
      const high = HANDLER >>> 16;
      core.u64[gate] = (BigInt((high << 16) | 0x8e00) << 32n) | BigInt((8 << 16) | low);
    }
    core.setState64(STATE.GDTR_BASE, BigInt(GDT));
    core.setState32(STATE.GDTR_LIMIT, 0xfff);
    core.setState64(STATE.IDTR_BASE, BigInt(IDT));
    core.setState32(STATE.IDTR_LIMIT, 0xfff);
  }

  /** Where exits go: a HLT in the same address space. */
  private writeHostState(): void {
    const { core } = this;
    this.bare.bytes(HOST_CODE, 1)[0] = 0xf4;
    this.setField("host_cr0", core.state64(STATE.CR0));
    this.setField("host_cr3", core.state64(STATE.CR3));
    this.setField("host_cr4", core.state64(STATE.CR4) | 0x2000n);
    this.setField("host_cs_selector", 8n);
    for (const segment of ["es", "ss", "ds", "tr"]) this.setField(`host_${segment}_selector`, 16n);
    this.setField("host_gdtr_base", BigInt(GDT));
    this.setField("host_idtr_base", BigInt(IDT));
    this.setField("host_rip", BigInt(HOST_CODE));
    this.setField("host_rsp", BigInt(STACK));
    const wide = 1n << BigInt(controlNamed("exit.host_address_space_size").bit);
    this.setField("vmexit_controls", wide);
    core.setState32(STATE.CTL_EXIT, core.state32(STATE.CTL_EXIT) | Number(wide));
  }
}
