/** The public API: a machine, what it is made of, and what it can tell. */

export type { AccessSize, MmioRange, PortRange } from "./devices/device.ts";
export type { PcParts } from "./devices/pc-options.ts";
export { StrategyHooks } from "./l0/flush-strategy.ts";
export type { LoadedVmcs, Pcpu } from "./l0/pcpu.ts";
export { REQ } from "./l0/requests.ts";
export type { Task, Wait } from "./l0/scheduler.ts";
export type { Root } from "./l0/tdp/mmu.ts";
export type { Vcpu } from "./l0/vcpu.ts";
export type { Vm } from "./l0/vm.ts";
export { Lab, type LabOptions } from "./lab/flush/lab.ts";
export {
  COUNTS,
  type CostRow,
  type CountName,
  type Counts,
  type FlushJob,
  type FlushStrategy,
  type JobResult,
  type JobVerdict,
  type ParameterSpec,
  type Parameters,
  type ParameterValue,
  type Witness,
} from "./lab/flush/types.ts";
export {
  atRate,
  type LabRun,
  type Settings,
  type Workload,
  type WorkloadPlan,
} from "./lab/flush/workload.ts";
export type {
  BootModule,
  FlatOptions,
  ImageFormat,
  LinuxProtocol,
  LoadedImage,
  LoadOptions,
  SymbolHit,
  SymbolTable,
} from "./loaders/loader.ts";
export { ImageError } from "./loaders/loader.ts";
export type { MachineCounters } from "./machine/counters.ts";
export { MachineStateError, OptionError } from "./machine/errors.ts";
export type { BusAccess, MachineHooks, RunOptions } from "./machine/hooks.ts";
export { readLinear, translate } from "./machine/linear-memory.ts";
export { Machine } from "./machine/machine.ts";
export type { GuestPhysicalMemory, PhysicalMemory } from "./machine/memory.ts";
export {
  type MachineMode,
  type MachineOptions,
  MEMORY_DEFAULT,
  MEMORY_MAX,
  MEMORY_MIN,
} from "./machine/options.ts";
export type { LogicalProcessor, Segment } from "./machine/processor.ts";
export type { SerialPort } from "./machine/serial-port.ts";
export type { StopReason } from "./machine/stop-reason.ts";
export type {
  InjectedEvent,
  ListedMsr,
  VmEntry,
  VmEntryFailure,
  VmExit,
  VmxAbort,
} from "./machine/vmx-events.ts";
export { sanitizerJson } from "./sanitizer/output/json.ts";
export type { Names } from "./sanitizer/output/names.ts";
export { type SarifOptions, sanitizerSarif } from "./sanitizer/output/sarif.ts";
export { ledgerText, reportText, summaryText } from "./sanitizer/output/text.ts";
export type { Sanitizer, SanitizerCounts, SanitizerOptions } from "./sanitizer/sanitizer.ts";
export type {
  AccessDescription,
  EntryDescription,
  FlushDescription,
  LedgerRow,
  ReportKind,
  Reuse,
  SanitizerReport,
  Site,
  StoreDescription,
  Tags,
} from "./sanitizer/types.ts";
export { SanitizerFault } from "./sanitizer/types.ts";
export {
  COST_EVENTS,
  COST_PRESETS,
  type CostCell,
  type CostEventName,
  type CostPreset,
  type ReferenceLevel,
} from "./tables/costs.ts";
export { CPU_MODELS, type CpuModel, DEFAULT_CPU_MODEL } from "./tables/cpu-models.ts";
export {
  type GuestPhysicalArray,
  type StructureCache,
  TLB_PROFILES,
  type TlbArray,
  type TlbProfile,
} from "./tables/tlb-profiles.ts";
export { type BilledEvent, type CycleBill, modelCycles } from "./tlb/costs.ts";
export type {
  CacheArray,
  CacheContext,
  CacheEntry,
  CacheTag,
  GuestPhysicalEntry,
  MappingKind,
  ProcessorCaches,
  StructureEntry,
  TlbSnapshot,
  TranslationEntry,
} from "./tlb/snapshot-types.ts";
export type {
  EntryName,
  MemoryType,
  Rights,
  Walk,
  WalkAccess,
  WalkedPage,
  WalkResult,
  WalkStep,
} from "./tlb/walk-types.ts";
