/** Machines that are ready to execute one loop of guests/micro, or code of the host's own, in batches. */
import { readFileSync } from "node:fs";
import { STATE } from "../src/generated/state.ts";
import { Machine, type MachineCounters, TLB_PROFILES, type TlbProfile } from "../src/index.ts";

const READY_PORT = 0xe9;
const BATCH_INSTRUCTIONS = 500_000;

/** CPU time of this process in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Something that can be timed in batches. */
export interface Batch {
  /** Events in a batch. */
  readonly events: number;
  /** Executes one and returns its CPU time in milliseconds. */
  run(): Promise<number>;
}

export interface Loop {
  readonly machine: Machine;
  readonly batch: Batch;
}

/** Starts the loop `name` of the image, with `eventsPerRound` events in a round. */
export async function startLoop(
  name: string,
  eventsPerRound: number,
  tlb?: string | TlbProfile,
): Promise<Loop> {
  const memory = 16 << 20;
  const machine = await Machine.create(tlb === undefined ? { memory } : { memory, tlb });
  const image = new URL("../guests/images/micro.elf", import.meta.url);
  machine.load(readFileSync(image), { cmdline: name });
  machine.setHooks({
    onPort: (_cpu, { address }) => {
      if (address === READY_PORT) machine.stop();
    },
  });
  const { kind } = await machine.run();
  if (kind !== "stopped") throw new Error(`the loop ${name} ended with ${kind}`);
  machine.setHooks({});
  const run = async () => {
    const start = cpuMs();
    await machine.run({ maxInstructions: BATCH_INSTRUCTIONS });
    return cpuMs() - start;
  };
  // The guest counts its rounds: one batch shows how many it makes.
  await run();
  const before = Number(machine.cpus[0]!.get("rbx"));
  await run();
  const rounds = Number(machine.cpus[0]!.get("rbx")) - before;
  return { machine, batch: { events: rounds * eventsPerRound, run } };
}

/** Room for one translation of data, and the usual caches of everything that walks need. */
function walkingTlb(): TlbProfile {
  const { guestPhysical, structures } = TLB_PROFILES.find(({ name }) => name === "skylake")!;
  const shape = { pages: ["4K", "2M"], xorShift: 0, replacement: "fifo" } as const;
  return {
    name: "walking",
    note: "",
    arrays: [
      { ...shape, name: "instructions", level: 1, kind: "instruction", sets: 16, ways: 4 },
      { ...shape, name: "data", level: 1, kind: "data", sets: 1, ways: 1 },
    ],
    guestPhysical: guestPhysical!,
    structures: structures!,
  };
}

const EPT_HPA = 0xc00000;
const EPT_PAGE_TABLES = 8;

/** EPT structures that map the first 16 MiB to itself by small pages. */
function writeEpt(machine: Machine): void {
  const entry = (table: number, index: number, value: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, value, true);
    machine.memory.write(EPT_HPA + table * 0x1000 + index * 8, bytes);
  };
  entry(0, 0, EPT_HPA + 0x1000 + 7);
  entry(1, 0, EPT_HPA + 0x2000 + 7);
  for (let i = 0; i < EPT_PAGE_TABLES; i++) {
    entry(2, i, EPT_HPA + 0x3000 + i * 0x1000 + 7);
    for (let page = 0; page < 512; page++) entry(3 + i, page, ((i << 21) | (page << 12)) + 0x37);
  }
}

/** The loop with a TLB so small that each of its loads walks; with `nested` as a guest under EPT. */
export async function startWalks(
  name: string,
  eventsPerRound: number,
  nested: boolean,
): Promise<Loop> {
  const loop = await startLoop(name, eventsPerRound, walkingTlb());
  if (!nested) return loop;
  const { core } = loop.machine;
  writeEpt(loop.machine);
  core.setState32(STATE.VMX_OPERATION, 2);
  core.setState32(STATE.VPID, 1);
  core.setState64(STATE.EPTP, BigInt(EPT_HPA | 0x1e));
  core.exports.switchContext(0);
  return loop;
}

const CODE_HPA = 0x200000;
const ELSEWHERE_HPA = 0x400000;
const CODE_BYTES = 0x10000;
/** Eight instructions of the usual lengths and forms; all registers stay 0 but RBP and RSP. */
const MIX = [
  [0x48, 0x89, 0xe5], // MOV RBP, RSP
  [0x48, 0x83, 0xec, 0x20], // SUB RSP, 0x20
  [0x48, 0x8b, 0x44, 0x24, 0x08], // MOV RAX, [RSP + 8]
  [0x01, 0xc8], // ADD EAX, ECX
  [0x85, 0xc0], // TEST EAX, EAX
  [0x75, 0x00], // JNZ, not taken
  [0x48, 0x8d, 0x14, 0x81], // LEA RDX, [RCX + RAX * 4]
  [0x48, 0x83, 0xc4, 0x20], // ADD RSP, 0x20
];

/** Straight code that ends with a jump to its start, and how many instructions it has. */
function straightCode(): { code: Uint8Array; instructions: number } {
  const group = MIX.flat();
  const groups = Math.floor((CODE_BYTES - 5) / group.length);
  const code = new Uint8Array(groups * group.length + 5);
  for (let i = 0; i < groups; i++) code.set(group, i * group.length);
  const view = new DataView(code.buffer);
  view.setUint8(code.length - 5, 0xe9);
  view.setInt32(code.length - 4, -code.length, true);
  return { code, instructions: groups * MIX.length + 1 };
}

/**
 * Code that is executed once through in each batch: written anew before each when `fresh`, so that
 * it must be decoded, else decoded already. The writing is not timed.
 */
export async function startCode(fresh: boolean): Promise<Loop> {
  const { code, instructions } = straightCode();
  const machine = await Machine.create({ memory: 16 << 20 });
  machine.load(code, { flat: { address: CODE_HPA, mode: "long64" } });
  machine.cpus[0]!.set("rsp", 0x800000n);
  const run = async () => {
    machine.memory.write(fresh ? CODE_HPA : ELSEWHERE_HPA, code);
    const start = cpuMs();
    await machine.run({ maxInstructions: instructions });
    return cpuMs() - start;
  };
  return { machine, batch: { events: instructions, run } };
}

/** How much each counter has grown over one batch, for each event. */
export async function perEvent(
  { machine, batch }: Loop,
  read: (counters: MachineCounters) => number,
): Promise<number> {
  const before = read(machine.counters);
  await batch.run();
  return (read(machine.counters) - before) / batch.events;
}
