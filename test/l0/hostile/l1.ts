/** The hostile L1 before its first action: code that asks for actions, tables, good EPT12. */
import { VMCS12_REVISION } from "../../../src/l0/nested/vmcs12.ts";
import { Code } from "./code.ts";
import {
  ACTIONS,
  CODE64,
  DATA64,
  DISPATCH,
  ENTRY,
  EPT,
  GDT,
  HANDLER,
  IDT,
  NEXT_PORT,
  PAGE,
  page,
  STACKS,
  TABLE_POINTERS,
  VMCS12_PAGES,
  VMXON_PAGES,
} from "./memory-map.ts";

const GDT_BYTES = 0x40;
const IDT_BYTES = 0x1000;
const FIRST_PAGES = 16;
/** The flat image reaches so far, so that a loader puts its tables elsewhere. */
const IMAGE_END = 0x60000;

/** The image from ENTRY on; it is loaded anew when L1 has broken itself. */
export function l1Image(): Uint8Array {
  const image = new Uint8Array(IMAGE_END - ENTRY);
  const put = (gpa: number, bytes: Uint8Array) => image.set(bytes, gpa - ENTRY);
  const view = new DataView(image.buffer);
  const put64 = (gpa: number, value: bigint) => view.setBigUint64(gpa - ENTRY, value, true);
  put(ENTRY, entryCode());
  put(DISPATCH, dispatcher());
  put(HANDLER, handler());
  put64(GDT + CODE64, 0x00af9b000000ffffn);
  put64(GDT + DATA64, 0x00cf93000000ffffn);
  view.setUint16(TABLE_POINTERS - ENTRY, GDT_BYTES - 1, true);
  put64(TABLE_POINTERS + 2, BigInt(GDT));
  view.setUint16(TABLE_POINTERS + 16 - ENTRY, IDT_BYTES - 1, true);
  put64(TABLE_POINTERS + 18, BigInt(IDT));
  for (let vector = 0; vector < 256; vector++) {
    const [lo, hi] = [BigInt(HANDLER & 0xffff), BigInt(HANDLER >>> 16)];
    put64(IDT + vector * 16, lo | (BigInt(CODE64) << 16n) | (0x8e00n << 32n) | (hi << 48n));
  }
  return image;
}

/** Loads GDT, IDT and segments, and goes to the dispatcher. */
function entryCode(): Uint8Array {
  const code = new Code();
  const absolute = (gpa: number) => [gpa & 0xff, (gpa >>> 8) & 0xff, (gpa >>> 16) & 0xff, 0];
  code.raw(0x0f, 0x01, 0x14, 0x25, ...absolute(TABLE_POINTERS));
  code.raw(0x0f, 0x01, 0x1c, 0x25, ...absolute(TABLE_POINTERS + 16));
  code.set(4, BigInt(STACKS));
  // CR4.VMXE, CR0.NE, IA32_FEATURE_CONTROL: what VMXON asks for.
  code.raw(0x0f, 0x20, 0xe0, 0x0d, 0x00, 0x20, 0, 0, 0x0f, 0x22, 0xe0);
  code.raw(0x0f, 0x20, 0xc0, 0x83, 0xc8, 0x20, 0x0f, 0x22, 0xc0);
  code.set(1, 0x3an).set(0, 5n).set(2, 0n).raw(0x0f, 0x30);
  code.raw(0x6a, CODE64, 0x68, ...absolute(DISPATCH), 0x48, 0xcb);
  return code.finish([]);
}

/** The port answers with the address of the next action's code. */
function dispatcher(): Uint8Array {
  return Uint8Array.from([0xba, NEXT_PORT & 0xff, NEXT_PORT >>> 8, 0, 0, 0xed, 0xff, 0xe0]);
}

/** Every exception and interrupt ends the action; nothing returns. */
function handler(): Uint8Array {
  return new Code().set(4, BigInt(STACKS)).finish();
}

/**
 * The playground's first pages: EPT12, by which L2 sees L1's memory as it is, the APIC's page and the
 * first 2 MiB by small pages; then VMX regions with their revision identifier.
 */
export function playground(): Uint8Array {
  const tables = new Uint8Array(FIRST_PAGES * PAGE);
  const view = new DataView(tables.buffer);
  const table = (index: number, at: number, value: bigint) =>
    view.setBigUint64(index * PAGE + at * 8, value, true);
  const to = (index: number) => BigInt(page(index)) | 7n;
  const leaf = (gpa: number, large: boolean) => BigInt(gpa) | 0x37n | (large ? 0x80n : 0n);
  table(EPT.pml4, 0, to(EPT.pdpt));
  table(EPT.otherPml4, 0, to(EPT.pdpt));
  table(EPT.pdpt, 0, to(EPT.low));
  table(EPT.pdpt, 1, to(EPT.high));
  table(EPT.pdpt, 3, to(EPT.high));
  table(EPT.low, 0, to(EPT.small));
  for (let i = 1; i < 4; i++) table(EPT.low, i, leaf(i << 21, true));
  for (let i = 0; i < 512; i++) table(EPT.small, i, leaf(i * PAGE, false));
  table(EPT.high, 0, leaf(0x40000000, true));
  table(EPT.high, 0x1f7, to(EPT.apic));
  table(EPT.high, 0x1f6, leaf(0xfec00000, true));
  table(EPT.apic, 0, leaf(0xfee00000, false));
  for (const index of [...VMCS12_PAGES, ...VMXON_PAGES]) {
    view.setUint32(index * PAGE, VMCS12_REVISION, true);
  }
  return tables;
}

export const actionAddress = (vcpu: number) => ACTIONS + vcpu * 2 * PAGE;
