/**
 * Invalidation of cached translations outside VMX operation (SDM "Operations that Invalidate TLBs
 * and Paging-Structure Caches"). Each function drops what its operation must drop, no more.
 */
import { updateSpace } from "../cpu/mode";
import { CPU_INDEX, SPACE_GLOBAL, SPACE_ID } from "../generated/state";
import { Counter, count } from "./counters";
import { internSpace, PCID_GLOBAL, retireSpace, spaceCpu, spaceLimit, spacePcid } from "./space";
import { dropAddress } from "./tlb";

/** INVLPG: the address in the current PCID, and global translations of it. */
export function invalidatePage(gla: u64): u32 {
  count(Counter.INVLPG);
  return dropAddress(gla, load<u32>(SPACE_ID), load<u32>(SPACE_GLOBAL));
}

/** MOV to CR3 without bit 63: everything of the new PCID but global translations. */
export function invalidatePcid(pcid: u32): u32 {
  const dropped = retireSpace(internSpace(load<u32>(CPU_INDEX), 0, pcid, 0));
  updateSpace();
  return dropped;
}

/** Everything of this processor: changes of CR0.PG, CR4.PGE and the like, INVPCID type 2. */
export function invalidateAll(): u32 {
  count(Counter.FLUSH_ALL);
  return retireWhere(true);
}

/** Everything but global translations, in every PCID: INVPCID type 3. */
export function invalidateAllButGlobal(): u32 {
  return retireWhere(false);
}

function retireWhere(globals: bool): u32 {
  const cpu = load<u32>(CPU_INDEX);
  const limit = spaceLimit();
  let dropped: u32 = 0;
  for (let id: u32 = 0; id < limit; id++) {
    if (spaceCpu(id) != cpu) continue;
    if (!globals && spacePcid(id) == PCID_GLOBAL) continue;
    dropped += retireSpace(id);
  }
  updateSpace();
  return dropped;
}

/** One address in one PCID, global translations excepted: INVPCID type 0. */
export function invalidatePcidAddress(gla: u64, pcid: u32): u32 {
  const space = internSpace(load<u32>(CPU_INDEX), 0, pcid, 0);
  return dropAddress(gla, space, space);
}
