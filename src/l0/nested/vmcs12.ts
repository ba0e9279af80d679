/**
 * vmcs12: the VMCS that L1 makes for L2, as L0 keeps it while it is current. Its region in L1's memory
 * has a format of L0's own: revision identifier, abort indicator, launch state, eight bytes a field.
 */
import { fieldOffset, VMCS_FIELDS, type VmcsField } from "../../tables/vmx/fields.ts";

/** Revision identifier that L1 finds in IA32_VMX_BASIC. */
export const VMCS12_REVISION = 0x11e57ed0;
/** Bit 31 of a revision identifier: a shadow VMCS, which L2 may read and write but L1 not enter with. */
export const SHADOW_VMCS = 0x80000000;
export const VMCS12_BYTES = 4096;
/** Offset of the launch state. */
export const LAUNCH_STATE = 8;
/** Offset of the VMX-abort indicator. */
export const ABORT_INDICATOR = 4;
const TWO_32 = 0x1_0000_0000;
const ENCODINGS = 0x8000;

/** Index of the first of a field's two words, by encoding; 0 for encodings without a field. */
const PLACE = new Uint16Array(ENCODINGS);
const FIELDS = new Map<number, VmcsField>();
for (const field of VMCS_FIELDS) {
  if (!field.built) continue;
  PLACE[field.encoding] = fieldOffset(field) >> 2;
  FIELDS.set(field.encoding, field);
}

/** The field of an encoding of full access. */
export function fieldOf(encoding: number): VmcsField | undefined {
  return FIELDS.get(encoding);
}

export class Vmcs12 {
  readonly bytes = new Uint8Array(VMCS12_BYTES);
  private readonly words = new Uint32Array(this.bytes.buffer);

  get revision(): number {
    return this.words[0]!;
  }

  get isShadow(): boolean {
    return (this.revision & SHADOW_VMCS) !== 0;
  }

  get isLaunched(): boolean {
    return this.words[LAUNCH_STATE >> 2] !== 0;
  }

  set isLaunched(launched: boolean) {
    this.words[LAUNCH_STATE >> 2] = launched ? 1 : 0;
  }

  set abort(indicator: number) {
    this.words[ABORT_INDICATOR >> 2] = indicator;
  }

  /** Lower half of a field, unsigned. */
  lo(field: number): number {
    return this.words[PLACE[field]!]!;
  }

  hi(field: number): number {
    return this.words[PLACE[field]! + 1]!;
  }

  set(field: number, lo: number, hi = 0): void {
    const place = PLACE[field]!;
    this.words[place] = lo;
    this.words[place + 1] = hi;
  }

  /** A field whose value is below 2^53. */
  address(field: number): number {
    return this.hi(field) * TWO_32 + this.lo(field);
  }

  wide(field: number): bigint {
    return (BigInt(this.hi(field)) << 32n) | BigInt(this.lo(field));
  }

  setWide(field: number, value: bigint): void {
    this.set(field, Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn));
  }

  setAddress(field: number, value: number): void {
    this.set(field, value >>> 0, Math.floor(value / TWO_32));
  }
}
