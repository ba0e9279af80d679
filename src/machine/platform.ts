/** Makes the PC around a machine's processors and memory. */
import type { VirtualClock } from "../devices/clock.ts";
import { PcPlatform } from "../devices/pc.ts";
import { STATE } from "../generated/state.ts";
import type { L1Mode } from "./l1-mode.ts";
import type { GuestPhysicalMemory } from "./memory.ts";
import type { ResolvedOptions } from "./options.ts";
import type { LogicalProcessor } from "./processor.ts";

/** The part of a processor's TSC that the guest decides, as its APIC timer needs it. */
function tscOffset(cpu: LogicalProcessor) {
  return {
    get lo() {
      return cpu.word(STATE.TSC_OFFSET);
    },
    get hi() {
      return cpu.word(STATE.TSC_OFFSET + 4);
    },
  };
}

export function makePlatform(
  options: ResolvedOptions,
  clock: VirtualClock,
  cpus: readonly LogicalProcessor[],
  l1: L1Mode | undefined,
  memory: GuestPhysicalMemory,
): PcPlatform {
  const { model, parts, epochSeconds, debugExit } = options;
  return new PcPlatform({
    clock,
    pins: l1?.vcpus ?? cpus,
    ramBytes: options.memory,
    parts,
    tsc: l1?.vcpus.map((vcpu) => vcpu.tscOffset) ?? cpus.map(tscOffset),
    ...(l1 === undefined ? {} : { makeLocalApic: l1.makeLocalApic }),
    x2apicAdvertised: model.features.includes("X2APIC"),
    tscDeadlineAdvertised: model.features.includes("TSC_DEADLINE"),
    physicalAddressBits: model.physicalAddressBits,
    serialPorts: options.serialPorts,
    firmwareState: options.firmware === undefined,
    ...(epochSeconds === undefined ? {} : { epochSeconds }),
    ...(debugExit === undefined ? {} : { debugExit }),
    memory: {
      read: (gpa, into) => {
        if (!memory.has(gpa, into.length)) return false;
        into.set(memory.view(gpa, into.length));
        return true;
      },
      write: (gpa, bytes) => {
        if (!memory.has(gpa, bytes.length)) return false;
        memory.write(gpa, bytes);
        return true;
      },
    },
  });
}
