/** The exports of the core, nothing else. */

export {
  applyState,
  currentRip,
  dropTranslations,
  hostRead,
  hostWritten,
  readFlags,
  restartProcessor,
  setFlagsWord,
  setHooks,
  translateLinear,
} from "./cpu/host-access";
export {
  beginSlice,
  moveSliceEnd,
  virtualTimeLow,
  virtualTimeNumber,
} from "./cpu/host-time";
export { arenaAddress, configure, resetAll, switchProcessor } from "./cpu/machine";
export { runLoop } from "./cpu/run";
