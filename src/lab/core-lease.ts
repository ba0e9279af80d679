/**
 * A core that is used for one world after the other: making the memory of a new one takes longer than
 * a whole run of a scenario.
 */
import { Core, type CoreImports, SILENT_IMPORTS } from "../core/core.ts";
import type { ResolvedOptions } from "../machine/options.ts";
import { configureCore } from "../machine/setup.ts";
import { sanitizerImports } from "../sanitizer/core-feed.ts";
import type { Sanitizer } from "../sanitizer/sanitizer.ts";

/** Where the core keeps decoded instructions, and what `configure` places (assembly/layout.ts). */
const ARENA = 0x200000;
const ARENA_USED = 0x10000;
const DYNAMIC = 0x1200000;

/** What the core asks of the world that has it. */
export interface CoreClient {
  readonly sanitizer: Sanitizer | undefined;
  acknowledgeInterrupt(): number;
}

export class CoreLease {
  readonly core: Core;
  client: CoreClient | undefined;
  /** The memory as the core comes. */
  private readonly pristine: Uint8Array;
  /** The memory as it is when a machine has been described, by that machine's options. */
  private readonly configured = new Map<ResolvedOptions, { base: number; image: Uint8Array }>();

  private constructor(core: Core) {
    this.core = core;
    core.refreshViews();
    this.pristine = core.u8.slice(0, lastByte(core.u32) + 1);
    if (core.exports.arenaAddress() !== ARENA) throw new Error("the core's layout has changed");
  }

  static async create(): Promise<CoreLease> {
    let lease: CoreLease | undefined;
    const imports: CoreImports = {
      ...SILENT_IMPORTS,
      acknowledgeInterrupt: () => lease?.client?.acknowledgeInterrupt() ?? -1,
      ...sanitizerImports(() => lease?.client?.sanitizer),
    };
    lease = new CoreLease(await Core.create(imports));
    return lease;
  }

  /**
   * Makes the memory as it was when the core was new, and describes the machine there. Returns the
   * pointer of the first frame.
   */
  configure(options: ResolvedOptions): number {
    this.client = undefined;
    const known = this.configured.get(options);
    if (known !== undefined) {
      this.restore(known.image);
      return known.base;
    }
    this.restore(this.pristine);
    const base = configureCore(this.core, options);
    const image = this.core.u8.slice(0, lastByte(this.core.u32) + 1);
    this.configured.set(options, { base, image });
    return base;
  }

  private restore(image: Uint8Array): void {
    const { core } = this;
    core.refreshViews();
    core.u8.set(image);
    // Of the arena of decoded instructions no more than its beginning is used by a few instructions.
    core.u8.fill(0, image.length, ARENA + ARENA_USED);
    core.u8.fill(0, DYNAMIC);
  }
}

function lastByte(words: Uint32Array): number {
  let at = words.length - 1;
  while (at > 0 && words[at] === 0) at--;
  return at * 4 + 3;
}
