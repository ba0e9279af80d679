/** Joins the TLB sanitizer to a machine. */
import { MachineFeed } from "../sanitizer/core-feed.ts";
import { Sanitizer } from "../sanitizer/sanitizer.ts";
import type { Machine } from "./machine.ts";
import type { ResolvedOptions } from "./options.ts";

/** The sanitizer that the options ask for. `executing` tells whether the core executes. */
export function makeSanitizer(
  { sanitizer }: ResolvedOptions,
  machine: Machine,
  executing: () => boolean,
): Sanitizer | undefined {
  if (!sanitizer) return undefined;
  const { core, hostMemory: memory, cpus } = machine;
  const feed = new MachineFeed({
    core,
    memory,
    cpus,
    get time() {
      return machine.time;
    },
    get executing() {
      return executing();
    },
  });
  return new Sanitizer(feed, sanitizer);
}
