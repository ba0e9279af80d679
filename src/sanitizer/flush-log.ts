/** The flushes of late on each processor, so that a report can say why they left an entry alone. */
import type { FlushSite } from "./ledger.ts";
import type { FlushScope } from "./rules.ts";
import type { Site } from "./types.ts";

export interface FlushEvent {
  readonly scope: FlushScope;
  readonly where: Site;
  readonly order: number;
  /** Undefined for what no software asked for: page faults, EPT violations, reset. */
  readonly site: FlushSite | undefined;
  /** Stale records that it removed. */
  stale: number;
}

const KEPT_PER_CPU = 64;

export class FlushLog {
  private readonly byCpu = new Map<number, FlushEvent[]>();

  note(event: FlushEvent): void {
    const { cpu } = event.scope;
    let events = this.byCpu.get(cpu);
    if (!events) {
      events = [];
      this.byCpu.set(cpu, events);
    }
    events.push(event);
    if (events.length > 2 * KEPT_PER_CPU) events.splice(0, KEPT_PER_CPU);
  }

  /** Those on processor `cpu` after `order`, oldest first, as far as they are kept. */
  since(cpu: number, order: number): readonly FlushEvent[] {
    return (this.byCpu.get(cpu) ?? []).filter((event) => event.order > order);
  }

  /** The same of every processor. */
  allSince(order: number): readonly FlushEvent[] {
    const events = [...this.byCpu.values()].flat().filter((event) => event.order > order);
    return events.sort((a, b) => a.order - b.order);
  }
}
