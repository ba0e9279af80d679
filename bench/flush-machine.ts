/** Machines that execute one flush operation again and again, on small pages, bare or as a guest. */
import { STATE } from "../src/generated/state.ts";
import { Machine } from "../src/index.ts";
import { cpuMs, type Loop } from "./micro-machine.ts";

const CODE_HPA = 0x200000;
const PAGES_HPA = 0x400000;
const TABLES_HPA = 0x900000;
const EPT_HPA = 0xa00000;
/** Descriptors of INVPCID, INVEPT and INVVPID. */
const DESCRIPTOR = { pcid: 0xb00000, ept: 0xb00100, vpid: 0xb00200 } as const;
const PAGE = 4096;
const MEMORY = 16 << 20;
const PAGE_TABLES = MEMORY >> 21;
const BATCH_INSTRUCTIONS = 400_000;
const WARM_UP_INSTRUCTIONS = 10_000;

export type Code = readonly number[];

/** Four bytes, the lowest first. */
const word = (value: number): Code => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** MOV EDX, type. */
const typeIn = (type: number): Code => [0xba, ...word(type)];
/** Opcode 66 0F 38 with the type in EDX and the descriptor in memory. */
const withDescriptor = (opcode: number, type: number, hpa: number): Code => [
  ...typeIn(type),
  ...[0x66, 0x0f, 0x38, opcode, 0x14, 0x25, ...word(hpa)],
];

/** Flush operations by the numbers of their types; they name PCID 0, VPID 1 and the EPT of guests. */
export const OPERATION = {
  invlpg: [0x0f, 0x01, 0x3c, 0x25, ...word(PAGES_HPA)] as Code,
  invpcid: (type: number) => withDescriptor(0x82, type, DESCRIPTOR.pcid),
  invept: (type: number) => withDescriptor(0x80, type, DESCRIPTOR.ept),
  invvpid: (type: number) => withDescriptor(0x81, type, DESCRIPTOR.vpid),
  // MOV RAX, CR3; MOV CR3, RAX
  movCr3: [0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8] as Code,
  // MOV RAX, CR4; XOR AL, 0x80; MOV CR4, RAX
  movCr4: [0x0f, 0x20, 0xe0, 0x34, 0x80, 0x0f, 0x22, 0xe0] as Code,
  /** MOV EDX, 1 */
  none: typeIn(1),
} as const;

/** Reads the first word of each of `pages` pages. */
export function touch(pages: number): Code {
  if (pages === 0) return [];
  // MOV EDI, base; MOV ECX, pages; MOV EAX, [RDI]; ADD RDI, 4096; DEC ECX; JNZ
  const body = [0x8b, 0x07, 0x48, 0x81, 0xc7, ...word(PAGE), 0xff, 0xc9];
  return [0xbf, ...word(PAGES_HPA), 0xb9, ...word(pages), ...body, 0x75, 256 - body.length - 2];
}

/** Four-level tables at `hpa` that map all memory to itself by small pages with `flags`. */
function writeTables(machine: Machine, hpa: number, upper: number, leaf: number): void {
  const bytes = new Uint8Array((3 + PAGE_TABLES) * PAGE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, hpa + PAGE + upper, true);
  view.setUint32(PAGE, hpa + 2 * PAGE + upper, true);
  for (let table = 0; table < PAGE_TABLES; table++) {
    view.setUint32(2 * PAGE + table * 8, hpa + (3 + table) * PAGE + upper, true);
    for (let page = 0; page < 512; page++) {
      const at = (3 + table) * PAGE + page * 8;
      view.setUint32(at, ((table << 21) | (page << 12)) + leaf, true);
    }
  }
  machine.memory.write(hpa, bytes);
}

/** Bare, as a guest under EPT with VPID 1, or in VMX root operation. */
export type Place = "bare" | "guest" | "root";

export interface FlushLoop {
  readonly place: Place;
  /** Repeated for ever; what it counts as one event is done `events` times. */
  readonly body: readonly Code[];
  readonly events: number;
  readonly tlb?: string;
}

function enter(machine: Machine, place: Place): void {
  if (place === "bare") return;
  const { core } = machine;
  core.setState32(STATE.VMX_OPERATION, place === "guest" ? 2 : 1);
  if (place === "guest") {
    core.setState32(STATE.VPID, 1);
    core.setState64(STATE.EPTP, BigInt(EPT_HPA | 0x1e));
  }
  core.exports.switchContext(0);
}

/** A machine that has gone through the loop already. */
export async function startFlushLoop({ place, body, events, tlb }: FlushLoop): Promise<Loop> {
  const machine = await Machine.create({ memory: MEMORY, tlb: tlb ?? "skylake" });
  // MOV EAX, tables; MOV CR3, RAX; then the body; INC RBX; JMP
  const setUp = [0xb8, ...word(TABLES_HPA), 0x0f, 0x22, 0xd8];
  const round = [...body.flat(), 0x48, 0xff, 0xc3];
  const code = [...setUp, ...round, 0xe9, ...word(-(round.length + 5))];
  machine.load(Uint8Array.from(code), { flat: { address: CODE_HPA, mode: "long64" } });
  writeTables(machine, TABLES_HPA, 3, 3);
  writeTables(machine, EPT_HPA, 7, 0x37);
  machine.memory.write(DESCRIPTOR.ept, Uint8Array.from(word(EPT_HPA | 0x1e)));
  machine.memory.write(DESCRIPTOR.vpid, Uint8Array.of(1));
  const [cpu] = machine.cpus;
  cpu!.set("rbx", 0n);
  enter(machine, place);
  await machine.run({ maxInstructions: WARM_UP_INSTRUCTIONS });
  if (machine.counters.exceptions.some((count) => count > 0)) throw new Error("the loop faults");
  const run = async () => {
    const start = cpuMs();
    await machine.run({ maxInstructions: BATCH_INSTRUCTIONS });
    return cpuMs() - start;
  };
  const before = Number(cpu!.get("rbx"));
  await run();
  const rounds = Number(cpu!.get("rbx")) - before;
  return { machine, batch: { events: rounds * events, run } };
}
