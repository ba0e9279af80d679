import { expect, test } from "vitest";
import { EPT_PML4, EPT_PML5, EptCore, READ, RWX } from "../support/ept-core.ts";

const TABLE_B = 0x230000;

// Entries of a 5-level EPT had the mark of 32-bit paging, whose level 2 reaches 4 MiB: the cached PDE
// of one 2 MiB region served its neighbour, too.
test.each([EPT_PML4, EPT_PML5])("neighbouring EPT page tables under root %i", async (root) => {
  const ept = await EptCore.create();
  ept.write64(EPT_PML4 + 0x2008, BigInt(TABLE_B) | 7n);
  ept.write64(TABLE_B + 0x50 * 8, 0x150000n | RWX);
  ept.write64(ept.pte(0x40000), 0x50000n | 7n);
  ept.write64(ept.pte(0x41000), 0x250000n | 7n);
  ept.enter({ vpid: 1, root });
  ept.forget();
  expect(ept.access(0x40000, READ)).toEqual({ hpa: 0x50000 });
  expect(ept.access(0x41000, READ)).toEqual({ hpa: 0x150000 });
});
