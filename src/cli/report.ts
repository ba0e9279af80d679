/** The report of a run: what `--json` writes and `--stats` prints. */

import { VERSION } from "../generated/version.ts";
import type { SymbolTable } from "../loaders/symbols.ts";
import type { Machine } from "../machine/machine.ts";
import { exitReasonName } from "../machine/vmx-events.ts";
import { modelCycles } from "../tlb/costs.ts";
import type { CostChoice } from "./costs-file.ts";
import { hexBytes, loadDisassembler } from "./disassembler.ts";
import { describeEnd, type RunEnd, type SignalName } from "./exit-status.ts";
import { hexAddress, nameOf } from "./symbols.ts";
import type { UndefinedOpcodes } from "./undefined-opcodes.ts";
import { vectorName } from "./vectors.ts";

/** Raised by one whenever a field changes its meaning or goes away. */
export const REPORT_VERSION = 1;

/** What was asked for, as it goes into the report. */
export interface ReportedOptions {
  readonly image: string | null;
  readonly firmware: string | null;
  readonly append: string | null;
  readonly modules: readonly string[];
  readonly initrd: string | null;
  readonly maxInstructions: number | null;
  readonly timeoutSeconds: number | null;
}

export interface ReportInput {
  readonly machine: Machine;
  readonly options: ReportedOptions;
  readonly costs: CostChoice;
  readonly end: RunEnd;
  readonly signal: SignalName | undefined;
  readonly status: number;
  readonly wallMs: number;
  readonly undefinedOpcodes: UndefinedOpcodes;
  readonly symbols: SymbolTable | undefined;
}

export type RunReport = Awaited<ReturnType<typeof buildReport>>;

/** Everything but `host` is the same for the same image, options and seed. */
export async function buildReport(input: ReportInput) {
  const { machine, symbols } = input;
  const { counters, platform } = machine;
  const { exceptions, externalInterrupt, nmi, softwareInterrupt } = counters;
  return {
    format: "vmxlab-run-report",
    formatVersion: REPORT_VERSION,
    vmxlab: VERSION,
    options: reportOptions(input),
    stop: reportStop(input),
    instructions: machine.instructions,
    virtualTimeNs: machine.time,
    processors: machine.cpus.map((cpu) => {
      const rip = machine.linearRip(cpu);
      return {
        index: cpu.index,
        activity: cpu.activity,
        address: hexAddress(rip),
        symbol: nameOf(symbols, rip) ?? null,
      };
    }),
    exceptions: exceptions
      .map((count, vector) => ({ vector, name: vectorName(vector), count }))
      .filter(({ count }) => count > 0),
    interrupts: { external: externalInterrupt, nmi, software: softwareInterrupt },
    ports: platform.bus.portUse().map(({ port, name, reads, writes }) => ({
      port: hexAddress(port),
      device: name ?? null,
      reads,
      writes,
    })),
    mmio: reportMmio(machine),
    tlb: {
      hitsFirstLevel: counters.tlbHitL1,
      hitsSecondLevel: counters.tlbHitL2,
      misses: counters.tlbMiss,
      fills: counters.tlbFill,
      evictions: counters.tlbEviction,
      walkReferences: counters.walkReference,
      invlpg: counters.invlpg,
      invpcid: counters.invpcid,
      cr3Flushes: counters.cr3Flush,
      cr3Kept: counters.cr3Keep,
      fullFlushes: counters.flushAll,
      missesByAccess: {
        load: counters.missLoad,
        store: counters.missStore,
        fetch: counters.missFetch,
      },
      fillsByMapping: {
        linear: counters.tlbFill - counters.fillCombined,
        combined: counters.fillCombined,
        guestPhysical: counters.guestPhysicalFill,
      },
      eptReferences: counters.eptReference,
      caches: counters.caches,
      flushes: counters.flushes,
    },
    decoder: {
      blocksDecoded: counters.blockDecoded,
      blocksInvalidated: counters.blockInvalidated,
      cacheFlushes: counters.arenaFlush,
    },
    vmx: reportVmx(machine),
    modelledCycles: modelCycles(counters, input.costs.preset, input.costs.level),
    undefinedOpcodes: await reportUndefined(input),
    host: {
      wallSeconds: Number((input.wallMs / 1000).toFixed(6)),
      millionInstructionsPerSecond: Number(
        (machine.instructions / Math.max(input.wallMs, 1e-3) / 1000).toFixed(3),
      ),
      node: process.version,
    },
  };
}

