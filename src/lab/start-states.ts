/** Registers with which the guests of scenarios begin. */
import type { SegmentState, StartState } from "../loaders/loader.ts";

const RSP = 4;
const CR0_PAGED = 0x80000011;
const CR0_NE = 0x20;
const CR4_PSE = 0x10;
const CR4_VMXE = 0x2000;
/** Top of the first vCPU's stack, and bytes for each. */
const STACK = 0x7000;
const STACK_BYTES = 0x200;

export const stackOf = (vcpu: number) => STACK - vcpu * STACK_BYTES;

const gpr = (rsp: number) => Array.from({ length: 16 }, (_, i) => (i === RSP ? rsp : 0));
const flat = (selector: number): SegmentState => ({
  selector,
  base: 0,
  limit: 0xffffffff,
  access: 0xc093,
});

/** What all of them have. */
function withSegments(cs: SegmentState, data: SegmentState) {
  return {
    rflags: 2,
    efer: 0,
    segments: {
      es: data,
      cs,
      ss: data,
      ds: data,
      fs: data,
      gs: data,
      ldtr: { selector: 0, base: 0, limit: 0xffff, access: 0x82 },
      tr: { selector: 0, base: 0, limit: 0xffff, access: 0x8b },
    },
    gdtr: { base: 0, limit: 0xffff },
    idtr: { base: 0, limit: 0xffff },
  };
}

/** Real-address mode with data segments up to 4 GiB. */
export function realMode(rip: number): StartState {
  const cs = { selector: 0, base: 0, limit: 0xffff, access: 0x9b };
  return {
    ...withSegments(cs, flat(0)),
    mode: "real",
    rip,
    gpr: gpr(STACK),
    cr0: 0x10,
    cr3: 0,
    cr4: 0,
  };
}

/** 32-bit paging with 4-MiB pages, in the 16-bit code of the programs. */
export function paged(rip: number, cr3: number): StartState {
  const cs = { selector: 8, base: 0, limit: 0xffff, access: 0x9b };
  return {
    ...withSegments(cs, flat(0x10)),
    mode: "protected32",
    rip,
    gpr: gpr(0),
    cr0: CR0_PAGED,
    cr3,
    cr4: CR4_PSE,
  };
}

/** A hypervisor: 32-bit code with 32-bit paging, VMX enabled. */
export function hypervisor(rip: number, cr3: number, rsp: number): StartState {
  const cs = { selector: 8, base: 0, limit: 0xffffffff, access: 0xc09b };
  return {
    ...withSegments(cs, flat(0x10)),
    mode: "protected32",
    rip,
    gpr: gpr(rsp),
    cr0: (CR0_PAGED | CR0_NE) >>> 0,
    cr3,
    cr4: CR4_PSE | CR4_VMXE,
  };
}
