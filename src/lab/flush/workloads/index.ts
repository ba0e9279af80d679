/** All workloads of the flush lab. */
import type { Workload } from "../workload.ts";
import {
  apicModes,
  apicPageOfL0,
  apicPageOfL1,
  apicvInhibits,
  passedThroughApic,
  virtualApicOfL2,
} from "./apic.ts";
import { memoryOfL1, memoryOfNobody, movingVcpus, overlappingChanges } from "./memory.ts";
import { editsOfEpt12, invalidationsOfL1, memoryOfL2, switchesOfL1 } from "./nested.ts";
import { slots } from "./slots.ts";

export const WORKLOADS: readonly Workload[] = [
  memoryOfL1,
  memoryOfL2,
  memoryOfNobody,
  apicPageOfL0,
  apicPageOfL1,
  slots,
  movingVcpus,
  invalidationsOfL1,
  switchesOfL1,
  apicModes,
  apicvInhibits,
  editsOfEpt12,
  passedThroughApic,
  virtualApicOfL2,
  overlappingChanges,
];
