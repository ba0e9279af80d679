import { expect, test } from "vitest";
import { type Change, changeOf } from "../../src/sanitizer/entries.ts";

const PTE = { ept: false, narrow: false, level: 1 };
const PDE = { ept: false, narrow: false, level: 2 };
const PTE32 = { ept: false, narrow: true, level: 1 };
const PDE32 = { ept: false, narrow: true, level: 2 };
const EPT = { ept: true, narrow: false, level: 1 };
const EPT_PDE = { ept: true, narrow: false, level: 2 };

const XD = 1n << 63n;

type Row = readonly [string, typeof PTE, bigint, bigint, Change];

const ROWS: readonly Row[] = [
  ["nothing", PTE, 0x1007n, 0x1007n, "same"],
  ["accessed and dirty set", PTE, 0x1007n, 0x1067n, "same"],
  ["ignored bits 9 to 11 and 52", PTE, 0x1007n, 0x10000000001e07n, "same"],
  ["not present", PTE, 0x1007n, 0x1006n, "stale"],
  ["another frame", PTE, 0x1007n, 0x2007n, "stale"],
  ["another frame above 4 GiB", PTE, 0x1007n, 0x100001007n, "stale"],
  ["write taken", PTE, 0x1007n, 0x1005n, "stale"],
  ["user taken", PTE, 0x1007n, 0x1003n, "stale"],
  ["execute taken", PTE, 0x1007n, 0x1007n | XD, "stale"],
  ["another protection key", PTE, 0x1007n, 0x1007n | (1n << 59n), "stale"],
  ["write given", PTE, 0x1005n, 0x1007n, "permissive"],
  ["user given", PTE, 0x1003n, 0x1007n, "permissive"],
  ["execute given", PTE, 0x1007n | XD, 0x1007n, "permissive"],
  ["write given, user taken", PTE, 0x1005n, 0x1003n, "stale"],
  ["accessed cleared", PTE, 0x1027n, 0x1007n, "flags"],
  ["dirty cleared", PTE, 0x1067n, 0x1027n, "flags"],
  ["global cleared", PTE, 0x1107n, 0x1007n, "flags"],
  ["PWT set", PTE, 0x1007n, 0x100fn, "flags"],
  ["PAT set", PTE, 0x1007n, 0x1087n, "flags"],
  ["a table becomes a large page", PDE, 0x200007n, 0x200087n, "stale"],
  ["a large page becomes a table", PDE, 0x200087n, 0x200007n, "stale"],
  ["PAT of a large page", PDE, 0x200087n, 0x201087n, "flags"],
  ["another large page", PDE, 0x200087n, 0x400087n, "stale"],
  ["another table", PDE, 0x201007n, 0x202007n, "stale"],
  ["bit 6 of an entry that maps no page", PDE, 0x201047n, 0x201007n, "same"],
  ["another frame, 32-bit paging", PTE32, 0x1007n, 0x2007n, "stale"],
  ["PSE-36 address bits", PDE32, 0x400087n, 0x402087n, "stale"],
  ["PAT of a 4 MiB page", PDE32, 0x400087n, 0x401087n, "flags"],
  ["EPT: nothing", EPT, 0x1037n, 0x1037n, "same"],
  ["EPT: not present", EPT, 0x1037n, 0n, "stale"],
  ["EPT: another frame", EPT, 0x1037n, 0x2037n, "stale"],
  ["EPT: write taken", EPT, 0x1037n, 0x1035n, "stale"],
  ["EPT: user execute taken", EPT, 0x1437n, 0x1037n, "stale"],
  ["EPT: write given", EPT, 0x1035n, 0x1037n, "permissive"],
  ["EPT: accessed and dirty set", EPT, 0x1037n, 0x1337n, "same"],
  ["EPT: dirty cleared", EPT, 0x1337n, 0x1137n, "flags"],
  ["EPT: memory type", EPT, 0x1037n, 0x1007n, "flags"],
  ["EPT: suppress #VE", EPT, 0x1037n, 0x1037n | XD, "same"],
  ["EPT: sub-page permissions", EPT, 0x1037n, 0x1037n | (1n << 61n), "flags"],
  ["EPT: another table", EPT_PDE, 0x1007n, 0x2007n, "stale"],
  ["EPT: a table becomes a large page", EPT_PDE, 0x200007n, 0x2000b7n, "stale"],
];

test.each(ROWS)("%s", (_name, shape, before, after, change) => {
  const half = (value: bigint) => [Number(value & 0xffff_ffffn), Number(value >> 32n)] as const;
  expect(changeOf(shape, ...half(before), ...half(after))).toBe(change);
});
