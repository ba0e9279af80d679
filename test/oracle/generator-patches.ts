/** What a case finds in memory: rows of its patch table, and their bytes. */
import {
  BYTES_AT,
  OPERAND_AT,
  PAGE,
  PAGES,
  PATCH_COUNT_AT,
  PATCHES_AT,
  PATCHES_MAX,
} from "./layout.ts";

const PAGE_OF = new Map(PAGES.map((page, i) => [Number(page.address / 4096n), i]));

export class PatchWriter {
  private readonly memory: Uint8Array;
  private readonly view: DataView;
  private at = 0;
  private count = 0;
  private from = 0;

  constructor(memory: Uint8Array) {
    this.memory = memory;
    this.view = new DataView(memory.buffer, memory.byteOffset);
  }

  /** Begins the case at offset `at`. */
  begin(at: number): void {
    this.at = at;
    this.count = 0;
    this.from = BYTES_AT;
  }

  /** Writes the number of patches into the case. */
  end(): void {
    this.view.setUint16(this.at + PATCH_COUNT_AT, this.count, true);
  }

  /** Adds the first `length` of `bytes` to what the case finds at linear address `address`. */
  put(address: bigint, bytes: Uint8Array, length: number, isCode: boolean): void {
    if (address >= 1n << 48n) return;
    let linear = Number(address);
    let done = 0;
    while (done < length) {
      const offset = linear % PAGE;
      const part = Math.min(length - done, PAGE - offset);
      const page = PAGE_OF.get((linear - offset) / PAGE);
      // Instructions are placed last and go before all else.
      const code = page !== undefined && PAGES[page]!.execute;
      if (page !== undefined && (!code || isCode)) {
        this.add(page, offset, bytes.subarray(done, done + part));
      }
      done += part;
      linear += part;
    }
  }

  private add(page: number, offset: number, bytes: Uint8Array): void {
    if (this.count === PATCHES_MAX) return;
    if (this.from + bytes.length > OPERAND_AT) return;
    const row = this.at + PATCHES_AT + this.count * 8;
    this.view.setUint16(row, page, true);
    this.view.setUint16(row + 2, offset, true);
    this.view.setUint16(row + 4, bytes.length, true);
    this.view.setUint16(row + 6, this.from, true);
    this.memory.set(bytes, this.at + this.from);
    this.from += bytes.length;
    this.count++;
  }
}
