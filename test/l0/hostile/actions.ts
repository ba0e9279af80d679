/** What the hostile L1, its L2 and L0's userspace do: one action each, drawn by chance. */
import { BACK, Code, RAX, RCX, RDI, RDX, RSI } from "./code.ts";
import type { HostAction } from "./host-actions.ts";
import { anyHostAction } from "./host-actions.ts";
import {
  DATA_PAGES,
  EPT,
  EXTRA_GPA,
  EXTRA_PAGES,
  L2_CODE,
  L2_PROGRAM_BYTES,
  L2_PROGRAMS,
  MSR_BITMAP,
  MSR_LISTS,
  NEXT_PORT,
  PAGE,
  page,
  VMCS12_PAGES,
  VMXON_PAGES,
} from "./memory-map.ts";
import type { Random } from "./random.ts";
import {
  anyAddress,
  anyField,
  oddValue,
  randomRegion,
  type Seen,
  vmcsRegion,
} from "./vmcs-template.ts";

/** Code for L1, or something that L0's userspace does. */
export type Action =
  | { readonly name: string; readonly code: Uint8Array }
  | { readonly name: string; readonly host: HostAction };

type Maker = (random: Random, seen: Seen) => Action;
/** Instructions put behind others: for L1 and for programs of L2. */
type Emit = (code: Code, random: Random) => string;

const hex = (value: bigint | number) => `0x${value.toString(16)}`;

const regionPointer = (random: Random) =>
  random.oneIn(8) ? anyAddress(random) : BigInt(page(random.pick(VMCS12_PAGES)));

const pointerTo =
  (name: string, reg: number, opcode: readonly number[], from: (r: Random) => bigint): Emit =>
  (code, random) => {
    const pointer = from(random);
    // The operand itself may lie where nothing is.
    if (random.oneIn(30)) code.at(anyAddress(random), reg, ...opcode);
    else code.withData([pointer], reg, ...opcode);
    return `${name} ${hex(pointer)}`;
  };

const vmxon = pointerTo("VMXON", 6, [0xf3, 0x0f, 0xc7], (r) =>
  r.oneIn(8) ? anyAddress(r) : BigInt(page(r.pick(VMXON_PAGES))),
);
const vmclear = pointerTo("VMCLEAR", 6, [0x66, 0x0f, 0xc7], regionPointer);
const vmptrld = pointerTo("VMPTRLD", 6, [0x0f, 0xc7], regionPointer);

const vmptrst: Emit = (code, random) => {
  const to = anyAddress(random);
  code.at(to, 7, 0x0f, 0xc7);
  return `VMPTRST [${hex(to)}]`;
};

const vmread: Emit = (code, random) => {
  const field = random.oneIn(6) ? random.next() & 0x7fff : anyField(random);
  code.set(RCX, random.oneIn(40) ? random.wide() : BigInt(field));
  if (random.oneIn(3)) code.at(anyAddress(random), RCX, 0x0f, 0x78);
  else code.raw(0x0f, 0x78, 0xc8);
  return `VMREAD ${hex(field)}`;
};

const vmwrite: Emit = (code, random) => {
  const field = random.oneIn(8) ? random.next() & 0x7fff : anyField(random);
  const value = oddValue(random, field);
  code.set(RCX, BigInt(field));
  if (random.oneIn(6)) code.withData([value], RCX, 0x0f, 0x79);
  else code.set(RAX, value).raw(0x0f, 0x79, 0xc8);
  return `VMWRITE ${hex(field)}, ${hex(value)}`;
};

const plain =
  (name: string, ...bytes: number[]): Emit =>
  (code) => {
    code.raw(...bytes);
    return name;
  };

const invept: Emit = (code, random) => {
  const root =
    BigInt(page(random.pick([EPT.pml4, EPT.otherPml4]))) | 0x1en | (random.oneIn(2) ? 0x40n : 0n);
  const eptp = random.oneIn(4) ? anyAddress(random) : root;
  const type = random.oneIn(10) ? random.wide() : BigInt(1 + random.below(2));
  code
    .set(RCX, type)
    .withData([eptp, random.oneIn(12) ? random.wide() : 0n], RCX, 0x66, 0x0f, 0x38, 0x80);
  return `INVEPT ${type}, ${hex(eptp)}`;
};

