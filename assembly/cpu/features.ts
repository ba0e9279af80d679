/** Which features the CPU model has. */
import { M_FEATURES } from "../layout";

/** True when the model has feature `number` (generated/features.ts). @inline */
export function hasFeature(number: u32): bool {
  return (load<u32>(M_FEATURES + ((number >>> 5) << 2)) & (1 << (number & 31))) != 0;
}
