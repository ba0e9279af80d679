/** What the cases of the VM-entry checks are made of. */
import type { Changes } from "./entry-state.ts";

export interface EntryCase {
  /** CPU model; the newest unless given. */
  readonly model?: string;
  /** What both states have beside the base. */
  readonly setup?: readonly Changes[];
  readonly pass: Changes;
  readonly fail: Changes;
  /** Checks that cannot but fail along with it. */
  readonly also?: readonly string[];
}

export const NEWEST = "sapphire-rapids";

/** First address above the range of the newest model. */
export const BEYOND = 1n << 46n;
export const PAGE_LAST = BEYOND - 4096n;
/** First address that is not canonical with 57 bits. */
export const NOT_CANONICAL = 1n << 56n;
export const LOWEST_NEGATIVE = 0xff00000000000000n;
export const LEFT_4G = 1n << 32n;

export const EPT: Changes = { on: "secondary.enable_ept" };

export const set = (name: string, value: bigint | number): Changes => ({
  fields: { [name]: value },
});

const VALID = 0x80000000;

/** VM-entry interruption information and instruction length. */
export const injected = (info: number, length = 2): Changes => ({
  fields: { vmentry_intr_info: VALID + info, vmentry_instruction_length: length },
});

/** A base that must be canonical. */
export function canonical(name: string): EntryCase {
  return { pass: set(name, LOWEST_NEGATIVE), fail: set(name, NOT_CANONICAL) };
}

/** A PAT field with a load control. */
export function pat(control: string, name: string): EntryCase {
  return {
    setup: [{ on: control }],
    pass: set(name, 0x0001040506070000n),
    fail: set(name, 0x0001040502070000n),
  };
}
