/** Compiles the floating-point library's test build in memory and runs records on it. */
import asc from "assemblyscript/asc";

import {
  type FpuRecord,
  HASH_START,
  hashOutcome,
  RECORD_BYTES,
  readOutcome,
  writeInput,
} from "./records.ts";

interface TestExports {
  runRecords(base: number, count: number): void;
  repeatRecord(source: number, target: number, times: number): void;
  isPlainOperation(a: bigint, b: bigint, result: bigint, double: number): number;
  laneExceptions(flags: number, mxcsr: number): number;
}

/** Behind the module's static data. */
const BASE = 0x100000;
const PAGES = 1024;

export class FpuLibrary {
  private readonly view: DataView;

  constructor(
    private readonly exports: TestExports,
    memory: WebAssembly.Memory,
  ) {
    this.view = new DataView(memory.buffer);
  }

  /** Runs the records and fills in their outcomes. */
  run<T extends FpuRecord>(records: readonly T[]): readonly T[] {
    for (const [i, r] of records.entries()) writeInput(this.view, BASE + i * RECORD_BYTES, r);
    this.exports.runRecords(BASE, records.length);
    for (const [i, r] of records.entries()) readOutcome(this.view, BASE + i * RECORD_BYTES, r);
    return records;
  }

  runOne(r: FpuRecord): FpuRecord {
    this.run([r]);
    return r;
  }

  /** Runs the records and returns a hash of all their outcomes. */
  hash(records: readonly FpuRecord[]): number {
    for (const [i, r] of records.entries()) writeInput(this.view, BASE + i * RECORD_BYTES, r);
    this.exports.runRecords(BASE, records.length);
    let hash = HASH_START;
    for (let i = 0; i < records.length; i++) {
      hash = hashOutcome(this.view, BASE + i * RECORD_BYTES, hash);
    }
    return hash;
  }

  isPlainOperation(a: bigint, b: bigint, result: bigint, double: boolean): boolean {
    return this.exports.isPlainOperation(a, b, result, double ? 1 : 0) !== 0;
  }

  laneExceptions(flags: number, mxcsr: number): number {
    return this.exports.laneExceptions(flags, mxcsr);
  }

  /** Nanoseconds that one execution of the record takes. */
  time(r: FpuRecord, times: number): number {
    writeInput(this.view, BASE, r);
    const start = performance.now();
    this.exports.repeatRecord(BASE, BASE + RECORD_BYTES, times);
    return ((performance.now() - start) * 1e6) / times;
  }
}

/** Compiles and instantiates; a compiler error is thrown with its text. */
export async function openLibrary(): Promise<FpuLibrary> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      "assembly/fpu/test-exports.ts",
      "--transform",
      "./tools/asc-inline.mjs",
      "--outFile",
      "fpu.wasm",
      "--optimizeLevel",
      "1",
      "--noAssert",
    ],
    {
      writeFile(_name: string, contents: Uint8Array | string) {
        if (typeof contents !== "string") wasm = contents;
      },
    },
  );
  if (error || wasm === undefined) throw new Error(`asc: ${error?.message}\n${stderr.toString()}`);
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: 65536 });
  const env = {
    memory,
    abort() {
      throw new Error("the library called abort");
    },
  };
  const module = new WebAssembly.Module(wasm as BufferSource);
  const instance = new WebAssembly.Instance(module, { env });
  return new FpuLibrary(instance.exports as unknown as TestExports, memory);
}