function reportOptions({ machine, options }: ReportInput) {
  const { memory, cpus, model, tlb, seed, parts, epochSeconds } = machine.options;
  return {
    ...options,
    imageFormat: machine.image?.format ?? null,
    imageNotes: machine.image?.notes ?? [],
    memoryBytes: memory,
    cpus,
    cpuModel: model.name,
    cpuFeatures: model.features,
    tlb: tlb.name,
    seed,
    parts,
    rtcSeconds: epochSeconds ?? null,
  };
}

function reportStop({ machine, end, signal, status, symbols }: ReportInput) {
  const cpu = machine.cpus["cpu" in end ? end.cpu : machine.currentCpu.index] ?? machine.currentCpu;
  const rip = machine.linearRip(cpu);
  return {
    kind: end.kind,
    status,
    message: describeEnd(end, signal),
    code: end.kind === "exit" ? end.code : null,
    cpu: cpu.index,
    address: hexAddress(rip),
    symbol: nameOf(symbols, rip) ?? null,
  };
}

/** Device memory that was used; the local APICs and accesses that nothing answered have no range. */
function reportMmio(machine: Machine) {
  const { bus, apicUse } = machine.platform;
  const ranges = bus
    .rangeUse()
    .filter(({ kind }) => kind === "mmio")
    .map(({ name, first, last, reads, writes }) => ({
      device: name,
      first: hexAddress(first),
      last: hexAddress(last),
      reads,
      writes,
    }));
  const nowhere = { first: null, last: null };
  return [
    ...ranges,
    { device: "local APIC", ...nowhere, ...apicUse },
    { device: null, ...nowhere, ...bus.unclaimedMmio() },
  ].filter(({ reads, writes }) => reads + writes > 0);
}

/** VMX by all processors; entries that failed on guest state or MSRs have exit reasons 33 and 34. */
function reportVmx(machine: Machine) {
  const { vmEntry, vmExit, vmEntryFailure, exitReasons } = machine.counters;
  const failure = machine.lastEntryFailure;
  return {
    entries: vmEntry,
    exits: vmExit,
    lateEntryFailures: vmEntryFailure,
    exitReasons: exitReasons
      .map((count, number) => ({ number, name: exitReasonName(number), count }))
      .filter(({ count }) => count > 0),
    lastEntryFailure:
      failure === undefined
        ? null
        : {
            ...failure,
            vmcsHpa: hexAddress(failure.vmcsHpa),
            value: hexAddress(failure.value),
            msr: failure.msr
              ? {
                  entry: failure.msr.entry,
                  index: hexAddress(failure.msr.index),
                  value: hexAddress(failure.msr.value),
                }
              : null,
          },
  };
}

async function reportUndefined({ undefinedOpcodes, symbols }: ReportInput) {
  const list = undefinedOpcodes.list();
  if (list.length === 0) return [];
  const disassembler = await loadDisassembler();
  return list.map(({ address, bytes, bits, count }) => {
    const { length, text } =
      bytes.length === 0
        ? { length: 0, text: "(not mapped)" }
        : disassembler.decode(bytes, bits, address);
    return {
      address: hexAddress(address),
      symbol: nameOf(symbols, address) ?? null,
      count,
      bytes: hexBytes(bytes.subarray(0, length)),
      disassembly: text,
    };
  });
}
