/** Interprocessor interrupts: destinations, shorthands, delivery modes, arbitration, MSI. */
import { describe, expect, it } from "vitest";
import { ApicBus, BUS_APICS_MAX } from "../../src/devices/apic-bus.ts";
import { VirtualClock } from "../../src/devices/clock.ts";
import { apicMachine, BASE_X2APIC, REG, TestProcessor } from "./apic-machine.ts";

const LOGICAL = 0x800;
const ASSERT = 0x4000;
const VECTOR = 0xcf;

/** Numbers of the processors that got VECTOR. */
function receivers(cpus: readonly TestProcessor[]): number[] {
  const result: number[] = [];
  cpus.forEach((cpu, index) => {
    for (const vector of cpu.serveAll()) if (vector === VECTOR) result.push(index);
  });
  return result;
}

describe("IPI destinations in xAPIC mode", () => {
  it("matches physical IDs, also rewritten and shared ones", () => {
    const { cpus } = apicMachine(3);
    cpus[0].ipi(ASSERT | VECTOR, 2);
    expect(receivers(cpus)).toEqual([2]);
    for (const cpu of cpus.slice(1)) cpu.put(REG.ID, 0x42000000);
    cpus[0].ipi(ASSERT | VECTOR, 0x42);
    expect(receivers(cpus)).toEqual([1, 2]);
    cpus[0].ipi(ASSERT | VECTOR, 9);
    expect(receivers(cpus)).toEqual([]);
  });

  it("broadcasts to 0xff and by shorthand", () => {
    const { cpus } = apicMachine(4);
    cpus[1].ipi(ASSERT | VECTOR, 0xff);
    expect(receivers(cpus)).toEqual([0, 1, 2, 3]);
    cpus[1].ipi(0x80000 | VECTOR);
    expect(receivers(cpus)).toEqual([0, 1, 2, 3]);
    cpus[1].ipi(0xc0000 | VECTOR);
    expect(receivers(cpus)).toEqual([0, 2, 3]);
    cpus[1].ipi(0x40000 | VECTOR, 3);
    expect(receivers(cpus)).toEqual([1]);
  });

  it("matches any common bit in the flat model, for every destination value", () => {
    const { cpus } = apicMachine(2);
    for (let bit = 0; bit < 8; bit++) {
      cpus[1].put(REG.DFR, 0xffffffff);
      cpus[1].put(REG.LDR, (1 << bit) << 24);
      for (let destination = 0; destination < 0xff; destination++) {
        cpus[0].ipi(LOGICAL | VECTOR, destination);
        expect(receivers(cpus)).toEqual((destination & (1 << bit)) !== 0 ? [1] : []);
      }
    }
    cpus[0].ipi(LOGICAL | VECTOR, 0xff);
    expect(receivers(cpus)).toEqual([0, 1]);
  });

  it("matches cluster and member in the cluster model", () => {
    const { cpus } = apicMachine(3);
    for (const cpu of cpus) cpu.put(REG.DFR, 0x0fffffff);
    cpus[1].put(REG.LDR, 0x31000000);
    cpus[2].put(REG.LDR, 0x32000000);
    for (let destination = 1; destination < 0xff; destination++) {
      cpus[0].ipi(LOGICAL | VECTOR, destination);
      const inCluster = destination >> 4 === 3;
      const expected = [1, 2].filter((member) => inCluster && (destination & member) !== 0);
      expect(receivers(cpus)).toEqual(expected);
    }
    cpus[1].put(REG.DFR, 0x7fffffff);
    cpus[0].ipi(LOGICAL | VECTOR, 0x33);
    expect(receivers(cpus)).toEqual([2]);
  });

  it("does not reach disabled APICs", () => {
    const { cpus } = apicMachine(3);
    cpus[1].put(REG.SVR, 0xff);
    cpus[2].apic.setBase(0xfee00000, 0);
    cpus[0].ipi(0xc0000 | VECTOR);
    cpus[0].ipi(0xc0000 | 0x400);
    expect(receivers(cpus)).toEqual([]);
    expect(cpus.map((cpu) => cpu.pins.nmis)).toEqual([0, 1, 0]);
  });
});

