/** What a guest has printed, line by line, with the moment at which each mark came. */

/** Carriage returns, and what a driver sends while it tries the port out. */
const UNPRINTED = /[^\t\x20-\x7e]/g;

/** Where a run stands. */
export interface Moment {
  /** Seconds of wall time since the start. */
  readonly seconds: number;
  /** Seconds that all threads of the process have computed since the start; undefined if unknown. */
  readonly cpuSeconds: number | undefined;
  /** Retired instructions; undefined where nobody counts them. */
  readonly instructions: number | undefined;
}

export class Transcript {
  readonly lines: string[] = [];
  readonly marks = new Map<string, Moment>();
  private readonly now: () => Moment;
  private readonly decoder = new TextDecoder("latin1");
  private rest = "";

  constructor(now: () => Moment) {
    this.now = now;
  }

  add(bytes: Uint8Array): void {
    const lines = (this.rest + this.decoder.decode(bytes, { stream: true })).split("\n");
    this.rest = lines.pop() ?? "";
    for (const raw of lines) this.line(raw.replaceAll(UNPRINTED, ""));
  }

  /** The values of all lines `NAME VALUE`. */
  valuesOf(name: string): string[] {
    const lead = `${name} `;
    return this.lines
      .filter((line) => line.startsWith(lead))
      .map((line) => line.slice(lead.length));
  }

  /** The last lines, for a report of a failure. */
  tail(count: number): string {
    return [...this.lines.slice(-count), this.rest].join("\n");
  }

  private line(text: string): void {
    this.lines.push(text);
    const mark = /^MARK (\S+)$/.exec(text)?.[1];
    if (mark !== undefined) this.marks.set(mark, this.now());
  }
}