const invvpid: Emit = (code, random) => {
  const type = random.oneIn(10) ? random.wide() : BigInt(random.below(4));
  const vpid = random.oneIn(10) ? random.wide() : BigInt(random.below(4));
  code.set(RCX, type).withData([vpid, anyAddress(random)], RCX, 0x66, 0x0f, 0x38, 0x81);
  return `INVVPID ${type}, ${hex(vpid)}`;
};

const invpcid: Emit = (code, random) => {
  const type = BigInt(random.below(5));
  code
    .set(RCX, type)
    .withData([BigInt(random.below(4)), anyAddress(random)], RCX, 0x66, 0x0f, 0x38, 0x82);
  return `INVPCID ${type}`;
};

const load: Emit = (code, random) => {
  const from = anyMemory(random);
  code.at(from, RAX, ...random.pick([[0x8b], [0x48, 0x8b], [0x8a], [0x66, 0x8b]]));
  return `read [${hex(from)}]`;
};

const store: Emit = (code, random) => {
  const to = anyMemory(random);
  code
    .set(RAX, random.wide())
    .at(to, RAX, ...random.pick([[0x89], [0x48, 0x89], [0x88], [0x48, 0x87], [0xf0, 0x48, 0x01]]));
  return `write [${hex(to)}]`;
};

function anyMemory(random: Random): bigint {
  return random.weighted<() => bigint>([
    [5, () => BigInt(page(random.pick(DATA_PAGES)) + random.below(512) * 8)],
    [2, () => BigInt(EXTRA_GPA + random.below(EXTRA_PAGES) * PAGE)],
    [3, () => 0xfee00000n + BigInt(random.below(0x40) * 0x10)],
    [1, () => 0xfec00000n + BigInt(random.below(4) * 0x10)],
    [1, () => 0xfed00000n + BigInt(random.below(0x40) * 8)],
    [1, () => BigInt(page(random.below(64)) + random.below(4096))],
    [1, () => BigInt(page(random.pick(DATA_PAGES)) + 4096 - random.below(8))],
    [1, () => anyAddress(random)],
  ])();
}

/** Entries of EPT12: good ones, loops, misconfigurations, tables where no memory is. */
const ept: Emit = (code, random) => {
  const table = random.pick([
    EPT.pml4,
    EPT.pdpt,
    EPT.low,
    EPT.small,
    EPT.high,
    EPT.apic,
    EPT.otherPml4,
  ]);
  const index = random.oneIn(4) ? random.below(512) : random.below(4);
  const target = random.weighted<() => bigint>([
    [6, () => BigInt(page(random.below(40)))],
    [3, () => BigInt(page(table))],
    [2, () => BigInt(random.below(4) * 0x200000)],
    [1, () => 0xfee00000n],
    [1, () => anyAddress(random) & 0xf_ffff_ffff_f000n],
  ])();
  const rights = BigInt(random.oneIn(3) ? random.below(8) : 7);
  const type = BigInt(random.oneIn(4) ? random.below(8) : 6) << 3n;
  const large = random.oneIn(3) ? 0x80n : 0n;
  const entry =
    target |
    rights |
    (large !== 0n || table === EPT.small || table === EPT.apic ? type : 0n) |
    large;
  const at = BigInt(page(table) + index * 8);
  code.set(RAX, entry).at(at, RAX, 0x48, 0x89);
  return `EPT12 table ${table}[${index}] = ${hex(entry)}`;
};

const MSRS = [
  0x1b, 0x3a, 0x480, 0x481, 0x485, 0x48b, 0x48c, 0x491, 0x10, 0x6e0, 0x277, 0xc0000080, 0xc0000082,
  0xc0000100, 0xc0000101, 0xc0000102, 0x174, 0x175, 0x1d9, 0x3b, 0x80b, 0x808, 0x830, 0x83f, 0x802,
  0x20c, 0x2ff, 0xda0, 0x8b, 0x9b, 0x9e, 0x4b564d00, 0x40000000,
];

const rdmsr: Emit = (code, random) => {
  const msr = random.oneIn(6) ? random.next() : random.pick(MSRS);
  code.set(RCX, BigInt(msr)).raw(0x0f, 0x32);
  return `RDMSR ${hex(msr)}`;
};

const wrmsr: Emit = (code, random) => {
  const msr = random.oneIn(6) ? random.next() : random.pick(MSRS);
  const value =
    msr === 0x1b
      ? random.pick([0xfee00900n, 0xfee00d00n, 0xfee00100n, 0xfee00800n, 0x100900n, 0x800n])
      : msr === 0xc0000080 && !random.oneIn(4)
        ? 0xd01n
        : oddValue(random, 0);
  code
    .set(RCX, BigInt(msr))
    .set(RAX, value & 0xffffffffn)
    .set(RDX, value >> 32n)
    .raw(0x0f, 0x30);
  return `WRMSR ${hex(msr)}, ${hex(value)}`;
};