describe("IPI destinations in x2APIC mode", () => {
  function x2Machine(ids: readonly number[]) {
    const clock = new VirtualClock();
    const bus = new ApicBus();
    return ids.map((apicId) => {
      const cpu = new TestProcessor(clock, bus, { apicId, x2apicAdvertised: true });
      cpu.apic.setBase(BASE_X2APIC, 0);
      cpu.apic.writeMsr(0x80f, 0x1ff, 0);
      return cpu;
    });
  }

  it("takes all 32 bits of a physical destination", () => {
    const cpus = x2Machine([0, 1, 0x101, 0xff]);
    cpus[0].apic.writeMsr(0x830, VECTOR, 0x101);
    expect(receivers(cpus)).toEqual([2]);
    cpus[0].apic.writeMsr(0x830, VECTOR, 0xff);
    expect(receivers(cpus)).toEqual([3]);
    cpus[0].apic.writeMsr(0x830, VECTOR, 0xffffffff);
    expect(receivers(cpus)).toEqual([0, 1, 2, 3]);
    expect(cpus[0].apic.readMsr(0x830)).toEqual({ lo: VECTOR, hi: 0xffffffff });
  });

  it("takes cluster and member from a logical destination", () => {
    const cpus = x2Machine([0, 1, 2, 3, 0x11, 0x12]);
    cpus[0].apic.writeMsr(0x830, LOGICAL | VECTOR, 0x0000000d);
    expect(receivers(cpus)).toEqual([0, 2, 3]);
    cpus[0].apic.writeMsr(0x830, LOGICAL | VECTOR, 0x00010006);
    expect(receivers(cpus)).toEqual([4, 5]);
    cpus[0].apic.writeMsr(0x830, LOGICAL | VECTOR, 0xffffffff);
    expect(receivers(cpus)).toHaveLength(6);
  });

  it("reaches processors that are still in xAPIC mode", () => {
    const { cpus } = apicMachine(2);
    cpus[0].apic.setBase(BASE_X2APIC | 0x100, 0);
    cpus[0].apic.writeMsr(0x830, VECTOR, 1);
    expect(receivers(cpus)).toEqual([1]);
    cpus[1].ipi(VECTOR, 0);
    expect(receivers(cpus)).toEqual([0]);
    cpus[0].apic.writeMsr(0x830, VECTOR, 0x101);
    expect(receivers(cpus)).toEqual([]);
  });
});

