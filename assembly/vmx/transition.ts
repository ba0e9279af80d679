/** What VM entries and VM exits do to cached translations. */
import { clearFront } from "../tlb/front";
import { invalidateAll } from "../tlb/invalidate";

/** Without VPIDs a transition drops the linear and combined mappings of VPID 0. */
export function flushAtTransition(): void {
  invalidateAll();
}

/** To be called when the control registers of the guest (or of the host) have been loaded. */
export function transitionRightsLoaded(_guest: bool): void {
  clearFront();
}
