/** CR0.WP: what supervisors may write changes with it at once, whatever the caches have learnt. */
import { expect, test } from "vitest";
import { BareCore, DATA } from "../support/bare-core.ts";

const RBX = 3;
/** MOV [RBX], RAX */
const STORE = [0x48, 0x89, 0x03];
/** MOV RCX, CR0; BTS or BTR ECX, 16; MOV CR0, RCX */
const changeWp = (on: boolean) => [
  ...[0x0f, 0x20, 0xc1, 0x0f, 0xba, on ? 0xe9 : 0xf1, 0x10, 0x0f, 0x22, 0xc1],
];

test("a read-only page can be written until WP is set, and again when it is clear", async () => {
  const core = await BareCore.create();
  // The third table maps by large pages; the first entry is made present, user, no write.
  core.core.u64[(core.ram + 0x3000) >> 3] = 0x85n;
  core.setGpr(RBX, BigInt(DATA));
  expect(core.run([...STORE, ...STORE, ...STORE]).vector).toBe(-1);
  expect(core.run([...STORE, ...changeWp(true), ...STORE])).toMatchObject({ vector: 14, error: 3 });
  expect(core.run(STORE)).toMatchObject({ vector: 14, error: 3 });
  expect(core.run([...changeWp(false), ...STORE, ...STORE]).vector).toBe(-1);
});
