/** What the parts of the sanitizer share. */
import type { CoreFeed } from "./feed.ts";
import { FlushLog } from "./flush-log.ts";
import { Frames } from "./frames.ts";
import { type Entry, Records } from "./records.ts";
import { ReportList } from "./reports.ts";
import type { Site } from "./types.ts";

export class SanitizerState {
  /** Name of the function of the host's hypervisor that is at work: stores and flushes are its. */
  actor: string | undefined;
  readonly feed: CoreFeed;
  readonly frames: Frames;
  readonly records: Records;
  readonly log = new FlushLog();
  readonly list = new ReportList();
  /** Counts stores that made something stale, and flushes, in their order. */
  order = 0;
  /** A write through a stale entry is on its way: it is no sign of reuse. */
  passing: { readonly cpu: number; readonly time: number } | undefined;
  readonly totals = {
    fills: 0,
    staled: 0,
    harmlessUses: 0,
    windowUses: 0,
    errorUses: 0,
    flushes: 0,
  };

  constructor(feed: CoreFeed) {
    this.feed = feed;
    this.frames = new Frames(feed);
    this.records = new Records(
      (id) => feed.references(id),
      (entry) => this.frames.forget(entry),
    );
  }

  /** Who is at work, where and when. */
  site(): Site {
    const { cpu, rip, layer, time } = this.feed.where();
    if (this.actor === undefined) return { cpu, rip, layer, time, actor: undefined };
    return { cpu, rip, layer: "host", time, actor: this.actor };
  }

  mark(entry: Entry, on: boolean): void {
    this.feed.markStale(entry.what, entry.id, entry.address, entry.sizeLog, on);
  }
}

/** Number of the 4 KiB page that an address lies in. */
export function pageOf(address: bigint | number): number {
  return typeof address === "bigint" ? Number(address >> 12n) : Math.floor(address / 4096);
}
