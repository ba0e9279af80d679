/** All scenarios. */
import type { Scenario } from "../scenario.ts";
import {
  apicPageMoves,
  apicPageReplaced,
  apicPageUnmapped,
  apicvInhibited,
} from "./apic-page-moves.ts";
import { faultAndInvalidation, twoInvalidations } from "./fault-and-invalidation.ts";
import { flushWhileL1Runs, flushWhileL2Runs } from "./flush-scope.ts";
import { pageSwappedOut, pagesMerged } from "./page-contents.ts";
import {
  emptyZap,
  fastPath,
  flushBehindLock,
  haltedVcpu,
  requestMeetsEntry,
  zapYields,
} from "./request-and-entry.ts";
import {
  processorShared,
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
  apicPageReplaced,
  apicPageUnmapped,
  vcpuMoves,
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
];
