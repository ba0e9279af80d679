/** Bug 12: INVPCID that L0 carries out. */
import { type Code, halt, program, read, ready, tell, word, write } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { paged } from "../start-states.ts";
import { A, B, reads } from "./common.ts";

const DIRECTORY = 0x30000;
const TABLE = 0x32000;
const OLD_PAGE = 0x34000;
const NEW_PAGE = 0x35000;
/** The operand: PCID 0 and an address. */
const DESCRIPTOR = 0x36000;
const LINEAR = 0x400000;
const PRESENT = 3;
const LARGE = 0x83;

/** MOV EAX, type; INVPCID EAX, [DESCRIPTOR]. */
const invpcid = (type: number): Code => [
  ...[0x66, 0xb8],
  ...word(type),
  ...[0x67, 0x66, 0x0f, 0x38, 0x82, 0x05],
  ...word(DESCRIPTOR),
];

export const invpcidEmulated: Scenario = {
  name: "invpcid-emulated",
  ids: ["bug 12"],
  title: "The guest changes its table and executes INVPCID, which L0 carries out",
  story:
    "Where INVPCID exits, no processor has flushed anything: with EPT the guest's translations are cached " +
    "in the processor alone, and L0 has to flush them itself.",
  world: {
    programs: [
      program(
        ...[read(LINEAR), ready],
        ...[write(TABLE, NEW_PAGE | PRESENT), invpcid(1), read(LINEAR), tell],
        ...[write(TABLE, OLD_PAGE | PRESENT), invpcid(0), read(LINEAR), tell],
        halt,
      ),
    ],
    words: {
      [DIRECTORY]: LARGE,
      [DIRECTORY + 4]: TABLE | PRESENT,
      [TABLE]: OLD_PAGE | PRESENT,
      [OLD_PAGE]: A,
      [NEW_PAGE]: B,
      [DESCRIPTOR + 8]: LINEAR,
    },
    start: (code) => paged(code, DIRECTORY),
  },
  threads: {},
  promises: ["I1", "I2", "I7"],
  own: [
    reads("the guest reads the page of its table", A, B),
    {
      id: "order",
      text: "the guest sees each change of its table behind INVPCID",
      when: "step",
      check: ({ readings }) => {
        const wrong = readings.findIndex(({ value }, i) => value !== (i === 0 ? B : A));
        return wrong < 0 ? undefined : `reading ${wrong + 1} is that of the old table`;
      },
    },
  ],
  variants: [
    { breaks: ["InterceptInvpcid"], expect: "nothing", why: "L0 flushes in the guest's place" },
    {
      breaks: ["InterceptInvpcid", "NoFlushOnInvpcid"],
      expect: "order",
      why: "the translation of the old table is still cached",
    },
  ],
};
