/** Registers, modes, priorities, errors and LINT pins of the local APIC. */
import { describe, expect, it } from "vitest";
import { apicMachine, BASE_ENABLED, BASE_X2APIC, REG } from "./apic-machine.ts";

const FIXED_SELF = 0x44000;
const MASKED = 0x10000;

describe("LocalApic registers", () => {
  it("identifies itself and starts as after a reset", () => {
    const { cpus } = apicMachine(2);
    expect(cpus[1].get(REG.ID)).toBe(0x01000000);
    expect(cpus[1].get(REG.VERSION)).toBe(0x01050014);
    expect(cpus[1].get(REG.DFR)).toBe(0xffffffff);
    expect(cpus[1].get(REG.LVT_LINT0)).toBe(MASKED);
    expect(cpus[0].get(REG.LVT_LINT0)).toBe(0x700);
    expect(cpus[1].get(REG.LVT_TIMER)).toBe(MASKED);
    expect(cpus[0].apic.apicBaseLo).toBe(0xfee00900);
    expect(cpus[1].apic.apicBaseLo).toBe(0xfee00800);
  });

  it("keeps only the bits that exist", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    const ones = 0xffffffff;
    const kept: [number, number][] = [
      [REG.LDR, 0xff000000],
      [REG.SVR, 0x13ff],
      [REG.LVT_TIMER, 0x700ff],
      [REG.LVT_THERMAL, 0x107ff],
      [REG.LVT_PERFORMANCE, 0x107ff],
      [REG.LVT_LINT1, 0x1a7ff],
      [REG.LVT_ERROR, 0x100ff],
      [REG.TDCR, 0x0b],
      [REG.ICR2, 0xff000000],
      [REG.TPR, 0xff],
    ];
    for (const [register, value] of kept) {
      cpu.put(register, ones);
      expect(cpu.get(register)).toBe(value);
    }
    cpu.put(REG.DFR, 0);
    expect(cpu.get(REG.DFR)).toBe(0x0fffffff);
    cpu.put(REG.VERSION, 0);
    expect(cpu.get(REG.VERSION)).toBe(0x01050014);
  });

  it("delivers by priority and holds back what PPR covers", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    for (const vector of [0x31, 0x55, 0x52]) cpu.ipi(FIXED_SELF | vector);
    expect(cpu.pins.intr).toBe(true);
    expect(cpu.apic.acknowledge()).toBe(0x55);
    expect(cpu.get(REG.PPR)).toBe(0x50);
    expect(cpu.pins.intr).toBe(false);
    cpu.ipi(FIXED_SELF | 0x61);
    expect(cpu.apic.acknowledge()).toBe(0x61);
    cpu.put(REG.EOI, 0);
    expect(cpu.pins.intr).toBe(false);
    cpu.put(REG.EOI, 0);
    expect(cpu.apic.acknowledge()).toBe(0x52);
    cpu.put(REG.EOI, 0);
    expect(cpu.serveAll()).toEqual([0x31]);
    expect(cpu.get(REG.PPR)).toBe(0);
    expect(cpu.pins.redundant).toBe(0);
  });

  it("obeys the task priority by register and by CR8", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.TPR, 0x3f);
    expect(cpu.apic.getCr8()).toBe(3);
    cpu.ipi(FIXED_SELF | 0x3e);
    expect(cpu.pins.intr).toBe(false);
    expect(cpu.get(REG.PPR)).toBe(0x3f);
    cpu.apic.setCr8(2);
    expect(cpu.get(REG.TPR)).toBe(0x20);
    expect(cpu.pins.intr).toBe(true);
    cpu.apic.setCr8(15);
    expect(cpu.pins.intr).toBe(false);
    expect(cpu.apic.acknowledge()).toBe(0xff);
    expect(cpu.hasBit(REG.IRR, 0x3e)).toBe(true);
    expect(cpu.apic.requestedVector()).toBe(0x3e);
    cpu.apic.setCr8(0);
    expect(cpu.serveAll()).toEqual([0x3e]);
  });

  it("answers an acknowledge that comes too late with the spurious vector", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.SVR, 0x1ef);
    expect(cpu.apic.acknowledge()).toBe(0xef);
    expect(cpu.apic.servicedVector()).toBe(-1);
  });

  it("masks the vector table when disabled by software, and refuses fixed interrupts", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.LVT_ERROR, 0x33);
    cpu.ipi(FIXED_SELF | 0x40);
    cpu.put(REG.SVR, 0xff);
    expect(cpu.get(REG.LVT_ERROR)).toBe(MASKED | 0x33);
    cpu.put(REG.LVT_ERROR, 0x33);
    expect(cpu.get(REG.LVT_ERROR)).toBe(MASKED | 0x33);
    cpu.ipi(FIXED_SELF | 0x50);
    expect(cpu.hasBit(REG.IRR, 0x50)).toBe(false);
    expect(cpu.hasBit(REG.IRR, 0x40)).toBe(true);
    cpu.ipi(0x44000 | (4 << 8));
    expect(cpu.pins.nmis).toBe(1);
  });

  it("reports errors through ESR after it is written, interrupting once", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.LVT_ERROR, 0xe0);
    cpu.ipi(FIXED_SELF | 0x0f);
    expect(cpu.get(REG.ESR)).toBe(0);
    expect(cpu.serveAll()).toEqual([0xe0]);
    cpu.get(0x3f0);
    cpu.get(0x2f0);
    expect(cpu.serveAll()).toEqual([]);
    cpu.put(REG.ESR, 0xffff);
    expect(cpu.get(REG.ESR)).toBe(0xa0);
    cpu.put(0x040, 0);
    expect(cpu.serveAll()).toEqual([0xe0]);
    cpu.put(REG.ESR, 0);
    expect(cpu.get(REG.ESR)).toBe(0x80);
    cpu.put(REG.ESR, 0);
    expect(cpu.get(REG.ESR)).toBe(0);
  });

  it("survives an error entry that is itself erroneous", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.LVT_ERROR, 0x05);
    cpu.ipi(FIXED_SELF | 0x02);
    cpu.put(REG.ESR, 0);
    expect(cpu.get(REG.ESR)).toBe(0x60);
  });

  it("delivers thermal and performance interrupts, masking the latter", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.LVT_THERMAL, 0x71);
    cpu.put(REG.LVT_PERFORMANCE, 0x400);
    cpu.apic.raiseThermal();
    expect(cpu.serveAll()).toEqual([0x71]);
    cpu.apic.raisePerformance();
    cpu.apic.raisePerformance();
    expect(cpu.pins.nmis).toBe(1);
    expect(cpu.get(REG.LVT_PERFORMANCE)).toBe(MASKED | 0x400);
  });
});

