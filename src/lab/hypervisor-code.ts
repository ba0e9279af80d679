/**
 * What L1 does as a hypervisor, in 32-bit code. VM exits leave it in 32-bit code, too, with L2's general
 * registers: nothing here changes ECX, ESI, EDI, EBX and EBP, and loops over entries are written out.
 */
import { FIELD, REASON } from "../generated/vmx.ts";
import { type Code, instructions, PORT, read, word } from "./program.ts";

export const l1 = instructions(32);

const movEax = (value: number): Code => [0xb8, ...word(value)];
const movEdx = (value: number): Code => [0xba, ...word(value)];
const push = (value: number): Code => [0x68, ...word(value)];
/** ADD ESP, bytes. */
const drop = (bytes: number): Code => [0x83, 0xc4, bytes];
/** Behind an opcode: [ESP] as the operand. */
const AT_ESP = [0x24] as const;

const withPointer = (gpa: number, opcode: Code): Code => [
  ...[...push(0), ...push(gpa)],
  ...[...opcode, 0x34, ...AT_ESP],
  ...drop(8),
];

/** VMXON of the region at `gpa`. */
export const vmxon = (gpa: number): Code => withPointer(gpa, [0xf3, 0x0f, 0xc7]);
export const vmclear = (gpa: number): Code => withPointer(gpa, [0x66, 0x0f, 0xc7]);
export const vmptrld = (gpa: number): Code => withPointer(gpa, [0x0f, 0xc7]);
export const vmxoff: Code = [0x0f, 0x01, 0xc4];

/** VMWRITE. */
export const setField = (field: number, value: number): Code => [
  ...movEdx(field),
  ...movEax(value),
  ...[0x0f, 0x79, 0xd0],
];
/** VMREAD to EAX. */
export const getField = (field: number): Code => [...movEdx(field), 0x0f, 0x78, 0xd0];

const invalidate = (opcode: number, type: number, low: number, high: number): Code => [
  ...[...push(0), ...push(high), ...push(0), ...push(low), ...movEax(type)],
  ...[0x66, 0x0f, 0x38, opcode, 0x04, ...AT_ESP],
  ...drop(16),
];

/** INVEPT, single-context. */
export const invept = (eptp: number): Code => invalidate(0x80, 1, eptp, 0);
/** INVEPT, all-context. */
export const inveptAll: Code = invalidate(0x80, 2, 0, 0);
/** INVVPID for one linear address. */
export const invvpidAddress = (vpid: number, gla: number): Code => invalidate(0x81, 0, vpid, gla);
/** INVVPID, single-context. */
export const invvpid = (vpid: number): Code => invalidate(0x81, 1, vpid, 0);

/** Enters L2; the exit comes back to what follows. Where the instruction fails, userspace is told. */
const enter = (opcode: number): Code => {
  const store = [...movEdx(FIELD.host_rip), 0x0f, 0x79, 0xd0];
  const rest = [...store, 0x0f, 0x01, opcode, 0xe6, PORT.fail, 0xf4];
  // CALL to the next instruction, POP EAX, ADD EAX: the address behind all this.
  return [0xe8, 0, 0, 0, 0, 0x58, 0x05, ...word(1 + 5 + rest.length), ...rest];
};
export const launch: Code = enter(0xc2);
export const resume: Code = enter(0xc3);

/** L2 goes on behind an instruction of so many bytes. */
export const resumeBehind = (bytes: number): Code => [
  ...[...getField(FIELD.guest_rip), 0x83, 0xc0, bytes, 0x0f, 0x79, 0xd0],
  ...resume,
];

const VMCALL_BYTES = 3;
/** Behind an exit by VMCALL: L2 goes on with its next instruction. */
export const resumeBehindCall: Code = resumeBehind(VMCALL_BYTES);

/** CMP EAX, reason; JNE; MOV dword [ESP], bytes. */
const bytesFor = (reason: number, bytes: number): Code => [
  ...[0x3d, ...word(reason), 0x75, 7],
  ...[0xc7, 0x04, ...AT_ESP, ...word(bytes)],
];
/** Behind any exit: what VMCALL and a read have asked for is done, the rest is tried again. */
export const resumeBehindExit: Code = [
  ...[...push(0), ...getField(FIELD.exit_reason)],
  ...bytesFor(REASON.vmcall, VMCALL_BYTES),
  ...bytesFor(REASON.apic_access, read(0).length),
  ...[...getField(FIELD.guest_rip), 0x03, 0x04, ...AT_ESP, ...drop(4)],
  ...[0x0f, 0x79, 0xd0],
  ...resume,
];

/** Tells userspace why L2 has exited. */
export const tellReason: Code = [...getField(FIELD.exit_reason), ...l1.tell];
