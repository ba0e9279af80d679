/**
 * A guest that walks through its memory for ever, in 16-bit code with 32-bit addresses: each round
 * touches one page, chosen by a generator of its own, out of a few hot ones or of all.
 */
import { type Code, program, ready } from "../program.ts";

export interface Walk {
  /** Guest-physical address of the first page. */
  readonly base: number;
  /** Pages in all, and hot ones at the beginning: powers of two. */
  readonly pages: number;
  readonly hot: number;
  /** Share of accesses to the hot pages, and of writes: 0 to 1. */
  readonly locality: number;
  readonly writes: number;
  readonly seed: number;
}

const BYTES = 4;
const byte = (share: number) => Math.min(255, Math.max(0, Math.round(share * 255)));

const word = (value: number): Code =>
  Array.from({ length: BYTES }, (_, i) => (value >>> (i * 8)) & 0xff);

/** EBX becomes the generator's next number. */
const NEXT: Code = [
  ...[0x66, 0x69, 0xdb, ...word(1664525)],
  ...[0x66, 0x81, 0xc3, ...word(1013904223)],
];

/** MOV EBX, seed. */
export const seedWalk = (seed: number): Code => [0x66, 0xbb, ...word(seed)];

/** One round; EBX is the generator, EAX, ECX and EDX are used. */
export function walkRound({ base, pages, hot, locality, writes }: Walk): Code {
  const write: Code = [0x67, 0x66, 0x89, 0x98, ...word(base + 8)];
  return [
    ...NEXT,
    // ECX is the mask of all pages, or of the hot ones.
    ...[0x66, 0x89, 0xd8, 0x66, 0xc1, 0xe8, 24],
    ...[0x66, 0xb9, ...word(pages - 1)],
    ...[0x3c, byte(locality), 0x73, 6, 0x66, 0xb9, ...word(hot - 1)],
    ...NEXT,
    ...[0x66, 0x89, 0xd8, 0x66, 0xc1, 0xe8, 10, 0x66, 0x21, 0xc8, 0x66, 0xc1, 0xe0, 12],
    // MOV EDX, [EAX + base]
    ...[0x67, 0x66, 0x8b, 0x90, ...word(base)],
    ...(writes > 0 ? [0x80, 0xff, byte(writes), 0x73, write.length, ...write] : []),
  ];
}

/** The whole program: ready, then rounds for ever, with `extra` in each. */
export function walkForEver(walk: Walk, extra: Code = []): Code {
  const round = [...walkRound(walk), ...extra];
  const back = -(round.length + 3);
  return program(seedWalk(walk.seed), ready, round, [0xe9, back & 0xff, (back >> 8) & 0xff]);
}