/** The mode of the local APIC, by the steps that are allowed. */
const apicMode: Emit = (code, random) => {
  const value = random.pick([0xfee00900, 0xfee00d00, 0xfee00100]);
  code.set(RCX, 0x1bn).set(RAX, BigInt(value)).set(RDX, 0n).raw(0x0f, 0x30);
  return `APIC base ${hex(value)}`;
};

/** IPIs: INIT, NMI, start-up, fixed; to itself or to others. */
const ipi: Emit = (code, random) => {
  const mode = random.pick([0, 0, 0, 4, 4, 5, 6]);
  const icr = BigInt(
    random.pick([0x20, 0x40, 0xf2, 8]) | (mode << 8) | (random.below(4) << 18) | 0x4000,
  );
  const target = BigInt(random.below(2));
  if (random.oneIn(2)) {
    code.set(RCX, 0x830n).set(RAX, icr).set(RDX, target).raw(0x0f, 0x30);
  } else {
    code.set(RAX, target << 24n).at(0xfee00310n, RAX, 0x89);
    code.set(RAX, icr).at(0xfee00300n, RAX, 0x89);
  }
  return `ICR ${hex(icr)} to ${target}`;
};

const endOfInterrupt: Emit = (code) => {
  code.set(RAX, 0n).at(0xfee000b0n, RAX, 0x89);
  return "EOI";
};

const softwareEnable: Emit = (code) => {
  code.set(RAX, 0x1ffn).at(0xfee000f0n, RAX, 0x89);
  return "SPIV";
};

const timer: Emit = (code, random) => {
  const lvt = BigInt(random.pick([0x30, 0x20030, 0x40030]));
  code.set(RAX, lvt).at(0xfee00320n, RAX, 0x89);
  code.set(RAX, BigInt(random.below(30000))).at(0xfee00380n, RAX, 0x89);
  return "APIC timer";
};

const controlRegister: Emit = (code, random) => {
  const register = random.pick([0, 3, 4, 8]);
  const bit = 1n << BigInt(random.below(random.oneIn(8) ? 64 : 32));
  if (random.oneIn(3)) {
    code.raw(0x0f, 0x20, 0xc0 | (register << 3));
    return `MOV from CR${register}`;
  }
  // One bit of what it is, flipped; CR3 as it is most of the time.
  code.raw(0x0f, 0x20, 0xc0 | (register << 3));
  if (register !== 3 || random.oneIn(12))
    code.set(RCX, register === 8 ? bit & 15n : bit).raw(0x48, 0x31, 0xc8);
  code.raw(0x0f, 0x22, 0xc0 | (register << 3));
  return `MOV to CR${register}, bit ${hex(bit)}`;
};

const invlpg: Emit = (code, random) => {
  code.at(anyMemory(random), 7, 0x0f, 0x01);
  return "INVLPG";
};

const cpuid: Emit = (code, random) => {
  code
    .set(RAX, BigInt(random.pick([0, 1, 7, 0xb, 0xd, 0x40000000, 0x80000008])))
    .set(RCX, 0n)
    .raw(0x0f, 0xa2);
  return "CPUID";
};

const port: Emit = (code, random) => {
  const number = random.pick([
    0x20, 0x21, 0xa1, 0x40, 0x43, 0x60, 0x64, 0x70, 0x71, 0x80, 0xcf8, 0xcfc, 0x3f8, 0x402,
  ]);
  code.set(RDX, BigInt(number)).set(RAX, BigInt(random.below(256)));
  code.raw(...random.pick([[0xec], [0xee], [0xed], [0x66, 0xef]]));
  return `port ${hex(number)}`;
};

const stringIo: Emit = (code, random) => {
  const to = anyMemory(random);
  code
    .set(RDX, 0x80n)
    .set(RDI, to)
    .set(RSI, to)
    .set(RCX, BigInt(random.below(64)));
  code.raw(
    ...random.pick([
      [0xf3, 0x6c],
      [0xf3, 0x6e],
      [0x6d],
      [0xf3, 0xa4],
      [0xf3, 0xaa],
      [0xf3, 0x48, 0xa5],
    ]),
  );
  return `string instruction at ${hex(to)}`;
};

