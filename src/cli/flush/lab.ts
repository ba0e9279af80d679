/** The strategies, workloads and presets that the command line has. */

import { VERSION } from "../../generated/version.ts";
import { PRESETS } from "../../lab/flush/presets.ts";
import { STRATEGIES } from "../../lab/flush/strategies/index.ts";
import { WORKLOADS } from "../../lab/flush/workloads/index.ts";
import type { FlushLab } from "./flush-command.ts";

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

export function ownLab(): FlushLab {
  return {
    version: VERSION,
    catalogue: { strategies: byName(STRATEGIES), workloads: byName(WORKLOADS) },
    presets: byName(PRESETS),
    worker: new URL("./worker.js", import.meta.url),
  };
}
