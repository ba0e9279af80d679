/**
 * The APIC-access page over VM entries and exits: with VPIDs translations stay cached, but one that a
 * guest used while the page was an ordinary one must not serve an entry that virtualizes it.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { LAYOUT } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { controlNamed } from "../../src/tables/vmx/controls.ts";
import { DATA } from "../support/bare-core.ts";
import {
  ACCESS,
  ACCESS_FILL,
  dword,
  fieldAt,
  GDT,
  HOST_CODE,
  STACK,
  VAPIC,
  VirtualApicGuest,
} from "../support/virtual-apic.ts";

const GUEST_CODE = 0x39000;
const RET = 0xc3;
const VMX_ROOT = 1;
const CAPABILITIES = 20;

let guest: VirtualApicGuest;
beforeAll(async () => {
  guest = await VirtualApicGuest.create();
  // Every control, and every bit of CR0 and CR4, may be 1, and none must be.
  const { core } = guest;
  const at = LAYOUT.VMX_CAPABILITIES >> 3;
  for (let i = 0; i < CAPABILITIES; i++) core.u64[at + i] = 0xffffffff00000000n;
  for (const fixed0 of [6, 8]) core.u64[at + fixed0] = 0n;
  for (const fixed1 of [7, 9]) core.u64[at + fixed1] = 0xffffffffffffffffn;
});

function bits(...names: string[]): number {
  return names.reduce((sum, name) => (sum | (1 << controlNamed(name).bit)) >>> 0, 0);
}

const PLAIN = bits("secondary.enable_vpid");
const VIRTUAL = bits("secondary.enable_vpid", "secondary.virtualize_apic_accesses");

/** MOV DWORD [at],value */
const poke = (at: number, value: number) => [0xc7, 0x04, 0x25, ...dword(at), ...dword(value)];

/**
 * Runs the guest once for each of `entries`, secondary controls; the host, on an exit, writes those of
 * the next entry. EBX counts the entries. Returns the reason of each exit.
 */
function run(guestCode: number[], entries: number[], accessFill = ACCESS_FILL): number[] {
  guest.enter([], { accessFill });
  const { core, bare } = guest;
  core.setState32(STATE.VMX_OPERATION, VMX_ROOT);
  core.setState64(STATE.CR4, core.state64(STATE.CR4) | 0x2000n);
  const set = (name: string, value: number | bigint) => guest.setField(name, BigInt(value));
  set(
    "primary_proc_controls",
    bits("primary.use_tpr_shadow", "primary.activate_secondary_controls"),
  );
  set("secondary_proc_controls", entries[0]!);
  set("vmentry_controls", bits("entry.ia32e_mode_guest"));
  set("vpid", 1);
  set("virtual_apic_addr", VAPIC);
  set("apic_access_addr", ACCESS);
  set("vmcs_link_pointer", 0xffffffffffffffffn);
  set("guest_cr0", core.state64(STATE.CR0));
  set("guest_cr3", core.state64(STATE.CR3));
  set("guest_cr4", core.state64(STATE.CR4));
  set("guest_dr7", 0x400);
  set("guest_rflags", 2);
  set("guest_rip", GUEST_CODE);
  set("guest_rsp", STACK);
  for (const segment of ["es", "cs", "ss", "ds", "fs", "gs"]) {
    set(`guest_${segment}_selector`, segment === "cs" ? 8 : 16);
    set(`guest_${segment}_limit`, 0xffffffff);
    set(`guest_${segment}_ar`, segment === "cs" ? 0xa09b : 0xc093);
  }
  set("guest_tr_selector", 16);
  set("guest_tr_limit", 0x67);
  set("guest_tr_ar", 0x8b);
  set("guest_ldtr_ar", 0x10000);
  set("guest_gdtr_base", GDT);
  set("guest_gdtr_limit", 0xff);
  const place = (at: number, code: number[]) => {
    bare.bytes(at, code.length).set(code);
    core.exports.hostWritten(bare.ram + at, code.length);
  };
  place(GUEST_CODE, [...guestCode, 0x0f, 0x01, 0xc1]);
  // Notes the reason at DATA + 100h, then, unless it was the last, enters again with the next controls.
  const controls = DATA + 0x200;
  place(HOST_CODE, [
    ...[0x8b, 0x04, 0x25, ...dword(fieldAt("exit_reason"))],
    ...[0x89, 0x04, 0x9d, ...dword(DATA + 0x100)],
    ...[0xff, 0xc3, 0x83, 0xfb, entries.length, 0x74, 7 + 7 + 11 + 3],
    ...[0x8b, 0x04, 0x9d, ...dword(controls)],
    ...[0x89, 0x04, 0x25, ...dword(fieldAt("secondary_proc_controls"))],
    ...poke(fieldAt("guest_rip"), GUEST_CODE),
    ...[0x0f, 0x01, 0xc3],
    0xf4,
  ]);
  const words = (at: number) => new Uint32Array(core.u8.buffer, bare.ram + at, entries.length);
  words(controls).set(entries);
  guest.bare.run([0x0f, 0x01, 0xc2]);
  expect(core.state64(STATE.RIP)).toBeGreaterThan(BigInt(HOST_CODE));
  return [...words(DATA + 0x100)];
}

/** What the guest noted at DATA, a word an entry. */
const noted = (count: number) =>
  Array.from({ length: count }, (_, i) => guest.core.u32[(guest.bare.ram + DATA) / 4 + i]!);

const VMCALL = 18;
const APIC_ACCESS = 44;

describe("a page that is the APIC-access page of some entries", () => {
  // MOV EAX,[ACCESS + 80h]; MOV [DATA + RBX * 4],EAX
  const read = [
    ...[0x8b, 0x04, 0x25, ...dword(ACCESS + 0x80)],
    ...[0x89, 0x04, 0x9d, ...dword(DATA)],
  ];

  it("reads come from the virtual-APIC page in those and from memory in the others", () => {
    const entries = [PLAIN, VIRTUAL, VIRTUAL, PLAIN, VIRTUAL];
    // INC BYTE [VAPIC + 80h], so that every entry reads another value.
    const count = [0xfe, 0x04, 0x25, ...dword(VAPIC + 0x80)];
    expect(run([...count, ...read], entries)).toEqual(entries.map(() => VMCALL));
    expect(noted(5)).toEqual([0xaaaaaaaa, 2, 3, 0xaaaaaaaa, 5]);
  });
  it("fetches exit in those", () => {
    // CALL ACCESS + 10h, where a RET stands.
    const target = ACCESS + 0x10 - (GUEST_CODE + 5);
    const entries = [PLAIN, VIRTUAL, PLAIN];
    expect(run([0xe8, ...dword(target)], entries, RET)).toEqual([VMCALL, APIC_ACCESS, VMCALL]);
    expect(Number(guest.field("exit_qualification"))).toBe(0);
  });
});
