/** The exports of the core, nothing else. */
export { configure, switchProcessor, resetAll, arenaAddress } from "./cpu/machine";
export { runLoop } from "./cpu/run";
export {
  beginSlice,
  moveSliceEnd,
  virtualTimeLow,
  virtualTimeNumber,
} from "./cpu/host-time";
export {
  applyState,
  hostRead,
  hostWritten,
  readFlags,
  setFlagsWord,
  setHooks,
  translateLinear,
} from "./cpu/host-access";
