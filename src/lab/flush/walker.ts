/**
 * Guests that walk through their memory: each round touches one page, chosen by a generator in EBX, out
 * of a few hot ones or of all. EAX, ECX and EDX are used.
 */
import { type Code, program, ready, word } from "../program.ts";

export interface Walk {
  /** Address of the first page. */
  readonly base: number;
  /** Pages in all, and hot ones at the beginning: powers of two. */
  readonly pages: number;
  readonly hot: number;
  /** Share of accesses to the hot pages, and of writes: 0 to 1. */
  readonly locality: number;
  readonly writes: number;
}

const byte = (share: number) => Math.min(255, Math.max(0, Math.round(share * 255)));

/** The code of walks for 16-bit or 32-bit code. */
export function walkCode(bits: 16 | 32) {
  const wide = bits === 16 ? [0x66] : [];
  const far = bits === 16 ? [0x67] : [];
  const relative = (value: number) => word(value).slice(0, bits / 8);
  const movEcx = (value: number): Code => [...wide, 0xb9, ...word(value)];
  /** EBX becomes the generator's next number. */
  const next: Code = [
    ...[...wide, 0x69, 0xdb, ...word(1664525)],
    ...[...wide, 0x81, 0xc3, ...word(1013904223)],
  ];

  /** MOV EBX, seed. */
  const seed = (value: number): Code => [...wide, 0xbb, ...word(value)];

  /** One access. */
  const round = ({ base, pages, hot, locality, writes }: Walk): Code => {
    // MOV [EAX + base + 8], EBX
    const write: Code = [...far, ...wide, 0x89, 0x98, ...word(base + 8)];
    const useHot = movEcx(hot - 1);
    return [
      ...next,
      // MOV EAX, EBX; SHR EAX, 24; CMP AL, locality; JAE: ECX stays the mask of all pages.
      ...[...wide, 0x89, 0xd8, ...wide, 0xc1, 0xe8, 24],
      ...movEcx(pages - 1),
      ...[0x3c, byte(locality), 0x73, useHot.length, ...useHot],
      ...next,
      // MOV EAX, EBX; SHR EAX, 10; AND EAX, ECX; SHL EAX, 12; MOV EDX, [EAX + base]
      ...[...wide, 0x89, 0xd8, ...wide, 0xc1, 0xe8, 10],
      ...[...wide, 0x21, 0xc8, ...wide, 0xc1, 0xe0, 12],
      ...[...far, ...wide, 0x8b, 0x90, ...word(base)],
      // CMP BH, writes; JAE
      ...(writes > 0 ? [0x80, 0xff, byte(writes), 0x73, write.length, ...write] : []),
    ];
  };

  /** JMP back to the beginning of `body`. */
  const forEver = (...body: readonly Code[]): Code => {
    const code = body.flat();
    const back = relative(-(code.length + 1 + bits / 8));
    return [...code, 0xe9, ...back];
  };

  /** MOV ESI, count; body; DEC ESI; JNZ. */
  const times = (count: number, ...body: readonly Code[]): Code => {
    const code = [...body.flat(), ...wide, 0x4e];
    const back = relative(-(code.length + 2 + bits / 8));
    return [...wide, 0xbe, ...word(count), ...code, 0x0f, 0x85, ...back];
  };

  return { seed, round, forEver, times };
}

const real = walkCode(16);

/** A whole program in 16-bit code: ready, then walks for ever, with `extra` behind each access. */
export function walker(walk: Walk, seed: number, extra: Code = []): Code {
  return program(real.seed(seed), ready, real.forEver(real.round(walk), extra));
}
