/**
 * VM entries from a valid state with 1 to 8 fields broken at random, judged by the core and by the
 * model. Values are drawn near the edges that checks have.
 */
import {
  CONTROLS,
  hasControl,
  VMX_GENERATIONS,
  type VmxGeneration,
} from "../../src/tables/vmx/controls.ts";
import { VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import { type EntryCore, entryCore } from "./entry-core.ts";
import { judge, type Verdict } from "./entry-model.ts";
import {
  apply,
  type Changes,
  changed,
  type EntryState,
  HOST_32,
  LINK_HPA,
  PAE_GUEST,
  PDPT_HPA,
  REAL_GUEST,
  V86_GUEST,
  VIRTUAL_APIC_HPA,
  VMCS_HPA,
} from "./entry-state.ts";

const BROKEN_MAX = 8;
const REVISION = 0x00764d58;

/** Fields that no check reads are left alone. */
const UNCHECKED = /shadow|_mask$|exit_|idt_|io_r|guest_linear|target\d|ple_|exception_bitmap|eoi_/;
const FIELDS = VMCS_FIELDS.filter(({ built, group, name }) => {
  return built && group !== "read-only" && !UNCHECKED.test(name);
});

/** The state before it is broken, in kinds. */
const KINDS: readonly Changes[] = [
  {},
  {},
  PAE_GUEST,
  V86_GUEST,
  REAL_GUEST,
  HOST_32,
  { on: "secondary.enable_ept" },
  { fields: { guest_activity_state: 1, vmentry_intr_info: 0x80000202 } },
  { fields: { guest_rflags: 0x202, vmentry_intr_info: 0x80000020 } },
  { fields: { guest_rflags: 0x302, guest_interruptibility: 2, guest_pending_debug: 0x4000 } },
  { fields: { vmcs_link_pointer: LINK_HPA }, memory: { [LINK_HPA]: REVISION } },
  { fields: { guest_ldtr_ar: 0x82, guest_ldtr_limit: 0xffff } },
  {
    on:
      "primary.use_tpr_shadow secondary.virtual_interrupt_delivery exit.acknowledge_interrupt_on_exit " +
      "pin.external_interrupt_exiting pin.process_posted_interrupts",
  },
];

/** xorshift64*: the sequence must be the same everywhere. */
class Random {
  private state: bigint;

  constructor(seed: number) {
    this.state = BigInt(seed) ^ 0x9e3779b97f4a7c15n;
  }

  word(): bigint {
    let x = this.state;
    x ^= x >> 12n;
    x = BigInt.asUintN(64, x ^ (x << 25n));
    x ^= x >> 27n;
    this.state = x;
    return BigInt.asUintN(64, x * 0x2545f4914f6cdd1dn);
  }

  below(limit: number): number {
    return Number(this.word() >> 33n) % limit;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const bit = (place: number) => 1n << BigInt(place);
const NEARBY = [-0x1000n, -0x40n, -0x20n, -0x10n, -8n, -1n, 0n, 1n, 8n, 0x10n, 0x1000n];

/** A value near something that a check looks for. */
function edge(random: Random, old: bigint, physicalBits: number): bigint {
  switch (random.below(10)) {
    case 0:
      return old ^ bit(random.below(64));
    case 1:
      return old ^ bit(random.below(32));
    case 2:
      return old ^ bit(random.below(18)) ^ bit(random.below(18));
    case 3:
      return bit(random.below(64)) + random.pick(NEARBY);
    case 4:
      return bit(random.pick([physicalBits, 47, 48, 56, 57, 32, 16, 12])) + random.pick(NEARBY);
    case 5:
      return -bit(random.pick([47, 48, 56, 57, 12])) + random.pick(NEARBY);
    case 6:
      return BigInt(random.below(40));
    case 7:
      return old + random.pick(NEARBY);
    case 8:
      return random.pick([0n, -1n, BigInt(VMCS_HPA), BigInt(LINK_HPA), BigInt(PDPT_HPA)]);
    default:
      return random.word();
  }
}

/** An event to inject, mostly of a form that is nearly right. */
function injection(random: Random): bigint {
  const type = random.below(8);
  const vector = random.pick([0, 1, 2, 3, 6, 8, 13, 14, 17, 18, 21, 31, 32, 255]);
  const code = random.below(3) === 0 ? 0x800 : 0;
  const reserved = random.below(12) === 0 ? 1 << (12 + random.below(19)) : 0;
  return BigInt((0x80000000 | reserved | code | (type << 8) | vector) >>> 0);
}

/** Access rights of a segment, mostly of a form that is nearly right. */
function rights(random: Random): bigint {
  const odd = random.below(6) === 0 ? random.pick([0x10, 0x80, 0x100, 0x800, 0x20000]) : 0;
  const form = random.pick([0x90, 0xc090, 0xa090, 0x8090, 0x80, 0x8080, 0x10000]);
  return BigInt((form | random.below(16) | (random.below(4) << 5)) ^ odd);
}

function breakField(random: Random, state: EntryState, physicalBits: number): Changes {
  const { name, width } = random.pick(FIELDS);
  let value = edge(random, state.fields[name]!, physicalBits);
  if (name === "vmentry_intr_info" && random.below(4) !== 0) value = injection(random);
  if (name.endsWith("_ar") && random.below(2) === 0) value = rights(random);
  return { fields: { [name]: BigInt.asUintN(width === "natural" ? 64 : width, value) } };
}

/** Something other than a field of its own: a control, the processor, memory. */
function breakOther(random: Random, controls: readonly string[]): Changes {
  switch (random.below(10)) {
    case 0:
      return { efer: random.pick([0n, 0x500n, 0xd01n]) };
    case 1:
      return { memory: { [VIRTUAL_APIC_HPA + 0x80]: random.below(256) } };
    case 2:
      return { memory: { [LINK_HPA]: random.pick([0, REVISION, REVISION | 0x80000000]) >>> 0 } };
    case 3:
      return { memory: { [PDPT_HPA + 4 * random.below(8)]: Number(random.word() & 0x1e7n) } };
    case 4:
      return { off: random.pick(controls) };
    default:
      return { on: random.pick(controls) };
  }
}

export interface FuzzResult {
  /** How often each check was the first to fail; "pass" for entries that went through. */
  readonly seen: ReadonlyMap<string, number>;
  readonly disagreements: readonly string[];
}

const DISAGREEMENTS_MAX = 10;

/** `entries` VM entries on every model with VMX in turn. */
export async function fuzzEntries(entries: number, seed: number): Promise<FuzzResult> {
  const random = new Random(seed);
  const cores: { generation: VmxGeneration; core: EntryCore; controls: string[] }[] = [];
  for (const generation of VMX_GENERATIONS) {
    const controls = CONTROLS.filter((row) => hasControl(row, generation));
    const names = controls.map(({ word, name }) => `${word}.${name}`);
    cores.push({ generation, core: await entryCore(generation), controls: names });
  }
  const seen = new Map<string, number>();
  const disagreements: string[] = [];
  for (let i = 0; i < entries && disagreements.length < DISAGREEMENTS_MAX; i++) {
    const { generation, core, controls } = cores[i % cores.length]!;
    const made: Changes[] = [random.pick(KINDS)];
    const state = changed(core.base, made[0]!);
    for (let left = 1 + random.below(BROKEN_MAX); left > 0; left--) {
      const change =
        random.below(3) === 0
          ? breakOther(random, controls)
          : breakField(random, state, core.processor.physicalBits);
      made.push(change);
      apply(state, change);
    }
    core.write(state);
    const actual = core.check();
    const expected = judge(state, core.processor);
    const key = expected.check ?? "pass";
    seen.set(key, (seen.get(key) ?? 0) + 1);
    if (!same(actual, expected)) {
      disagreements.push(
        `${generation}: ${text(expected)}, the core says ${text(actual)}: ${text(made)}`,
      );
    }
  }
  return { seen, disagreements };
}

function same(a: Verdict, b: Verdict): boolean {
  return a.outcome === b.outcome && a.qualification === b.qualification && a.check === b.check;
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, v) => (typeof v === "bigint" ? `0x${v.toString(16)}` : v));
}
