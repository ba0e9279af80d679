/** All workloads of the flush lab. */
import type { Workload } from "../workload.ts";
import { memoryOfL1, memoryOfNobody, movingVcpus, overlappingChanges } from "./memory.ts";

export const WORKLOADS: readonly Workload[] = [
  memoryOfL1,
  memoryOfNobody,
  movingVcpus,
  overlappingChanges,
];