describe("LocalApic pins", () => {
  it("passes the 8259 through LINT0 in virtual-wire mode, ahead of everything", () => {
    let acknowledged = 0;
    const { cpus } = apicMachine(1, {
      extInt: {
        acknowledge: () => {
          acknowledged++;
          return 0x08;
        },
      },
    });
    const [cpu] = cpus;
    cpu.put(REG.TPR, 0xf0);
    cpu.apic.setLint(0, true);
    expect(cpu.pins.intr).toBe(true);
    expect(cpu.apic.hasExtInt()).toBe(true);
    expect(cpu.apic.acknowledge()).toBe(0x08);
    expect(cpu.apic.servicedVector()).toBe(-1);
    cpu.put(REG.LVT_LINT0, MASKED | 0x700);
    expect(cpu.pins.intr).toBe(false);
    cpu.put(REG.LVT_LINT0, 0x700);
    expect(cpu.pins.intr).toBe(true);
    cpu.apic.setLint(0, false);
    expect(cpu.pins.intr).toBe(false);
    expect(acknowledged).toBe(1);
  });

  it("wires the 8259 straight to INTR and LINT1 to NMI while disabled", () => {
    const { cpus } = apicMachine(1, { extInt: { acknowledge: () => 0x70 } });
    const [cpu] = cpus;
    cpu.apic.setBase(0xfee00100, 0);
    cpu.apic.setLint(0, true);
    cpu.apic.setLint(1, true);
    expect(cpu.pins.intr).toBe(true);
    expect(cpu.pins.nmis).toBe(1);
    expect(cpu.apic.acknowledge()).toBe(0x70);
  });

  it("takes NMI from LINT1 at its edge", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.apic.setLint(1, true);
    expect(cpu.pins.nmis).toBe(0);
    cpu.put(REG.LVT_LINT1, 0x400);
    cpu.apic.setLint(1, true);
    expect(cpu.pins.nmis).toBe(0);
    cpu.apic.setLint(1, false);
    cpu.apic.setLint(1, true);
    expect(cpu.pins.nmis).toBe(1);
  });

  it("repeats a level-triggered fixed LINT0 until the line falls", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.LVT_LINT0, 0x8000 | 0x66);
    cpu.apic.setLint(0, true);
    expect(cpu.get(REG.LVT_LINT0)).toBe(0xc066);
    expect(cpu.apic.acknowledge()).toBe(0x66);
    expect(cpu.hasBit(REG.TMR, 0x66)).toBe(true);
    cpu.put(REG.EOI, 0);
    expect(cpu.apic.acknowledge()).toBe(0x66);
    cpu.apic.setLint(0, false);
    cpu.put(REG.EOI, 0);
    expect(cpu.pins.intr).toBe(false);
    expect(cpu.get(REG.LVT_LINT0)).toBe(0x8066);
  });
});

