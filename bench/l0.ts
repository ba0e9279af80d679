/**
 * What L0 costs: the round trip of a CPUID exit and the filling of an EPT violation, in CPU time of this
 * process. Usage: npx tsx bench/l0.ts
 */
import { Machine, type MachineOptions } from "../src/index.ts";

const CODE = 0x8000;
const ROUNDS = 2_000_000;
const PAGES = 50_000;
const FIRST_PAGE = 0x1000000;
/** MOV AL, 0; OUT 0xf4, AL */
const END = [0xb0, 0x00, 0xe6, 0xf4];
const word = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** MOV EBP, rounds; then XOR EAX, EAX; `body`; DEC EBP; JNZ. */
const loop = (rounds: number, body: readonly number[]) => [
  ...[0xbd, ...word(rounds)],
  ...[0x31, 0xc0, ...body, 0xff, 0xcd, 0x75, 256 - (2 + body.length + 4)],
  ...END,
];
const CPUID = [0x0f, 0xa2];
/** MOV [RDI], AL; ADD RDI, 4096 */
const TOUCH = [0x88, 0x07, 0x48, 0x81, 0xc7, ...word(4096)];

async function seconds(code: readonly number[], options: MachineOptions): Promise<number> {
  const machine = await Machine.create({ mode: "l1", memory: 256 << 20, ...options });
  const flat = { address: CODE, mode: "long64" as const };
  machine.load(Uint8Array.from(code), { flat });
  const start = process.cpuUsage();
  const stop = await machine.run();
  if (stop.kind !== "exit") throw new Error(`ended with ${stop.kind}`);
  return process.cpuUsage(start).user / 1e6;
}

async function best(code: readonly number[], options: MachineOptions = {}): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) least = Math.min(least, await seconds(code, options));
  return least;
}

const cpuid = (await best(loop(ROUNDS, CPUID))) / ROUNDS;
const inBare = (await best(loop(ROUNDS, CPUID), { mode: "bare" })) / ROUNDS;
const touch = [0x48, 0xc7, 0xc7, ...word(FIRST_PAGE), ...loop(PAGES, TOUCH)];
const fill = (await best(touch, { l0HugePages: false })) / PAGES;
console.log(`CPUID exit, handled by L0: ${(cpuid * 1e6).toFixed(2)} us (bar 3)`);
console.log(`CPUID on the bare machine: ${(inBare * 1e6).toFixed(3)} us`);
console.log(`EPT violation, filled by L0: ${(fill * 1e6).toFixed(2)} us (bar 10)`);
