/** The native oracle: batches of cases on the host processor, by the addon in native/. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  BASE_AT,
  baseContents,
  CASE_BYTES,
  CASES_AT,
  CASES_MAX,
  CHANGED_AT,
  HEADER,
  initialFloating,
  PAGE,
  PAGES,
  RESULT_BYTES,
  RESULTS_AT,
  SEGMENTS,
  type SegmentRow,
} from "./layout.ts";

interface Addon {
  create(workerPath: string): unknown;
  memory(handle: unknown): ArrayBuffer;
  start(handle: unknown): boolean;
  submit(handle: unknown, bank: number, count: number): void;
  wait(handle: unknown): boolean;
  close(handle: unknown): void;
}

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "../../native");
const WORKER = join(FOLDER, "build/Release/oracle-worker");
const TICK_MICROSECONDS = 5000;

function loadAddon(): Addon | undefined {
  if (process.platform !== "linux" || process.arch !== "x64" || !existsSync(WORKER)) {
    return undefined;
  }
  const require = createRequire(import.meta.url);
  try {
    return (require("node-gyp-build") as (folder: string) => Addon)(FOLDER);
  } catch {
    return undefined;
  }
}

/** `struct user_desc` of modify_ldt for a row of SEGMENTS. */
function userDescriptor(index: number, row: SegmentRow): number[] {
  const type = row.access & 0xf;
  const code = (type & 8) !== 0;
  const contents = code ? 2 : (type & 4) !== 0 ? 1 : 0;
  const fixed = (type & 2) === 0 ? 1 : 0;
  const absent = (row.access & 0x80) === 0 ? 1 : 0;
  const flags =
    (row.big ? 1 : 0) | (contents << 1) | (fixed << 3) | (0 << 4) | (absent << 5) | (1 << 6);
  return [index, row.base, row.limit, flags];
}

export class NativeOracle {
  readonly memory: Uint8Array<ArrayBuffer>;
  /** Index in PAGES of the pages that the host did not grant. */
  readonly missingPages: number[] = [];
  /** True when code and data segments of the LDT are usable. */
  readonly hasSegments: boolean;
  private readonly addon: Addon;
  private readonly handle: unknown;

  private constructor(addon: Addon, handle: unknown) {
    this.addon = addon;
    this.handle = handle;
    this.memory = new Uint8Array(addon.memory(handle));
    const view = new DataView(this.memory.buffer);
    view.setUint32(HEADER.PAGE_COUNT, PAGES.length, true);
    view.setUint32(HEADER.LDT_COUNT, SEGMENTS.length, true);
    view.setUint32(HEADER.TICK, TICK_MICROSECONDS, true);
    const contents = baseContents();
    PAGES.forEach((page, i) => {
      const at = HEADER.PAGES + i * 16;
      view.setBigUint64(at, page.address, true);
      view.setUint32(at + 8, 1 | (page.write ? 2 : 0) | (page.execute ? 4 : 0), true);
      this.memory.set(contents[i]!, BASE_AT + i * PAGE);
    });
    SEGMENTS.forEach((row, i) => {
      userDescriptor(i, row).forEach((word, j) => {
        view.setUint32(HEADER.LDT + i * 16 + j * 4, word, true);
      });
    });
    this.memory.set(initialFloating(), HEADER.FLOATING);
    if (!addon.start(handle)) {
      const failure = view.getUint32(HEADER.FAILURE, true);
      throw new Error(
        `the worker did not start: step ${failure & 0xffff}, errno ${failure >>> 16}`,
      );
    }
    PAGES.forEach((_, i) => {
      if (view.getUint32(HEADER.PAGES + i * 16 + 12, true) === 0) this.missingPages.push(i);
    });
    this.hasSegments = SEGMENTS.every(
      (_, i) => view.getUint32(HEADER.LDT + i * 16 + 12, true) >>> 31 === 0,
    );
  }

  /**
   * An oracle, or undefined where the addon has not been built (`npm run build:native`). Throws when
   * it is there but its worker does not start.
   */
  static open(): NativeOracle | undefined {
    const addon = loadAddon();
    return addon && new NativeOracle(addon, addon.create(WORKER));
  }

  /** Offset in `memory` of case `index` of bank `bank`. */
  caseAt(bank: number, index: number): number {
    return CASES_AT + (bank * CASES_MAX + index) * CASE_BYTES;
  }

  resultAt(bank: number, index: number): number {
    return RESULTS_AT + (bank * CASES_MAX + index) * RESULT_BYTES;
  }

  /** Offset of the contents of page `page` after the case, when its bit in the mask is set. */
  changedAt(bank: number, index: number, page: number): number {
    return CHANGED_AT + ((bank * CASES_MAX + index) * 8 + page) * PAGE;
  }

  /** Starts cases 0 to `count - 1` of a bank; `wait` before touching their results. */
  submit(bank: number, count: number): void {
    this.addon.submit(this.handle, bank, count);
  }

  wait(): void {
    if (!this.addon.wait(this.handle)) throw new Error("the native worker cannot be restarted");
  }

  close(): void {
    this.addon.close(this.handle);
  }
}
