/** The exports of the core, nothing else. */

export {
  applyState,
  hostRead,
  hostWritten,
  loadFloating,
  readFlags,
  refreshState,
  setFlagsWord,
  setHooks,
  storeFloating,
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
export { hostDecode } from "./decode/host-decode";
