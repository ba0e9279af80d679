/** VM entries broken at random end in the core as the model says; `npm run test:vmx-fuzz` runs more. */
import { expect, test } from "vitest";
import { fuzzEntries } from "./entry-fuzz.ts";

test("30,000 VM entries with broken fields end as the model says", async () => {
  const { seen, disagreements } = await fuzzEntries(30_000, 1);
  expect(disagreements).toEqual([]);
  expect(seen.get("pass")).toBeGreaterThan(1000);
  expect(seen.size).toBeGreaterThan(180);
}, 60_000);
