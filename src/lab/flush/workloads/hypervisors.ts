/**
 * Worlds in which L1 is a hypervisor with 1, 2, 4 or 8 guests, which it runs by turns: each walks through
 * pages of its own and pages that all share, and so does L1 between two of them.
 */
import { FIELD } from "../../../generated/vmx.ts";
import { getField, resume, vmxon } from "../../hypervisor-code.ts";
import {
  type Ept12Options,
  ept12At,
  eptpOf,
  type GuestOptions,
  hypervisorWorld,
  L2_CODE,
  VMXON_REGION,
} from "../../l2-world.ts";
import { CODE_BYTES, type Code, program, ready, vmcall, word } from "../../program.ts";
import type { WorldOptions } from "../../world.ts";
import type { Random } from "../random.ts";
import type { ParameterSpec } from "../types.ts";
import { type Walk, walkCode } from "../walker.ts";
import type { Settings } from "../workload.ts";
import { labWorld } from "./guests.ts";
import { power, share, whole } from "./parameters.ts";

const PAGE = 4096;
const HOT_PART = 8;
/** Pages that L1 and all its guests use. */
export const SHARED_BASE = 0x100000;
/** Pages of the first guest; the others follow. */
const PRIVATE_BASE = 0x140000;
/** Pages of L1 alone. */
export const L1_BASE = 0x1c0000;
export const SHARED_PAGES = 64;
export const L1_PAGES = 32;
/** Behind them, pages that only L2 gets to see. */
export const SPARE_BASE = L1_BASE + L1_PAGES * PAGE;
const PRIVATE_PAGES = 128;
const VMCS12_BASE = 0x80000;
/** L1's words: for each vCPU an index, a counter, and the addresses of its vmcs12s. */
const WORDS = 0xf0000;
const WORDS_BYTES = 0x100;
const POINTERS = 0x40;
const APIC_ACCESS_EXIT = 44;
const VMCALL_BYTES = 3;
/** Bytes of the instruction with which L2 reads its APIC. */
export const READ_BYTES = 7;

export const GUESTS = power("l2.guests", "guests of each L1 hypervisor", 2, 1, 8);
export const EPTS: ParameterSpec = whole(
  "l2.epts",
  "EPT roots that L1 has for its guests; no more than guests",
  8,
  1,
  8,
);
export const VPIDS: ParameterSpec = {
  name: "l2.vpids",
  text: "VPIDs that L1 gives its guests: none, one for all, one each",
  default: "each",
  oneOf: ["none", "one", "each"],
};
export const SHARED = share("shared", "share of accesses to pages that all guests use", 0.2);
export const STAY = whole("l2.stay", "accesses of a guest until L1 goes on", 40, 1, 10_000);
export const L1_STAY = whole(
  "l1.stay",
  "accesses of L1 until it enters the next guest",
  10,
  0,
  10_000,
);
export const L2_PAGES = power(
  "l2.pages",
  "pages of each guest; of all guests together 128 at most",
  16,
  1,
  64,
);

export const NESTED = [GUESTS, EPTS, VPIDS, SHARED, STAY, L1_STAY, L2_PAGES];

const l1Code = walkCode(32);
const l2Code = walkCode(16);

/** How the parameters come out. @throws RangeError when the guests have no room for their pages */
export function shapeOf(settings: Settings) {
  const guests = settings.number("l2.guests");
  const pages = settings.number("l2.pages");
  if (guests * pages > PRIVATE_PAGES) {
    const most = PRIVATE_PAGES / guests;
    throw new RangeError(
      `${guests} guests have no room for l2.pages=${pages}: give ${most} at most`,
    );
  }
  const epts = Math.min(guests, settings.number("l2.epts"));
  return { guests, pages, epts, privateBase: (i: number) => PRIVATE_BASE + i * pages * PAGE };
}

function walkAt(settings: Settings, base: number, pages: number): Walk {
  return {
    base,
    pages,
    hot: Math.max(1, pages / HOT_PART),
    locality: settings.number("locality"),
    writes: settings.number("writes"),
  };
}

/** What a workload adds to the hypervisors. */
export interface Extras {
  /** L1 does this between two guests, at each `every`th time; it may use EAX, ECX and EDX. */
  readonly l1?: Code;
  readonly every?: number;
  /** L2 does this at the end of each stay. */
  readonly l2?: Code;
  readonly ept12?: Ept12Options;
  readonly apic?: boolean;
  readonly apicAccess?: number;
}

