/**
 * Translation from memory alone: no cache is asked or filled, no flag is set, no exit is noted, no
 * counter moves. The host may probe from within any of its imports, in the middle of a walk, too.
 */
import { EPTP } from "../generated/state";
import { M_RESULT_HI, M_RESULT_LO } from "../layout";
import { Counter, counterOf, setCounter } from "../tlb/counters";
import { describeFill, FILL_UNREADABLE, stepCount } from "../tlb/provenance";
import { GPA_UNREADABLE } from "../tlb/tlb";
import { eptHpa, eptRights, restoreEptResult, saveEptResult, translateGuestPhysical } from "./ept";
import { probing, setProbing } from "./ept-exit";
import { restoreWalk, saveWalk, walk, walkGpa, walkHpa, walkRights, walkSizeLog } from "./walk";

function setResult(hpa: u64): void {
  store<u32>(M_RESULT_LO, hpa as u32);
  store<u32>(M_RESULT_HI, (hpa >> 32) as u32);
}

let references: u64 = 0;
let eptReferences: u64 = 0;

function begin(): bool {
  const nested = probing;
  references = counterOf(Counter.WALK_REFERENCE);
  eptReferences = counterOf(Counter.EPT_REFERENCE);
  if (!nested) {
    saveWalk();
    saveEptResult();
  }
  setProbing(true);
  return nested;
}

function end(nested: bool): void {
  setProbing(nested);
  setCounter(Counter.WALK_REFERENCE, references);
  setCounter(Counter.EPT_REFERENCE, eptReferences);
  if (nested) return;
  restoreWalk();
  restoreEptResult();
}

/**
 * Translates linear address `gla`, which is canonical, for `access` (ACCESS_*) in the current
 * context. True with the host-physical address in RESULT and the page in FILL_INFO.
 */
export function probe(gla: u64, access: u32): bool {
  const nested = begin();
  const found = walk(gla, access);
  if (found) {
    const low = ((1 as u64) << (walkSizeLog as u64)) - 1;
    setResult(walkHpa | (gla & low));
    const unreadable = ((walkGpa as u32) & GPA_UNREADABLE) != 0 ? FILL_UNREADABLE : 0;
    describeFill(walkHpa, walkGpa & ~0xfff, walkRights | unreadable, access, stepCount());
  }
  end(nested);
  return found;
}

/** The same for guest-physical address `gpa` and the EPT_* rights `access`; needs an EPT pointer. */
export function probePhysical(gpa: u64, access: u32): bool {
  if (load<u64>(EPTP) == 0) return false;
  const nested = begin();
  const found = translateGuestPhysical(gpa, 0, access, access);
  if (found) {
    setResult(eptHpa | (gpa & 0xfff));
    describeFill(eptHpa, gpa & ~0xfff, eptRights, access, stepCount());
  }
  end(nested);
  return found;
}
