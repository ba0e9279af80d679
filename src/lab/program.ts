/**
 * Programs of a few instructions for the guests of scenarios, in 16-bit code with 32-bit addresses, or
 * in 32-bit code: the first vCPU's program begins at CODE, the next ones follow in steps of CODE_BYTES.
 */

export type Code = readonly number[];

export const CODE = 0x8000;
export const CODE_BYTES = 0x400;

/** Ports on which guests tell what they do; scenarios' userspace listens. */
export const PORT = {
  /** EAX is what the guest has read. */
  value: 0x90,
  /** The guest leaves for its thread. */
  pause: 0x98,
  /** The guest is ready: what the scenario is about begins. */
  ready: 0x99,
  /** An instruction of L1's has failed that should not. */
  fail: 0x9a,
} as const;

/** Four bytes, the lowest first. */
export const word = (value: number): Code => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  value >>> 24,
];

/** The instructions that 16-bit and 32-bit code have alike; operands and addresses have 32 bits. */
export function instructions(bits: 16 | 32) {
  const wide = bits === 16 ? [0x66] : [];
  const far = bits === 16 ? [0x67] : [];
  /** MOV EAX, [address]. */
  const read = (address: number): Code => [...far, ...wide, 0xa1, ...word(address)];
  return {
    read,
    /** MOV [address], value. */
    write: (address: number, value: number): Code => [
      ...far,
      ...wide,
      0xc7,
      0x05,
      ...word(address),
      ...word(value),
    ],
    /** OUT value, EAX: tells what was read. */
    tell: [...wide, 0xe7, PORT.value] as Code,
    /** MOV ECX, count; body; LOOP. */
    times: (count: number, ...body: readonly Code[]): Code => {
      const code = body.flat();
      const back = [...far, 0xe2];
      return [
        ...wide,
        0xb9,
        ...word(count),
        ...code,
        ...back,
        (-code.length - far.length - 2) & 0xff,
      ];
    },
    /** Does `body` until the word at `address` is not 0: body; MOV EAX, [address]; TEST EAX, EAX; JZ. */
    until: (address: number, ...body: readonly Code[]): Code => {
      const code = [...body.flat(), ...read(address), ...wide, 0x85, 0xc0];
      return [...code, 0x74, (-code.length - 2) & 0xff];
    },
  };
}

export const { read, write, tell, times, until } = instructions(16);
/** OUT pause, AL: an exit for the thread. */
export const pause: Code = [0xe6, PORT.pause];
/** OUT ready, AL. */
export const ready: Code = [0xe6, PORT.ready];
/** HLT with interrupts disabled: the end. */
export const halt: Code = [0xf4];
/** VMCALL: an exit of L2 to L1. */
export const vmcall: Code = [0x0f, 0x01, 0xc1];

/** Reads, tells what it was, and leaves for the thread, `count` times; then halts. */
export function reader(gpa: number, count: number): Code {
  return [...read(gpa), ...ready, ...times(count, read(gpa), tell, pause), ...halt];
}

/** One program; what does not fit is refused. @throws RangeError */
export function program(...parts: readonly Code[]): Code {
  const code = parts.flat();
  if (code.length > CODE_BYTES) throw new RangeError(`a program of ${code.length} bytes`);
  return code;
}
