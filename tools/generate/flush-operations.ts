/** Writes the numbers of the operations that invalidate translations. */
import { FLUSH_OPERATIONS } from "../../src/tables/flush-operations.ts";
import type { GeneratedFile } from "../generate.ts";

export function generateFlushOperations(): GeneratedFile[] {
  const lines = [
    '/** Operations that invalidate translations; written by "npm run generate". */',
    "",
  ];
  FLUSH_OPERATIONS.forEach(({ name }, index) => {
    lines.push(`export const FLUSH_${name}: u32 = ${index};`);
  });
  lines.push(`export const FLUSH_OPERATIONS: u32 = ${FLUSH_OPERATIONS.length};`, "");
  return [{ path: "assembly/generated/flush-operations.ts", text: lines.join("\n") }];
}
