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
  switchContext,
  translateAs,
  translateLinear,
} from "./cpu/host-access";
export {
  beginSlice,
  shortenSlice,
  virtualTimeLow,
  virtualTimeNumber,
} from "./cpu/host-time";
export { arenaAddress, configure, resetAll, switchProcessor } from "./cpu/machine";
export { runLoop } from "./cpu/run";
export { markStale, probeGuestPhysical, probeWalk, watchFrame } from "./cpu/sanitizer";
export { hostDecode } from "./decode/host-decode";
export { checkQualification as vmxCheckQualification } from "./generated/vmx";
export { checkControls as vmxCheckControls } from "./vmx/check-controls";
export { checkGuest as vmxCheckGuest } from "./vmx/check-guest";
export { checkHost as vmxCheckHost } from "./vmx/check-host";
export {
  hostInvept,
  hostInvvpid,
  hostRdmsr,
  hostVmclear,
  hostVmlaunch,
  hostVmptrld,
  hostVmread,
  hostVmresume,
  hostVmwrite,
  hostVmxoff,
  hostVmxon,
  hostWrmsr,
  hostWrpkru,
  hostXsetbv,
} from "./vmx/host";
export { vmcsField } from "./vmx/vmcs";
