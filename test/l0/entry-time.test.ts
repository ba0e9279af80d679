/** What a VM entry takes passes for everybody, whoever makes it: time never steps back. */
import { describe, expect, it } from "vitest";
import { Machine } from "../../src/index.ts";

const RESULT = 0x9000;
/** What an exit and an entry take together, at least. */
const EXIT_AND_ENTRY_TICKS = 800;

/** Ticks between two RDTSC with `body` between them. */
async function ticksOf(...body: number[]): Promise<number> {
  const machine = await Machine.create({ mode: "l1", memory: 4 << 20, l0HugePages: false });
  const rdtsc = [0x0f, 0x31];
  const code = [
    // MOV [RESULT], 0 first, so that the page is there; MOV EBX, EAX behind the first RDTSC.
    ...[0xc7, 0x04, 0x25, 0, 0x90, 0, 0, 0, 0, 0, 0],
    ...[...rdtsc, 0x89, 0xc3, ...body, ...rdtsc, 0x29, 0xd8],
    // MOV [RESULT], EAX; MOV AL, 0; OUT 0xf4, AL
    ...[0x89, 0x04, 0x25, 0, 0x90, 0, 0, 0xb0, 0, 0xe6, 0xf4],
  ];
  machine.load(Uint8Array.from(code), { flat: { address: 0x8000, mode: "long64" } });
  expect(await machine.run()).toMatchObject({ kind: "exit" });
  return machine.memory.read32(RESULT);
}

describe("the time of VM entries", () => {
  it("counts where the vCPU's thread makes them", async () => {
    // MOV [0x200000], AL: an EPT violation, which the thread handles.
    const ticks = await ticksOf(0x88, 0x04, 0x25, 0, 0, 0x20, 0);
    expect(ticks).toBeGreaterThanOrEqual(EXIT_AND_ENTRY_TICKS);
    expect(ticks).toBeLessThan(2 * EXIT_AND_ENTRY_TICKS);
  });

  it("counts on the fast path", async () => {
    // XOR EAX, EAX; PUSH RBX; CPUID; POP RBX
    const ticks = await ticksOf(0x31, 0xc0, 0x53, 0x0f, 0xa2, 0x5b);
    expect(ticks).toBeGreaterThanOrEqual(EXIT_AND_ENTRY_TICKS);
  });
});
