/** Interrupt lines that several devices share: a line is high while any of them holds it. */
import type { Device, IrqLine } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

interface HubState {
  /** Level each source drives, in the order in which sources were made. */
  readonly levels: readonly boolean[];
  /** Sources that hold each line. */
  readonly holders: readonly number[];
}

export class IrqHub implements Device {
  private readonly drive: (line: number, level: boolean) => void;
  private readonly holders: number[];
  private readonly levels: boolean[] = [];

  /** `drive` is called when the level of one of `lines` lines changes. */
  constructor(lines: number, drive: (line: number, level: boolean) => void) {
    this.holders = new Array<number>(lines).fill(0);
    this.drive = drive;
  }

  /** A new source of line `line`. Sources are made once, when the machine is put together. */
  source(line: number): IrqLine {
    const index = this.levels.length;
    this.levels.push(false);
    return {
      set: (level) => {
        if (this.levels[index] === level) return;
        this.levels[index] = level;
        const before = this.holders[line];
        this.holders[line] = before + (level ? 1 : -1);
        if (before > 0 !== this.holders[line] > 0) this.drive(line, level);
      },
    };
  }

  level(line: number): boolean {
    return this.holders[line] > 0;
  }

  /** Lines are driven by their devices, which are reset themselves. */
  reset(): void {}

  snapshot(): unknown {
    const state: HubState = { levels: this.levels, holders: this.holders };
    return sealSnapshot("irq-hub", 1, state);
  }

  /**
   * The receivers of the lines save the levels they saw.
   * @throws RangeError when the saved machine had other sources.
   */
  restore(data: unknown): void {
    const state = openSnapshot<HubState>(data, "irq-hub", 1);
    if (state.levels.length !== this.levels.length) {
      throw new RangeError("the saved machine has other interrupt sources");
    }
    state.levels.forEach((level, index) => {
      this.levels[index] = level;
    });
    state.holders.forEach((count, line) => {
      this.holders[line] = count;
    });
  }
}

/** A line that can be cut off from what it drives; it remembers its level meanwhile. */
export class GatedLine implements IrqLine {
  private readonly target: IrqLine;
  private readonly onRise: (() => void) | undefined;
  private level = false;
  private open = true;

  /** `onRise` sees the rising edges of the line whether it is cut or not. */
  constructor(target: IrqLine, onRise?: () => void) {
    this.target = target;
    this.onRise = onRise;
  }

  set(level: boolean): void {
    const rose = level && !this.level;
    this.level = level;
    if (this.open) this.target.set(level);
    if (rose) this.onRise?.();
  }

  /** Connects or cuts the line; a cut line reads low. */
  setOpen(open: boolean): void {
    if (open === this.open) return;
    this.open = open;
    this.target.set(open && this.level);
  }

  save(): { readonly level: boolean; readonly open: boolean } {
    return { level: this.level, open: this.open };
  }

  load(state: { readonly level: boolean; readonly open: boolean }): void {
    this.level = state.level;
    this.open = state.open;
  }
}