describe("IPI delivery modes", () => {
  it("starts processors: INIT to the others, then SIPI without a pause", () => {
    const { cpus } = apicMachine(3);
    cpus[0].ipi(0xc4500);
    cpus[0].ipi(0xc0600);
    cpus[0].ipi(0xc0600 | 0x9a);
    expect(cpus.map((cpu) => cpu.pins.inits)).toEqual([0, 1, 1]);
    expect(cpus[1].pins.startups).toEqual([0, 0x9a]);
    expect(cpus[0].pins.startups).toEqual([]);
  });

  it("ignores INIT level de-assert", () => {
    const { cpus } = apicMachine(2);
    cpus[0].ipi(0x8500, 1);
    expect(cpus[1].pins.inits).toBe(0);
    cpus[0].ipi(0xc500, 1);
    expect(cpus[1].pins.inits).toBe(1);
  });

  it("sends NMI and SMI, each message once, and INIT to itself", () => {
    const { cpus } = apicMachine(2);
    cpus[0].ipi(ASSERT | 0x400, 1);
    cpus[0].ipi(0x400, 1);
    cpus[0].ipi(0x200, 1);
    cpus[0].ipi(0x40500);
    expect(cpus[1].pins).toMatchObject({ nmis: 2, smis: 1, inits: 0 });
    expect(cpus[0].pins.inits).toBe(1);
  });

  it("cannot send ExtINT or the reserved mode", () => {
    const { cpus } = apicMachine(2);
    cpus[0].ipi(0x700 | VECTOR, 1);
    cpus[0].ipi(0x300 | VECTOR, 1);
    expect(cpus[1].pins.intr).toBe(false);
  });

  it("chooses the processor of the lowest priority, equals in turn", () => {
    const { cpus } = apicMachine(3);
    cpus.forEach((cpu, index) => {
      cpu.put(REG.LDR, (1 << index) << 24);
    });
    const order = [0, 1, 2, 3].map(() => {
      cpus[0].ipi(LOGICAL | 0x100 | VECTOR, 7);
      return receivers(cpus);
    });
    expect(order).toEqual([[1], [2], [0], [1]]);
    cpus[2].put(REG.TPR, 0x20);
    cpus[0].put(REG.TPR, 0x10);
    cpus[1].put(REG.TPR, 0x30);
    cpus[0].ipi(LOGICAL | 0x100 | VECTOR, 7);
    expect(receivers(cpus)).toEqual([0]);
    cpus[0].ipi(LOGICAL | 0x100 | VECTOR, 6);
    expect(receivers(cpus)).toEqual([2]);
    cpus[2].put(REG.SVR, 0xff);
    cpus[0].ipi(LOGICAL | 0x100 | VECTOR, 6);
    expect(receivers(cpus)).toEqual([1]);
    cpus[0].ipi(LOGICAL | 0x100 | VECTOR, 0x80);
    expect(receivers(cpus)).toEqual([]);
  });

  it("merges interrupts of one vector while one is pending", () => {
    const { cpus } = apicMachine(2);
    cpus[0].ipi(VECTOR, 1);
    cpus[0].ipi(VECTOR, 1);
    expect(cpus[1].serveAll()).toEqual([VECTOR]);
  });
});

describe("ApicBus", () => {
  it("delivers message-signalled interrupts", () => {
    const { bus, cpus } = apicMachine(2);
    expect(bus.messageSignalled(0xfee01000, VECTOR)).toBe(1);
    expect(receivers(cpus)).toEqual([1]);
    expect(bus.messageSignalled(0xfeeff000, 0x400)).toBe(2);
    expect(cpus.map((cpu) => cpu.pins.nmis)).toEqual([1, 1]);
    cpus[1].put(REG.LDR, 0x04000000);
    expect(bus.messageSignalled(0xfee0400c, 0xc000 | VECTOR)).toBe(1);
    expect(cpus[1].hasBit(REG.TMR, VECTOR)).toBe(true);
    expect(bus.messageSignalled(0xfee07000, VECTOR)).toBe(0);
  });

  it("carries 64 processors and says so", () => {
    const clock = new VirtualClock();
    const bus = new ApicBus();
    const cpus = Array.from({ length: BUS_APICS_MAX }, (_, apicId) => {
      const cpu = new TestProcessor(clock, bus, { apicId });
      cpu.put(REG.SVR, 0x1ff);
      return cpu;
    });
    cpus[5].ipi(0xc0000 | VECTOR);
    expect(receivers(cpus)).toHaveLength(63);
    expect(() => new TestProcessor(clock, bus, { apicId: 64 })).toThrow(RangeError);
  });

  it("keeps its place in the arbitration over a snapshot", () => {
    const { bus, cpus } = apicMachine(3);
    for (const cpu of cpus) cpu.put(REG.LDR, 0x01000000);
    cpus[0].ipi(LOGICAL | 0x100 | VECTOR, 1);
    expect(receivers(cpus)).toEqual([1]);
    const saved = bus.snapshot();
    bus.reset();
    bus.restore(saved);
    cpus[0].ipi(LOGICAL | 0x100 | VECTOR, 1);
    expect(receivers(cpus)).toEqual([2]);
  });
});
