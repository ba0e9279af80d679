/** Clearing of what is left in the arrays of address spaces that are no longer live. */
import { M_CPUS } from "../layout";
import {
  arrayRow,
  baseOf,
  clearEntry,
  E_SPACE,
  E_TAG,
  ENTRY_BYTES,
  entriesBytes,
  firstEntry,
  STRUCTURE_ROW_FIRST,
} from "./array";
import { isLiveSpace } from "./space";
import { sweepVoidStructures } from "./structure";

/** Clears entries whose space has been retired, in the arrays of every processor. */
export function sweepRetired(): void {
  const cpus = load<u32>(M_CPUS);
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    const base = baseOf(cpu);
    for (let i: u32 = 0; i < STRUCTURE_ROW_FIRST; i++) {
      let entry = firstEntry(base, arrayRow(i));
      const end = entry + entriesBytes(arrayRow(i));
      for (; entry < end; entry += ENTRY_BYTES) {
        if ((load<u64>(entry, E_TAG) & 1) == 0) continue;
        if (!isLiveSpace(load<u32>(entry, E_SPACE))) clearEntry(entry);
      }
    }
  }
  sweepVoidStructures();
}
