/**
 * Programs of a few instructions for the guests of scenarios, in 16-bit code with 32-bit addresses:
 * the first vCPU's program begins at CODE, the next ones follow in steps of CODE_BYTES.
 */

export type Code = readonly number[];

export const CODE = 0x8000;
export const CODE_BYTES = 0x100;

/** Ports on which guests tell what they do; scenarios' userspace listens. */
export const PORT = {
  /** EAX is what the guest has read. */
  value: 0x90,
  /** The guest leaves for its thread. */
  pause: 0x98,
  /** The guest is ready: what the scenario is about begins. */
  ready: 0x99,
} as const;

const word = (value: number): Code => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  value >>> 24,
];

/** MOV EAX, [gpa]. */
export const read = (gpa: number): Code => [0x67, 0x66, 0xa1, ...word(gpa)];
/** MOV [gpa], value. */
export const write = (gpa: number, value: number): Code => [
  ...[0x67, 0x66, 0xc7, 0x05],
  ...word(gpa),
  ...word(value),
];
/** OUT value, EAX: tells what was read. */
export const tell: Code = [0x66, 0xe7, PORT.value];
/** OUT pause, AL: an exit for the thread. */
export const pause: Code = [0xe6, PORT.pause];
/** OUT ready, AL. */
export const ready: Code = [0xe6, PORT.ready];
/** HLT with interrupts disabled: the end. */
export const halt: Code = [0xf4];

/** MOV ECX, count; body; LOOP. */
export function times(count: number, ...body: readonly Code[]): Code {
  const code = body.flat();
  return [0x66, 0xb9, ...word(count), ...code, 0x67, 0xe2, (-code.length - 3) & 0xff];
}

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

/** Does `body` until the word at `gpa` is not 0: body; MOV EAX, [gpa]; TEST EAX, EAX; JZ body. */
export function until(gpa: number, ...body: readonly Code[]): Code {
  const code = [...body.flat(), ...read(gpa), 0x66, 0x85, 0xc0];
  return [...code, 0x74, (-code.length - 2) & 0xff];
}
