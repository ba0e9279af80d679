/** S10: the APIC is switched back to xAPIC mode; a cached translation may remember how its page was. */
import { type Code, halt, pause, program, read, ready, tell, times, word } from "../program.ts";
import type { OwnPromise, Scenario } from "../scenario.ts";
import { REMEMBERING_TLB } from "../tlb.ts";
import { moveApicPage } from "./apic-page-moves.ts";
import { APIC_ID, reachesApic } from "./common.ts";

const APIC_BASE_MSR = 0x1b;
const DISABLED = 0xfee00100;
const ENABLED = 0xfee00900;
/** MOV ECX, EDX, EAX; WRMSR. */
const setApicBase = (value: number): Code => [
  ...[0x66, 0xb9, ...word(APIC_BASE_MSR)],
  ...[0x66, 0xba, ...word(0)],
  ...[0x66, 0xb8, ...word(value)],
  ...[0x0f, 0x30],
];
const readTwice = times(2, read(APIC_ID), tell, pause);
const programs = [
  program(setApicBase(DISABLED), read(APIC_ID), ready, setApicBase(ENABLED), readTwice, halt),
];
const story =
  "While the APIC is disabled its page is ordinary memory, and is cached as that. When accesses are " +
  "virtualized again L0 flushes the tables in use: a processor may go by what it has cached.";

/** A flush of everything serves as one of the tables in use. */
const noFlushTwice: OwnPromise = {
  id: "no-flush-twice",
  text: "behind a flush of everything none of the tables in use waits",
  when: "step",
  check: ({ contexts }) =>
    contexts.leftWaiting
      ? "everything has been flushed, and the tables in use are to be flushed still"
      : undefined,
};

export const apicEnabledAgain: Scenario = {
  name: "apic-enabled-again",
  ids: ["S10"],
  title: "The APIC is enabled again, on a processor that remembers what its page was",
  story,
  world: { apic: true, programs, tlb: REMEMBERING_TLB },
  threads: { notifier: moveApicPage },
  promises: ["I1", "I2", "I3", "I7"],
  own: [reachesApic, noFlushTwice],
  variants: [
    {
      breaks: ["NoFlushOnModeSwitch"],
      expect: "apic",
      why: "the guest reads the memory of the page through what was cached before",
    },
    {
      breaks: ["KeepFlushCurrent"],
      expect: "no-flush-twice",
      why: "the page's migration flushes everything, and the flush of the mode switch still waits",
    },
  ],
};

export const apicEnabledAgainCompared: Scenario = {
  name: "apic-enabled-again-on-comparing-processor",
  ids: ["S10"],
  title: "The same on a processor that compares each access with the page in force",
  story,
  world: { apic: true, programs },
  threads: { notifier: moveApicPage },
  promises: ["I1", "I2", "I3", "I7"],
  own: [reachesApic],
  variants: [
    {
      breaks: ["NoFlushOnModeSwitch"],
      expect: "nothing",
      why: "what is cached is where the page lies, and that is right",
    },
  ],
};