/** Device memory by instructions that the emulator has to know, and some that it does not. */
const emulated: Emit = (code, random) => {
  const at = random.pick([0xfec00000n, 0xfee00080n, 0xfed000f0n, BigInt(EXTRA_GPA) + 0x100000n]);
  const opcode = random.pick([
    [0x0f, 0xb6],
    [0x48, 0x0f, 0xbf],
    [0x01],
    [0x29],
    [0x31],
    [0x3b],
    [0x85],
    [0xff],
    [0xf7],
    [0xc1],
    [0x0f, 0xb1],
    [0x0f, 0xc1],
    [0x0f, 0xa3],
    [0x0f, 0xba],
    [0x0f, 0x28],
    [0x0f, 0x11],
    [0x8f],
    [0xd9],
    [0x0f, 0x38, 0xf0],
    [0x0f, 0xae],
    [0x0f, 0x58],
    [0x63],
    [0xf0, 0x0f, 0xab],
    [0x66, 0x0f, 0x6f],
  ]);
  code
    .set(RAX, random.wide())
    .at(at, random.below(8), ...opcode)
    .raw(0x90, 0x90, 0x90, 0x90);
  return `opcode ${opcode.map((byte) => byte.toString(16)).join(" ")} on ${hex(at)}`;
};

const VMLAUNCH = plain("VMLAUNCH", 0x0f, 0x01, 0xc2);
const VMRESUME = plain("VMRESUME", 0x0f, 0x01, 0xc3);

/** What both L1 and L2 do. */
const COMMON: readonly (readonly [number, Emit])[] = [
  [8, vmptrld],
  [5, vmclear],
  [3, vmxon],
  [1, plain("VMXOFF", 0x0f, 0x01, 0xc4)],
  [2, vmptrst],
  [6, vmread],
  [14, vmwrite],
  [12, VMLAUNCH],
  [20, VMRESUME],
  [5, invept],
  [4, invvpid],
  [2, invpcid],
  [8, load],
  [8, store],
  [8, ept],
  [3, rdmsr],
  [4, wrmsr],
  [3, apicMode],
  [4, ipi],
  [3, endOfInterrupt],
  [2, softwareEnable],
  [2, timer],
  [2, controlRegister],
  [2, invlpg],
  [2, cpuid],
  [2, port],
  [2, stringIo],
  [2, emulated],
  [1, plain("VMCALL", 0x0f, 0x01, 0xc1)],
  [1, plain("VMFUNC", 0x0f, 0x01, 0xd4)],
  [1, plain("STI; HLT", 0xfb, 0xf4)],
  [1, plain("STI", 0xfb, 0x90)],
  [1, plain("CLI", 0xfa)],
  [1, plain("PAUSE", 0xf3, 0x90)],
  [1, plain("WBINVD", 0x0f, 0x09)],
  [1, plain("INVD", 0x0f, 0x08)],
  [1, plain("MONITOR", 0x0f, 0x01, 0xc8)],
  [1, plain("MWAIT", 0x0f, 0x01, 0xc9)],
  [1, plain("RDPMC", 0x0f, 0x33)],
  [1, plain("RDTSC", 0x0f, 0x31)],
  [1, plain("RDTSCP", 0x0f, 0x01, 0xf9)],
  [1, plain("XSETBV", 0x0f, 0x01, 0xd1)],
  [1, plain("UD2", 0x0f, 0x0b)],
  [1, plain("INT3", 0xcc)],
  [1, plain("INT 0x30", 0xcd, 0x30)],
  [1, plain("INTO", 0xce)],
  [1, plain("CLTS", 0x0f, 0x06)],
  [1, plain("RDRAND", 0x0f, 0xc7, 0xf0)],
  [1, plain("MOV SS", 0x8e, 0xd0, 0x0f, 0x01, 0xc3)],
  [1, plain("MOV from DR", 0x0f, 0x21, 0xf8)],
  [1, plain("POPF with TF", 0x68, 0x02, 0x01, 0, 0, 0x9d)],
  [1, plain("SGDT", 0x0f, 0x01, 0x03)],
  [1, plain("SMSW", 0x0f, 0x01, 0xe0)],
  [1, plain("LMSW", 0x0f, 0x01, 0xf0)],
  [
    1,
    plain(
      "IRET to the dispatcher",
      0x48,
      0x89,
      0xe0,
      0x6a,
      0x18,
      0x50,
      0x6a,
      0x02,
      0x6a,
      0x10,
      0x68,
      0x00,
      0x81,
      0,
      0,
      0x48,
      0xcf,
    ),
  ],
];

