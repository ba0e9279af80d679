/** How long stays in the guest really took, and how many instructions they executed. */
import type { Core } from "../core/core.ts";
import { STATE } from "../generated/state.ts";
import { LogicalProcessor } from "../machine/processor.ts";

export class SliceTimes {
  /** Instructions executed in all. */
  instructions = 0;
  private readonly core: Core;
  /** Ticks that VM exits and entries have taken, by logical processor, as counted last. */
  private readonly spent = new Map<number, number>();
  private open: { readonly pcpu: number; readonly begun: number } | undefined;

  constructor(core: Core) {
    this.core = core;
  }

  /** A slice begins at `time` on `pcpu`: the time with what the VM entry has taken. */
  begin(pcpu: number, time: number): number {
    const spent = this.spentOn(pcpu);
    const begun = time + ((spent - (this.spent.get(pcpu) ?? spent)) >>> 0);
    this.spent.set(pcpu, spent);
    this.open = { pcpu, begun };
    return begun;
  }

  /** The step is made: `time` if it had no slice, or the time at which that ended. */
  end(pcpu: number, time: number): number {
    const { open } = this;
    this.open = undefined;
    if (open === undefined || open.pcpu !== pcpu) return time;
    const now = Math.max(open.begun + 1, this.core.exports.virtualTimeNumber());
    const spent = this.spentOn(pcpu);
    const exits = (spent - this.spent.get(pcpu)!) >>> 0;
    this.instructions += Math.max(0, now - open.begun - exits);
    this.spent.set(pcpu, spent);
    return now;
  }

  private spentOn(pcpu: number): number {
    return new LogicalProcessor(this.core, pcpu).word(STATE.TICKS_NOT_RETIRED);
  }
}
