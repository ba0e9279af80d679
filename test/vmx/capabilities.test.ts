/** Capability MSRs of every CPU model: what they say, which exist, how they are read. */
import { expect, test } from "vitest";
import { resolveOptions } from "../../src/machine/options.ts";
import { vmxCapabilities, vmxOf } from "../../src/machine/vmx-capabilities.ts";
import { CPU_MODELS } from "../../src/tables/cpu-models.ts";
import { BareCore } from "../support/bare-core.ts";

const VMX_MODELS = CPU_MODELS.filter(({ vmx }) => vmx !== undefined);
const RDMSR = [0x0f, 0x32];
const WRMSR = [0x0f, 0x30];
const GP = 13;
const RCX = 1;

function capabilities(modelName: string, changes: string[] = []) {
  const { model } = resolveOptions({ cpuModel: modelName, cpuFeatures: changes });
  return vmxCapabilities(vmxOf(model)!, 0x2000n);
}

/** True when the control may be 1. */
function allows(values: ReadonlyMap<number, bigint>, msr: number, bit: number): boolean {
  return ((values.get(msr)! >> BigInt(32 + bit)) & 1n) === 1n;
}

test.each(VMX_MODELS.map(({ name }) => name))("%s: RDMSR reads what exists", async (name) => {
  const bare = await BareCore.create(name);
  const { present } = capabilities(name);
  for (let msr = 0x47f; msr <= 0x495; msr++) {
    bare.setGpr(RCX, BigInt(msr));
    expect(bare.run(RDMSR).vector, msr.toString(16)).toBe(present.has(msr) ? -1 : GP);
    bare.setGpr(RCX, BigInt(msr));
    expect(bare.run(WRMSR).vector).toBe(GP);
  }
  bare.setGpr(RCX, 0x480n);
  bare.run(RDMSR);
  expect(bare.gpr(0)).toBe(0x00764d58n);
  expect(bare.gpr(2) & 0x1fffn).toBe(4096n);
});

test.each(["qemu64", "opteron-g1"])("%s has no VMX", async (name) => {
  const bare = await BareCore.create(name);
  for (const msr of [0x3a, 0x480, 0x493]) {
    bare.setGpr(RCX, BigInt(msr));
    expect(bare.run(RDMSR).vector).toBe(GP);
  }
});

test.each(VMX_MODELS.map(({ name }) => name))("%s: words agree with each other", (name) => {
  const { values, present } = capabilities(name);
  for (let i = 0; i < 4; i++) {
    if (!present.has(0x48d + i)) continue;
    const plain = values.get(0x481 + i)!;
    const truth = values.get(0x48d + i)!;
    const default1 = [0x16n, 0x0401e172n, 0x36dffn, 0x11ffn][i]!;
    expect(plain >> 32n).toBe(truth >> 32n);
    expect(plain & 0xffffffffn).toBe((truth & 0xffffffffn) | default1);
    // What must be 1 may be 1.
    expect(plain & 0xffffffffn & ~(plain >> 32n)).toBe(0n);
  }
  const misc = values.get(0x485)!;
  expect(misc & 0x80007e00n).toBe(0n);
  if (allows(values, 0x48b, 7)) expect((misc >> 5n) & 1n).toBe(1n);
  const knownCaps = 0xf0106774141n | 0x81n;
  expect(values.get(0x48c)! & ~knownCaps).toBe(0n);
  expect(values.get(0x48a)!).toBeGreaterThanOrEqual(0x2an);
});

test("what a generation has", () => {
  expect(capabilities("penryn").present.has(0x48d)).toBe(false);
  expect(capabilities("penryn").present.has(0x48c)).toBe(false);
  expect(capabilities("nehalem").values.get(0x48c)).toBe(0xf0106114141n);
  expect(capabilities("westmere").values.get(0x48c)).toBe(0xf0106134141n);
  expect(capabilities("haswell").values.get(0x48c)).toBe(0xf0106334141n);
  expect(capabilities("haswell").present.has(0x491)).toBe(true);
  expect(capabilities("icelake").values.get(0x48c)).toBe(0xf0106734141n);
  expect(capabilities("sapphire-rapids").values.get(0x48c)).toBe(0xf01067341c1n);
  expect(capabilities("sapphire-rapids").present.has(0x492)).toBe(true);
  expect(capabilities("penryn").values.get(0x48a)).toBe(0x2an);
  expect(capabilities("nehalem").values.get(0x48a)).toBe(0x2en);
});

test("features and controls that are taken away", () => {
  const { values } = capabilities("max", ["-rdtscp", "-mode_based_execute_ept", "-la57"]);
  expect(allows(values, 0x48b, 3)).toBe(false);
  expect(allows(values, 0x48b, 22)).toBe(false);
  expect(values.get(0x48c)! & 0x80n).toBe(0n);
  const flat = capabilities("max", ["-enable_ept", "-enable_vpid"]);
  expect(allows(flat.values, 0x48b, 7)).toBe(false);
  expect(flat.present.has(0x48c)).toBe(false);
  expect(flat.present.has(0x491)).toBe(false);
  expect(() => capabilities("nehalem", ["+unrestricted_guest"])).toThrow(/no VMX control/);
  expect(() => capabilities("opteron-g1", ["+vmx"])).toThrow(/has no VMX/);
});

test("IA32_FEATURE_CONTROL can be written until it is locked", async () => {
  const bare = await BareCore.create("skylake");
  const write = (value: bigint) => {
    bare.setGpr(RCX, 0x3an);
    bare.setGpr(0, value);
    bare.setGpr(2, 0n);
    return bare.run(WRMSR).vector;
  };
  expect(write(8n)).toBe(GP);
  expect(write(4n)).toBe(-1);
  expect(write(5n)).toBe(-1);
  expect(write(5n)).toBe(GP);
  bare.setGpr(RCX, 0x3an);
  bare.run(RDMSR);
  expect(bare.gpr(0)).toBe(5n);
});

test("IA32_VMX_CR4_FIXED1 is what MOV to CR4 takes", async () => {
  for (const { name } of VMX_MODELS) {
    const bare = await BareCore.create(name);
    bare.setGpr(RCX, 0x489n);
    bare.run(RDMSR);
    const fixed1 = bare.gpr(0) | (bare.gpr(2) << 32n);
    for (let bit = 0n; bit < 64n; bit++) {
      if (bit === 12n || bit === 17n) continue;
      bare.reset();
      bare.setGpr(0, 0x620n | (1n << bit));
      const fault = bare.run([0x0f, 0x22, 0xe0]).vector === GP;
      expect(fault, `${name} bit ${bit}`).toBe(((fixed1 >> bit) & 1n) === 0n);
    }
  }
});
