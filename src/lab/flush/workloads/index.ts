/** All workloads of the flush lab. */
import type { Workload } from "../workload.ts";
import { memoryOfL1, memoryOfNobody, movingVcpus, overlappingChanges } from "./memory.ts";

import { editsOfEpt12, invalidationsOfL1, memoryOfL2, switchesOfL1 } from "./nested.ts";

export const WORKLOADS: readonly Workload[] = [
  memoryOfL1,
  memoryOfL2,
  memoryOfNobody,
  movingVcpus,
  invalidationsOfL1,
  switchesOfL1,
  editsOfEpt12,
  overlappingChanges,
];