describe("LocalApic modes", () => {
  it("reads ones while disabled, keeps CR8 and comes back as after a reset", () => {
    const { cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.TPR, 0x20);
    cpu.ipi(FIXED_SELF | 0x50);
    expect(cpu.apic.setBase(BASE_ENABLED & ~0x800, 0)).toBe(true);
    expect(cpu.apic.enabled).toBe(false);
    expect(cpu.pins.intr).toBe(false);
    for (let offset = 0; offset < 0x1000; offset += 16) cpu.put(offset, 0xffffffff);
    expect(cpu.get(REG.VERSION)).toBe(0xffffffff);
    expect(cpu.get(REG.TPR)).toBe(0xffffffff);
    cpu.apic.setCr8(15);
    expect(cpu.apic.getCr8()).toBe(15);
    cpu.apic.setCr8(0);
    expect(cpu.apic.setBase(BASE_ENABLED, 0)).toBe(true);
    expect(cpu.get(REG.TPR)).toBe(0);
    expect(cpu.get(REG.SVR)).toBe(0xff);
    expect(cpu.pins.intr).toBe(false);
    cpu.apic.setCr8(15);
    expect(cpu.get(REG.TPR)).toBe(0xf0);
  });

  it("allows exactly the transitions between modes that the SDM draws", () => {
    const disabled = 0xfee00000;
    const invalid = 0xfee00400;
    const states = [disabled, BASE_ENABLED, BASE_X2APIC];
    const paths = [[disabled], [], [BASE_X2APIC]];
    const allowed = [
      [true, true, false],
      [true, true, true],
      [true, false, true],
    ];
    states.forEach((_, from) => {
      states.forEach((to, index) => {
        const [cpu] = apicMachine(1).cpus;
        for (const step of paths[from]) expect(cpu.apic.setBase(step, 0)).toBe(true);
        expect(cpu.apic.setBase(invalid, 0)).toBe(false);
        expect(cpu.apic.setBase(to, 0)).toBe(allowed[from][index]);
      });
    });
  });

  it("refuses reserved bits, and x2APIC where it is not advertised", () => {
    const [cpu] = apicMachine(1, { physicalAddressBits: 40 }).cpus;
    expect(cpu.apic.setBase(BASE_ENABLED | 1, 0)).toBe(false);
    expect(cpu.apic.setBase(BASE_ENABLED | 0x200, 0)).toBe(false);
    expect(cpu.apic.setBase(BASE_ENABLED, 0x100)).toBe(false);
    expect(cpu.apic.setBase(BASE_ENABLED, 0xff)).toBe(true);
    const [old] = apicMachine(1, { x2apicAdvertised: false }).cpus;
    expect(old.apic.setBase(BASE_X2APIC, 0)).toBe(false);
    expect(old.apic.readMsr(0x802)).toBeUndefined();
  });

  it("moves its page and tells of it", () => {
    let changes = 0;
    const [cpu] = apicMachine(1, { onBaseChange: () => changes++ }).cpus;
    const before = changes;
    expect(cpu.apic.pageHpa).toBe(0xfee00000);
    cpu.apic.setBase(0xfed40900, 0x12);
    expect(cpu.apic.pageHpa).toBe(0x12_fed4_0000);
    expect(cpu.apic.hasPage).toBe(true);
    expect(cpu.get(REG.VERSION)).toBe(0x01050014);
    cpu.apic.setBase(0xfed40d00, 0x12);
    expect(cpu.apic.hasPage).toBe(false);
    expect(changes).toBe(before + 2);
  });

  it("restores the xAPIC ID on reset but keeps it over INIT", () => {
    const [, cpu] = apicMachine(2).cpus;
    cpu.put(REG.ID, 0x07000000);
    cpu.put(REG.LDR, 0x01000000);
    cpu.apic.initReset();
    expect(cpu.get(REG.ID)).toBe(0x07000000);
    expect(cpu.get(REG.LDR)).toBe(0);
    cpu.apic.setBase(0xfee00000, 0);
    cpu.apic.setBase(0xfee00800, 0);
    expect(cpu.get(REG.ID)).toBe(0x01000000);
  });
});

