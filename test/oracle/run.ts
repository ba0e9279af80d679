/** Runs forms against the native oracle in batches, and shrinks what fails. */
import fc from "fast-check";
import { Comparer, emptyTally, type Mismatch, type Tally } from "./compare.ts";
import type { Form } from "./forms.ts";
import { CaseGenerator, GENOME } from "./generator.ts";
import { knownDifference } from "./known.ts";
import { CASE_FLOATING_AT, CASES_MAX, OPERAND_AT, SELECTORS_AT } from "./layout.ts";
import { type Lenience, lenienceOf } from "./lenience.ts";
import { NativeOracle } from "./native.ts";
import { UserCore } from "./user-core.ts";
import { Genes } from "./values.ts";

export interface Failure {
  readonly forms: readonly Form[];
  readonly genes: Uint32Array;
  readonly mismatches: readonly Mismatch[];
  /** Cases of the form that failed. */
  count: number;
}

/** Cases prepared in a bank: which forms and genes each came from. */
interface Batch {
  readonly bank: number;
  count: number;
  readonly forms: (readonly Form[])[];
  readonly genes: Uint32Array[];
}

export class OracleRun {
  readonly oracle: NativeOracle;
  readonly core: UserCore;
  readonly failures = new Map<string, Failure>();
  readonly tallies = new Map<string, Tally>();
  /** Cases that a known difference explains, by its id. */
  readonly known = new Map<string, number>();
  private readonly generator: CaseGenerator;
  private readonly comparer: Comparer;
  private readonly batches: Batch[];
  private readonly lenience: Lenience = { flags: 0, result: false, unstored: [], operand: 0n };
  private filling: Batch;
  private flying: Batch | undefined;

  private constructor(oracle: NativeOracle, core: UserCore) {
    this.oracle = oracle;
    this.core = core;
    this.generator = new CaseGenerator(oracle.memory);
    this.comparer = new Comparer(oracle, core);
    this.batches = [0, 1].map((bank) => ({
      bank,
      count: 0,
      forms: new Array(CASES_MAX),
      genes: Array.from({ length: CASES_MAX }, () => new Uint32Array(GENOME)),
    }));
    this.filling = this.batches[0]!;
  }

  /** Undefined where there is no native oracle. */
  static async open(): Promise<OracleRun | undefined> {
    const oracle = NativeOracle.open();
    if (!oracle) return undefined;
    return new OracleRun(oracle, await UserCore.create(oracle.missingPages));
  }

  /** Adds a case of `forms` with genes from `source`; it runs when its batch is full. */
  add(forms: readonly Form[], source: Genes): void {
    const batch = this.filling;
    const slot = batch.count++;
    const genes = batch.genes[slot]!;
    source.fill(genes);
    batch.forms[slot] = forms;
    this.generator.write(this.oracle.caseAt(batch.bank, slot), forms, genes);
    if (batch.count === CASES_MAX) this.launch();
  }

  /** Runs what has been added. */
  flush(): void {
    this.launch();
    this.land();
  }

  private launch(): void {
    this.land();
    const batch = this.filling;
    if (batch.count === 0) return;
    this.oracle.submit(batch.bank, batch.count);
    this.flying = batch;
    this.filling = this.batches[1 - batch.bank]!;
    // Our core works on the batch while the processor does.
    this.filling.count = 0;
  }

  private land(): void {
    const batch = this.flying;
    if (!batch) return;
    this.oracle.wait();
    this.flying = undefined;
    for (let i = 0; i < batch.count; i++) this.judge(batch, i);
  }

  private judge(batch: Batch, index: number): void {
    const forms = batch.forms[index]!;
    const at = this.oracle.caseAt(batch.bank, index);
    const name = nameOf(forms);
    let tally = this.tallies.get(name);
    if (!tally) {
      tally = emptyTally();
      this.tallies.set(name, tally);
    }
    const mismatches = this.compareAt(batch.bank, index, at, forms, tally);
    if (mismatches.length === 0) return;
    const known = this.failures.get(name);
    if (known) known.count++;
    else {
      const genes = batch.genes[index]!.slice();
      this.failures.set(name, { forms, genes, mismatches, count: 1 });
    }
  }

  private compareAt(
    bank: number,
    index: number,
    at: number,
    forms: readonly Form[],
    tally: Tally,
  ): Mismatch[] {
    const { memory } = this.oracle;
    const lenience = lenienceOf(forms, memory, at, this.lenience);
    this.core.run(memory, at);
    this.core.captureFloating();
    const found = this.comparer.compare(bank, index, forms[0]!, lenience, tally);
    this.core.restore(memory, at);
    if (found.length === 0) return found;
    if (lenience.result) {
      this.count("undefined-result");
      return [];
    }
    const known = knownDifference(forms, found, {
      register: (number) => new DataView(memory.buffer).getBigUint64(at + number * 8, true),
      stack: () => new DataView(memory.buffer).getUint16(at + SELECTORS_AT + 2, true),
      operand: () => new DataView(memory.buffer).getBigUint64(at + OPERAND_AT, true),
      controlWord: () => new DataView(memory.buffer).getUint16(at + CASE_FLOATING_AT, true),
    });
    if (!known) return found;
    this.count(known.id);
    return [];
  }

  private count(id: string): void {
    this.known.set(id, (this.known.get(id) ?? 0) + 1);
  }

  /** Runs one case at once. */
  runOne(forms: readonly Form[], genes: Uint32Array): Mismatch[] {
    const at = this.oracle.caseAt(0, 0);
    this.generator.write(at, forms, genes);
    this.oracle.submit(0, 1);
    this.oracle.wait();
    return this.compareAt(0, 0, at, forms, emptyTally());
  }

  /** The plainest case that fails in the same place; its state is left in slot 0 of bank 0. */
  shrink(failure: Failure): { genes: Uint32Array; mismatches: Mismatch[] } {
    const what = failure.mismatches[0]!.what.replace(/\+.*/, "");
    const gene = fc.integer({ min: 0, max: 0xffffffff });
    const property = fc.property(
      fc.array(gene, { minLength: GENOME, maxLength: GENOME }),
      (genes) =>
        !this.runOne(failure.forms, Uint32Array.from(genes)).some((m) => m.what.startsWith(what)),
    );
    const found = fc.check(property, {
      examples: [[Array.from(failure.genes)]],
      numRuns: 1,
      verbose: 0,
    });
    const genes = Uint32Array.from(found.counterexample?.[0] ?? failure.genes);
    return { genes, mismatches: this.runOne(failure.forms, genes) };
  }

  close(): void {
    this.oracle.close();
  }
}

export function nameOf(forms: readonly Form[]): string {
  return forms.length === 1 ? forms[0]!.name : forms.map((form) => form.name).join(" ; ");
}

/** A source of genes that depends on the seed and the form alone. */
export function genesFor(seed: number, name: string): Genes {
  let hash = seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return new Genes(hash >>> 0);
}
