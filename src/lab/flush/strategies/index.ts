/** All strategies of the flush lab. */
import type { FlushStrategy } from "../types.ts";
import { pinnedPage, reloadAndFlush, reloadOnly, updateAtOnce } from "./apic-page.ts";
import { onePerPage, onePerRange } from "./batching.ts";
import {
  allRootsForLocalCauses,
  currentRootForInvalidations,
  currentRootForLocalCauses,
} from "./current-root.ts";
import { flushAllAlways, flushAllIfZapped } from "./flush-all.ts";
import {
  flushAllOnMigration,
  flushCurrentOnMigration,
  generations,
  noFlushOnMigration,
} from "./migration.ts";
import { escalatedAtSwitch, servedBeforeSwitch } from "./nested-switch.ts";
import { perRootAndProcessor, perRootAndVcpu } from "./per-processor.ts";
import { perRoot } from "./per-root.ts";
import { flushOnAging, flushOnRaise, noFlushOnAging, noFlushOnRaise } from "./permissions.ts";
import { range } from "./range.ts";
import { eagerRoots, flushedKeptRoots, keptRoots, lazyRoots, unflushedRoots } from "./roots.ts";
import { deferredSyncFlush } from "./sync.ts";
import { newTags, tagPerVpid12 } from "./tags.ts";

export const STRATEGIES: readonly FlushStrategy[] = [
  flushAllAlways,
  flushAllIfZapped,
  currentRootForLocalCauses,
  allRootsForLocalCauses,
  currentRootForInvalidations,
  perRoot,
  perRootAndProcessor,
  perRootAndVcpu,
  range,
  lazyRoots,
  eagerRoots,
  unflushedRoots,
  keptRoots,
  flushedKeptRoots,
  flushAllOnMigration,
  flushCurrentOnMigration,
  noFlushOnMigration,
  generations,
  onePerRange,
  onePerPage,
  deferredSyncFlush,
  noFlushOnRaise,
  flushOnRaise,
  noFlushOnAging,
  flushOnAging,
  servedBeforeSwitch,
  escalatedAtSwitch,
  reloadOnly,
  reloadAndFlush,
  updateAtOnce,
  pinnedPage,
  newTags,
  tagPerVpid12,
];