describe("LocalApic x2APIC registers", () => {
  function x2apic(apicId = 0) {
    const { cpus } = apicMachine(1, { apicId });
    cpus[0].apic.setBase(BASE_X2APIC, 0);
    cpus[0].apic.writeMsr(0x80f, 0x1ff, 0);
    return cpus[0];
  }

  it("has a fixed ID of 32 bits and a logical ID derived from it", () => {
    const cpu = x2apic(0x12345);
    expect(cpu.apic.readMsr(0x802)).toEqual({ lo: 0x12345, hi: 0 });
    expect(cpu.apic.readMsr(0x80d)).toEqual({ lo: 0x12340020, hi: 0 });
    expect(cpu.apic.writeMsr(0x802, 0, 0)).toBe(false);
    expect(cpu.apic.writeMsr(0x80d, 0, 0)).toBe(false);
    expect(cpu.get(REG.ID)).toBe(0xffffffff);
  });

  it("gives #GP exactly where the SDM's table of MSRs says", () => {
    const readable = [0x802, 0x803, 0x808, 0x80a, 0x80d, 0x80f, 0x828, 0x830, 0x838, 0x839, 0x83e];
    const writable = [0x808, 0x80b, 0x80f, 0x828, 0x830, 0x838, 0x83e, 0x83f];
    for (let index = 0x810; index < 0x828; index++) readable.push(index);
    for (let index = 0x832; index <= 0x837; index++) {
      readable.push(index);
      writable.push(index);
    }
    const cpu = x2apic();
    for (let index = 0x7ff; index <= 0x900; index++) {
      expect([index, cpu.apic.readMsr(index) !== undefined]).toEqual([
        index,
        readable.includes(index),
      ]);
      const value = index === 0x80f ? 0x1ff : 0;
      expect([index, cpu.apic.writeMsr(index, value, 0)]).toEqual([
        index,
        writable.includes(index),
      ]);
    }
  });

  it("refuses reserved bits on writing", () => {
    const cpu = x2apic();
    const refused: [number, number, number][] = [
      [0x808, 0x100, 0],
      [0x808, 0, 1],
      [0x80b, 1, 0],
      [0x80f, 0x2000, 0],
      [0x828, 1, 0],
      [0x830, 0x1000, 0],
      [0x830, 0x100000, 0],
      [0x832, 0x100, 0],
      [0x835, 0x20000, 0],
      [0x838, 0, 1],
      [0x83e, 4, 0],
      [0x83f, 0x100, 0],
    ];
    for (const [index, lo, hi] of refused) expect(cpu.apic.writeMsr(index, lo, hi)).toBe(false);
    for (const index of [0x80f, 0x832, 0x833, 0x834, 0x835, 0x836, 0x837, 0x83e]) {
      const { lo } = cpu.apic.readMsr(index)!;
      expect(cpu.apic.writeMsr(index, lo, 0)).toBe(true);
    }
  });

  it("sends itself an interrupt through the self-IPI register", () => {
    const cpu = x2apic();
    expect(cpu.apic.writeMsr(0x83f, 0xb0, 0)).toBe(true);
    expect(cpu.serveAll()).toEqual([0xb0]);
    expect(cpu.apic.writeMsr(0x83f, 0, 0)).toBe(true);
    cpu.apic.writeMsr(0x828, 0, 0);
    expect(cpu.apic.readMsr(0x828)!.lo).toBe(0x20);
  });

  it("keeps interrupts and priorities when it changes from xAPIC mode, but not ICR2", () => {
    const [cpu] = apicMachine(1).cpus;
    cpu.put(REG.TPR, 0x60);
    cpu.put(REG.ICR2, 0x03000000);
    cpu.ipi(FIXED_SELF | 0x50);
    cpu.put(REG.ICR2, 0x03000000);
    cpu.apic.setBase(BASE_X2APIC, 0);
    expect(cpu.apic.readMsr(0x808)!.lo).toBe(0x60);
    expect(cpu.apic.readMsr(0x830)).toEqual({ lo: FIXED_SELF | 0x50, hi: 0 });
    cpu.apic.writeMsr(0x808, 0, 0);
    expect(cpu.serveAll()).toEqual([0x50]);
  });
});

describe("LocalApic snapshot", () => {
  it("goes on as the original does", () => {
    const { clock, cpus } = apicMachine(1);
    const [cpu] = cpus;
    cpu.put(REG.LVT_TIMER, 0x20000 | 0x40);
    cpu.put(REG.TDCR, 0x0b);
    cpu.put(REG.TMICT, 5000);
    cpu.put(REG.TPR, 0x10);
    cpu.ipi(FIXED_SELF | 0x90);
    cpu.apic.acknowledge();
    cpu.ipi(FIXED_SELF | 0x30);
    clock.advanceTo(12_345);
    const other = apicMachine(1);
    other.clock.restore(clock.snapshot());
    other.cpus[0].apic.restore(structuredClone(cpu.apic.snapshot()));
    const finish = ({ clock: c, cpus: [p] }: typeof other) => {
      const log: number[] = [p.get(REG.TMCCT)];
      p.put(REG.EOI, 0);
      log.push(...p.serveAll());
      c.advanceTo(c.nextDeadline());
      log.push(c.now(), ...p.serveAll());
      for (let offset = 0; offset < 0x400; offset += 16) log.push(p.get(offset));
      return log;
    };
    expect(finish(other)).toEqual(finish({ ...other, clock, cpus }));
  });
});
