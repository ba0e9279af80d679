/** Pages that are merged and swapped while a guest writes to them. */
import { halt, pause, program, read, ready, tell, times, write } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, B, DATA, PAGE, reads } from "./common.ts";

const OTHER = DATA + 2 * PAGE;

export const pagesMerged: Scenario = {
  name: "pages-merged",
  ids: ["primary MMU"],
  title: "Two equal pages come to lie in one frame while the guest writes to one of them",
  story:
    "Merged pages are read-only until one is copied. The guest's translation that still allows writes " +
    "must be gone before the pages are compared for the last time.",
  world: {
    programs: [
      program(write(DATA, A), ready, times(2, write(DATA, B), pause, read(OTHER), tell), halt),
    ],
    words: { [DATA]: A, [OTHER]: A },
  },
  threads: {
    *ksm(world) {
      yield* world.l0.vm.mm.merge(world.hva(DATA), world.hva(OTHER));
    },
  },
  promises: ["I1", "I2", "I7"],
  own: [reads("a write to one page does not show in the other", A)],
  variants: [
    {
      breaks: ["NoFlush"],
      expect: "value",
      why: "the guest writes to the shared frame through its old translation",
    },
  ],
};

export const pageSwappedOut: Scenario = {
  name: "page-swapped-out",
  ids: ["primary MMU"],
  title: "A page is swapped out while the guest writes to it",
  story: "What the guest writes behind the copy to the swap device would be lost.",
  world: {
    programs: [
      program(write(DATA, A), ready, times(2, write(DATA, B), pause, read(DATA), tell), halt),
    ],
    words: { [DATA]: A },
  },
  threads: {
    *kswapd(world) {
      yield* world.l0.vm.mm.swapOut(world.hva(DATA));
    },
  },
  promises: ["I1", "I2", "I7"],
  own: [reads("the guest reads what it has written", B)],
  variants: [
    {
      breaks: ["NoFlush"],
      expect: "stale-use",
      why: "the guest goes on in the frame that was freed",
    },
    {
      breaks: ["NoWait"],
      expect: "stale-use",
      why: "the frame is freed while the guest has not left yet",
    },
  ],
};
