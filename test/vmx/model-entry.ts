/** One VM entry as the conditions of the model see it: fields, controls, segments, memory. */
import { controlBit, type EntryState, type Processor } from "./entry-state.ts";

/** One entry with everything that conditions ask of it. */
export class Entry {
  readonly state: EntryState;
  readonly processor: Processor;
  private readonly controls = new Map<string, boolean>();

  constructor(state: EntryState, processor: Processor) {
    this.state = state;
    this.processor = processor;
  }

  f(name: string): bigint {
    return this.state.fields[name]!;
  }

  /** The control is 1 and, where its word needs activation, in force. */
  on(reference: string): boolean {
    let value = this.controls.get(reference);
    if (value === undefined) {
      const { field, mask } = controlBit(reference);
      value = (this.f(field) & mask) !== 0n;
      if (reference.startsWith("secondary.")) {
        value &&= this.on("primary.activate_secondary_controls");
      }
      if (reference.startsWith("tertiary.")) {
        value &&= this.on("primary.activate_tertiary_controls");
      }
      this.controls.set(reference, value);
    }
    return value;
  }

  cap(msr: number): bigint {
    return this.processor.capability(msr);
  }

  capBit(msr: number, place: number): boolean {
    return bit(this.cap(msr), place);
  }

  /** A 32-bit word against the two halves of its capability MSR. */
  word(field: string, msr: number): boolean {
    const value = this.f(field);
    for (let place = 0; place < 32; place++) {
      const one = bit(value, place);
      if (bit(this.cap(msr), place) && !one) return false;
      if (!bit(this.cap(msr), place + 32) && one) return false;
    }
    return true;
  }

  /** Nothing at or above the physical-address width. */
  inRange(address: bigint): boolean {
    return address < 1n << BigInt(this.processor.physicalBits);
  }

  /** A physical address with the low `zeros` bits clear. */
  pa(field: string, zeros: number): boolean {
    const address = this.f(field);
    return this.inRange(address) && address % (1n << BigInt(zeros)) === 0n;
  }

  canonical(field: string): boolean {
    const value = this.f(field);
    const width = BigInt(this.processor.linearBits);
    const half = 1n << (width - 1n);
    return value < half || value >= (1n << 64n) - half;
  }

  /** Bits from the linear-address width up are all alike. */
  wide(field: string): boolean {
    const upper = this.f(field) >> BigInt(this.processor.linearBits);
    return upper === 0n || upper === (1n << BigInt(64 - this.processor.linearBits)) - 1n;
  }

  list(name: string): { count: bigint; address: bigint } {
    return { count: this.f(`${name}_count`), address: this.f(`${name}_addr`) };
  }

  dword(hpa: bigint): bigint {
    return this.processor.read32(hpa);
  }

  qword(hpa: bigint): bigint {
    return this.dword(hpa) | (this.dword(hpa + 4n) << 32n);
  }

  get tpr(): boolean {
    return this.on("primary.use_tpr_shadow");
  }

  get vid(): boolean {
    return this.on("secondary.virtual_interrupt_delivery");
  }

  get ept(): boolean {
    return this.on("secondary.enable_ept");
  }

  get urg(): boolean {
    return this.on("secondary.unrestricted_guest");
  }

  get posted(): boolean {
    return this.on("pin.process_posted_interrupts");
  }

  get ia32e(): boolean {
    return this.on("entry.ia32e_mode_guest");
  }

  get host64(): boolean {
    return this.on("exit.host_address_space_size");
  }

  get eptpSwitching(): boolean {
    return this.on("secondary.enable_vm_functions") && bit(this.f("vm_function_controls"), 0);
  }

  get v86(): boolean {
    return bit(this.f("guest_rflags"), 17);
  }

  get pe(): boolean {
    return bit(this.f("guest_cr0"), 0);
  }

  get pg(): boolean {
    return bit(this.f("guest_cr0"), 31);
  }

  /** Interruption type of the event to inject; undefined when there is none. */
  get inject(): number | undefined {
    const info = this.f("vmentry_intr_info");
    return bit(info, 31) ? Number((info >> 8n) & 7n) : undefined;
  }

  get vector(): number {
    return Number(this.f("vmentry_intr_info") & 0xffn);
  }

  get deliversCode(): boolean {
    return this.inject !== undefined && bit(this.f("vmentry_intr_info"), 11);
  }

  get activity(): number {
    return Number(this.f("guest_activity_state"));
  }

  /** Bit of the interruptibility state. */
  blocks(place: number): boolean {
    return bit(this.f("guest_interruptibility"), place);
  }

  /** Contexts in which a single-step trap cannot be lost. */
  get steppingHeld(): boolean {
    return this.blocks(0) || this.blocks(1) || this.activity === 1;
  }

  get steps(): boolean {
    return bit(this.f("guest_rflags"), 8) && !bit(this.f("guest_ia32_debugctl"), 1);
  }

  get link(): bigint {
    return this.f("vmcs_link_pointer");
  }
}

export function bit(value: bigint, place: number): boolean {
  return ((value >> BigInt(place)) & 1n) === 1n;
}

/** Bits `high` to `low` of `value`. */
export function field(value: bigint, high: number, low: number): bigint {
  return (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
}

/** A segment register of the guest. */
export class Segment {
  readonly selector: bigint;
  readonly base: bigint;
  readonly limit: bigint;
  readonly ar: bigint;

  constructor(entry: Entry, name: string) {
    this.selector = entry.f(`guest_${name}_selector`);
    this.base = entry.f(`guest_${name}_base`);
    this.limit = entry.f(`guest_${name}_limit`);
    this.ar = entry.f(`guest_${name}_ar`);
  }

  get type(): number {
    return Number(field(this.ar, 3, 0));
  }

  get s(): boolean {
    return bit(this.ar, 4);
  }

  get dpl(): number {
    return Number(field(this.ar, 6, 5));
  }

  get p(): boolean {
    return bit(this.ar, 7);
  }

  get l(): boolean {
    return bit(this.ar, 13);
  }

  get db(): boolean {
    return bit(this.ar, 14);
  }

  get g(): boolean {
    return bit(this.ar, 15);
  }

  get usable(): boolean {
    return !bit(this.ar, 16);
  }

  get rpl(): number {
    return Number(field(this.selector, 1, 0));
  }

  get ti(): boolean {
    return bit(this.selector, 2);
  }

  get lowOnes(): boolean {
    return field(this.limit, 11, 0) === 0xfffn;
  }

  get highZero(): boolean {
    return field(this.limit, 31, 20) === 0n;
  }
}

export type Condition = (e: Entry) => boolean;

const PAT_TYPES = new Set([0n, 1n, 4n, 5n, 6n, 7n]);

export function patValid(value: bigint): boolean {
  return [0, 8, 16, 24, 32, 40, 48, 56].every((low) => PAT_TYPES.has(field(value, low + 7, low)));
}

/** CR0 and CR4 against their two capability MSRs, without the bits `ignore`. */
export function fixed(
  e: Entry,
  value: bigint,
  msr0: number,
  msr1: number,
  ignore: readonly number[],
): boolean {
  for (let place = 0; place < 64; place++) {
    if (ignore.includes(place)) continue;
    if (bit(value, place) ? !e.capBit(msr1, place) : e.capBit(msr0, place)) return false;
  }
  return true;
}

export const NW_CD = [29, 30];
