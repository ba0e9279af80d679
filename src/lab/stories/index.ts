/** All scenarios. */
import type { Scenario } from "../scenario.ts";
import { apicEnabledAgain, apicEnabledAgainCompared } from "./apic-enabled-again.ts";
import {
  apicPageMoves,
  apicPageMovesHalted,
  apicPageMovesOutside,
  apicPageReplaced,
  apicPageUnmapped,
  apicvInhibited,
} from "./apic-page-moves.ts";
import { dirtyLogMeetsTable, dirtyLogMisses } from "./dirty-log.ts";
import { entryReplaced } from "./entry-replaced.ts";
import { addressOfFault, dirtyFlag, rightsAccumulate } from "./ept12-rights.ts";
import {
  changedDuringFault,
  syncBehindProtection,
  tableLinkedAgain,
  unsyncMark,
  upperTable,
} from "./ept12-tables.ts";
import { faultAndInvalidation, twoInvalidations } from "./fault-and-invalidation.ts";
import { flushWhileL1Runs, flushWhileL2Runs } from "./flush-scope.ts";
import { invpcidEmulated } from "./invpcid.ts";
import {
  apicPageMovesBeforeReset,
  apicPageMovesUnderL2,
  apicPageMovesUnderVirtualApic,
  apicPassedThrough,
  apicPassedWithoutEpt12,
  needlessFlushes,
  virtualApicPageReplaced,
} from "./l2-apic-page.ts";
import {
  inveptOfL1,
  invvpidOfL1,
  invvpidWithoutEpt12,
  previousRoots,
  siblingRoots,
  violationOfL1,
} from "./l2-invalidations.ts";
import { l2LeftBehind, vmcs02OnOtherProcessor } from "./l2-processors.ts";
import { restoredL2 } from "./l2-restored.ts";
import {
  failedEntry,
  flushBeforeNestedExit,
  flushOfL2,
  newVpid,
  noVpids,
  recycledVpid,
} from "./l2-transitions.ts";
import { apicPageOfTwo, rightsRaised, staleBeforeInvept } from "./never-stale.ts";
import { pageSwappedOut, pagesMerged } from "./page-contents.ts";
import {
  emptyZap,
  fastPath,
  flushBehindLock,
  haltedVcpu,
  requestMeetsEntry,
  zapYields,
} from "./request-and-entry.ts";
import { rootFrameOfL2, rootFrameReused, rootFrameShared, tableFreed } from "./root-frames.ts";
import {
  processorShared,
  slotAdded,
  slotDeleted,
  slotDeletedAndPageTaken,
  slotDeletedInFault,
  slotsSwapped,
  vcpuMoves,
} from "./slots-and-processors.ts";
import { userspaceSetsCr3 } from "./userspace-sets-cr3.ts";

export const SCENARIOS: readonly Scenario[] = [
  faultAndInvalidation,
  twoInvalidations,
  apicPageMoves,
  apicPageMovesHalted,
  apicPageMovesOutside,
  apicEnabledAgain,
  apicEnabledAgainCompared,
  apicPageReplaced,
  apicPageUnmapped,
  vcpuMoves,
  slotAdded,
  requestMeetsEntry,
  fastPath,
  haltedVcpu,
  slotDeleted,
  slotDeletedInFault,
  slotDeletedAndPageTaken,
  flushBehindLock,
  zapYields,
  slotsSwapped,
  apicvInhibited,
  processorShared,
  emptyZap,
  userspaceSetsCr3,
  pagesMerged,
  pageSwappedOut,
  flushWhileL2Runs,
  flushWhileL1Runs,
  apicPageMovesUnderL2,
  apicPageMovesUnderVirtualApic,
  apicPageMovesBeforeReset,
  apicPassedThrough,
  apicPassedWithoutEpt12,
  virtualApicPageReplaced,
  needlessFlushes,
  l2LeftBehind,
  vmcs02OnOtherProcessor,
  noVpids,
  newVpid,
  failedEntry,
  flushOfL2,
  flushBeforeNestedExit,
  restoredL2,
  entryReplaced,
  recycledVpid,
  invvpidOfL1,
  invvpidWithoutEpt12,
  inveptOfL1,
  previousRoots,
  violationOfL1,
  siblingRoots,
  rootFrameReused,
  rootFrameShared,
  rootFrameOfL2,
  tableFreed,
  unsyncMark,
  syncBehindProtection,
  upperTable,
  tableLinkedAgain,
  changedDuringFault,
  rightsAccumulate,
  dirtyFlag,
  addressOfFault,
  apicPageOfTwo,
  rightsRaised,
  staleBeforeInvept,
  dirtyLogMisses,
  dirtyLogMeetsTable,
  invpcidEmulated,
];