/** Copies the action's own data to `to`, as L1 stores. */
function copyTo(to: number, data: Uint8Array): Uint8Array {
  const code = new Code();
  code.set(RDI, BigInt(to)).dataAddress(RSI, [...data]);
  return code.set(RCX, BigInt(data.length)).raw(0xf3, 0xa4).finish();
}

const simple: Maker = (random) => {
  const code = new Code();
  const names = [random.weighted(COMMON)(code, random)];
  if (random.oneIn(4)) names.push(random.weighted(COMMON)(code, random));
  return { name: names.join("; "), code: code.finish() };
};

const region: Maker = (random, seen) => {
  const index = random.pick(VMCS12_PAGES);
  const wild = random.oneIn(8);
  const mutations = random.oneIn(3) ? 0 : 1 + random.below(3);
  const bytes = wild ? randomRegion(random) : vmcsRegion(random, seen, mutations);
  const what = wild ? "of chance" : `with ${mutations} fields broken`;
  return { name: `vmcs12 in page ${index} ${what}`, code: copyTo(page(index), bytes) };
};

/** The way of a good hypervisor: VMCLEAR, VMPTRLD, VMLAUNCH. */
const goodEntry: Maker = (random, seen) => {
  const pointer = page(random.pick(VMCS12_PAGES));
  const code = new Code();
  const fresh = random.oneIn(2);
  if (random.oneIn(2)) code.withData([BigInt(page(VMXON_PAGES[0]))], 6, 0xf3, 0x0f, 0xc7);
  if (fresh || random.oneIn(3)) code.withData([BigInt(pointer)], 6, 0x66, 0x0f, 0xc7);
  if (fresh) {
    const bytes = vmcsRegion(random, seen, random.oneIn(3) ? 1 : 0);
    code
      .set(RDI, BigInt(pointer))
      .dataAddress(RSI, [...bytes])
      .set(RCX, BigInt(bytes.length));
    code.raw(0xf3, 0xa4);
  }
  code
    .withData([BigInt(pointer)], 6, 0x0f, 0xc7)
    .raw(0x0f, 0x01, 0xc2)
    .raw(0x0f, 0x01, 0xc3);
  const what = fresh ? " with a fresh vmcs12" : "";
  return { name: `VMPTRLD ${hex(pointer)} and entry${what}`, code: code.finish() };
};

/** A program of L2, copied to its place by L1. */
const l2Program: Maker = (random) => {
  const code = new Code();
  const names: string[] = [];
  for (let i = 0; i < 1 + random.below(5); i++) names.push(random.weighted(COMMON)(code, random));
  const end = random.pick<readonly number[]>([
    [0x0f, 0x01, 0xc1, 0xf4],
    [0xfb, 0xf4, 0xeb, 0xfc],
    BACK,
    [0xeb, 0xfe],
  ]);
  const place = L2_CODE + random.below(L2_PROGRAMS) * L2_PROGRAM_BYTES;
  const bytes = code.finish(end).subarray(0, L2_PROGRAM_BYTES);
  return { name: `program of L2: ${names.join("; ")}`, code: copyTo(place, bytes) };
};

/** Bitmaps and MSR lists. */
const lists: Maker = (random) => {
  const data = new Uint8Array(256);
  const view = new DataView(data.buffer);
  const index = random.pick([...MSR_LISTS, MSR_BITMAP]);
  for (let at = 0; at < data.length; at += 16) {
    view.setUint32(at, random.oneIn(5) ? random.next() : random.pick(MSRS), true);
    view.setUint32(at + 4, random.oneIn(10) ? random.next() : 0, true);
    view.setBigUint64(at + 8, oddValue(random, 0), true);
  }
  return { name: `list or bitmap in page ${index}`, code: copyTo(page(index), data) };
};

const host: Maker = (random) => {
  const action = anyHostAction(random);
  return { name: `userspace: ${JSON.stringify(action)}`, host: action };
};

const MAKERS: readonly (readonly [number, Maker])[] = [
  [60, simple],
  [10, region],
  [14, goodEntry],
  [8, l2Program],
  [2, lists],
  [8, host],
];

/** `count` actions of the seed. */
export function makeActions(random: Random, seen: Seen, count: number): Action[] {
  return Array.from({ length: count }, () => random.weighted(MAKERS)(random, seen));
}

export { NEXT_PORT };