/** Adds up the first words of a vCPU's memory; the next guest's vmcs12 becomes the current one. */
function nextGuest(words: number, guests: number): Code {
  const index = word(words);
  return [
    // INC [index]; AND [index], guests - 1; MOV EAX, [index]; VMPTRLD [EAX * 8 + pointers]
    ...[0xff, 0x05, ...index],
    ...[0x81, 0x25, ...index, ...word(guests - 1)],
    ...[0xa1, ...index],
    ...[0x0f, 0xc7, 0x34, 0xc5, ...word(words + POINTERS)],
  ];
}

/** L2 goes on behind the instruction with which it exited. */
const resumeBehind: Code = [
  // CMP AL, APIC access; MOV ECX, bytes of VMCALL; JNE; MOV ECX, bytes of the read
  ...[...getField(FIELD.exit_reason), 0x3c, APIC_ACCESS_EXIT, 0xb9, ...word(VMCALL_BYTES)],
  ...[0x75, 5, 0xb9, ...word(READ_BYTES)],
  // ADD EAX, ECX; VMWRITE
  ...[...getField(FIELD.guest_rip), 0x01, 0xc8, 0x0f, 0x79, 0xd0],
  ...resume,
];

/** Does `code` at each `every`th time, a power of two: INC, TEST, JNZ. */
function sometimes(counter: number, every: number, code: Code): Code {
  const at = word(counter);
  return [
    ...[0xff, 0x05, ...at],
    ...[0xf7, 0x05, ...at, ...word(every - 1)],
    ...[0x0f, 0x85, ...word(code.length), ...code],
  ];
}

function hypervisorProgram(settings: Settings, vcpu: number, seed: number, extras: Extras): Code {
  const { guests } = shapeOf(settings);
  const words = WORDS + vcpu * WORDS_BYTES;
  const rounds = settings.number("l1.stay");
  const half = Math.ceil(rounds / 2);
  const own = l1Code.round(walkAt(settings, L1_BASE, L1_PAGES));
  const shared = l1Code.round(walkAt(settings, SHARED_BASE, SHARED_PAGES));
  const walk = rounds === 0 ? [] : [...l1Code.times(half, own), ...l1Code.times(half, shared)];
  const { l1 = [], every = 1 } = extras;
  const extra = l1.length === 0 ? [] : sometimes(words + 4, every, l1);
  const body = [...nextGuest(words, guests), ...resumeBehind, ...walk, ...extra];
  return program(vmxon(VMXON_REGION + vcpu * PAGE), l1Code.seed(seed), ready, l1Code.forEver(body));
}

function guestOf(settings: Settings, index: number, extras: Extras): GuestOptions {
  const { guests, pages, epts, privateBase } = shapeOf(settings);
  const number = index % guests;
  const stay = settings.number("l2.stay");
  const common = Math.round(stay * settings.number("shared"));
  const own = l2Code.round(walkAt(settings, privateBase(number), pages));
  const shared = l2Code.round(walkAt(settings, SHARED_BASE, SHARED_PAGES));
  const vpids = settings.text("l2.vpids");
  const { apicAccess } = extras;
  return {
    code: program(
      l2Code.forEver(
        stay > common ? l2Code.times(stay - common, own) : [],
        common > 0 ? l2Code.times(common, shared) : [],
        extras.l2 ?? [],
        vmcall,
      ),
    ),
    eptp: eptpOf(ept12At(number % epts)),
    ...(vpids !== "none" && { vpid: vpids === "one" ? 1 : number + 1 }),
    ...(apicAccess !== undefined && { apicAccess }),
  };
}

/** The world; each vCPU has a hypervisor with guests of its own. */
export function hypervisors(settings: Settings, random: Random, extras: Extras = {}): WorldOptions {
  const { guests, epts } = shapeOf(settings);
  const vcpus = settings.number("vcpus");
  const all = Array.from({ length: guests * vcpus }, (_, i) => guestOf(settings, i, extras));
  const words: Record<number, number> = {};
  all.forEach((_, i) => {
    const at = WORDS + Math.floor(i / guests) * WORDS_BYTES + POINTERS + (i % guests) * 8;
    words[at] = VMCS12_BASE + i * PAGE;
  });
  const ept12 = extras.ept12 ?? {};
  return hypervisorWorld({
    ...labWorld(settings),
    programs: Array.from({ length: vcpus }, (_, vcpu) =>
      hypervisorProgram(settings, vcpu, random.below(2 ** 31), extras),
    ),
    apic: extras.apic ?? false,
    // L1 goes on behind an instruction of L2's, the first time as well.
    guests: all.map((guest, i) => {
      const rip = L2_CODE + i * CODE_BYTES - VMCALL_BYTES;
      return { ...guest, fields: { [FIELD.guest_rip]: rip } };
    }),
    vmcs12Base: VMCS12_BASE,
    launched: true,
    ept12s: Array.from({ length: epts }, () => ept12),
    words,
  });
}
