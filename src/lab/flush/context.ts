/** What runs of the flush lab share in one process: a core, and what can be named. */
import { CoreLease } from "../core-lease.ts";
import { STRATEGIES } from "./strategies/index.ts";
import type { FlushStrategy } from "./types.ts";
import type { Workload } from "./workload.ts";
import { WORKLOADS } from "./workloads/index.ts";

export interface LabContextOptions {
  /** Stands in results. */
  readonly version?: string;
  /** Beside those of the lab. */
  readonly strategies?: readonly FlushStrategy[];
  readonly workloads?: readonly Workload[];
}

export class LabContext {
  readonly lease: CoreLease;
  readonly version: string;
  readonly strategies: ReadonlyMap<string, FlushStrategy>;
  readonly workloads: ReadonlyMap<string, Workload>;

  private constructor(lease: CoreLease, options: LabContextOptions) {
    this.lease = lease;
    this.version = options.version ?? "";
    this.strategies = byName([...STRATEGIES, ...(options.strategies ?? [])], "strategy");
    this.workloads = byName([...WORKLOADS, ...(options.workloads ?? [])], "workload");
  }

  /** @throws RangeError when two strategies or workloads have one name. */
  static async create(options: LabContextOptions = {}): Promise<LabContext> {
    return new LabContext(await CoreLease.create(), options);
  }
}

function byName<T extends { readonly name: string }>(items: readonly T[], what: string) {
  const map = new Map<string, T>();
  for (const item of items) {
    if (map.has(item.name)) throw new RangeError(`two of the name "${item.name}": ${what}`);
    map.set(item.name, item);
  }
  return map;
}
