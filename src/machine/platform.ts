/** Makes the PC around a machine's processors and memory. */
import type { VirtualClock } from "../devices/clock.ts";
import { PcPlatform } from "../devices/pc.ts";
import { STATE } from "../generated/state.ts";
import type { PhysicalMemory } from "./memory.ts";
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
  memory: PhysicalMemory,
): PcPlatform {
  const { model, parts, epochSeconds, debugExit } = options;
  return new PcPlatform({
    clock,
    pins: cpus,
    ramBytes: options.memory,
    parts,
    tsc: cpus.map(tscOffset),
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
