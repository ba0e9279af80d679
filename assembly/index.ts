/** The exports of the core, nothing else. */

export { cr4Permitted } from "./cpu/control-registers";
export {
  applyState,
  currentRip,
  dropTranslations,
  hostRead,
  hostWritten,
  loadFloating,
  readFlags,
  refreshState,
  restartProcessor,
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
