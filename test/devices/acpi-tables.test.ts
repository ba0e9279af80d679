/** The ACPI tables: found as a guest finds them, sums, addresses, and AML that parses. */
import { describe, expect, it } from "vitest";
import { amlInteger, amlName, amlPackage } from "../../src/devices/acpi-aml.ts";
import { pciGsi } from "../../src/devices/acpi-dsdt.ts";
import { type AcpiTablesOptions, buildAcpiTables } from "../../src/devices/acpi-tables.ts";

const OPTIONS: AcpiTablesOptions = {
  apicIds: [0, 1, 5],
  ioApicHpa: 0xfec00000,
  hpetHpa: 0xfed00000,
  pmBase: 0x600,
};

/** The tables in 1 MiB of RAM, with the look-ups of a guest. */
class Image {
  readonly built;
  readonly ram = new Uint8Array(0x100000);
  readonly view = new DataView(this.ram.buffer);

  constructor(options: AcpiTablesOptions = OPTIONS) {
    this.built = buildAcpiTables(options);
    this.ram.set(this.built.bytes, this.built.hpa);
  }

  text(hpa: number, length: number): string {
    return String.fromCharCode(...this.ram.subarray(hpa, hpa + length));
  }

  u32(hpa: number): number {
    return this.view.getUint32(hpa, true);
  }

  u16(hpa: number): number {
    return this.view.getUint16(hpa, true);
  }

  sum(hpa: number, length: number): number {
    return this.ram.subarray(hpa, hpa + length).reduce((sum, byte) => sum + byte, 0) & 0xff;
  }

  rootPointer(): number {
    for (let hpa = 0xe0000; hpa < 0x100000; hpa += 16) {
      if (this.text(hpa, 8) === "RSD PTR ") return hpa;
    }
    return -1;
  }

  /** Address of a table, by RSDT or XSDT. */
  find(signature: string, by: "RSDT" | "XSDT"): number {
    const root = this.u32(this.rootPointer() + (by === "RSDT" ? 16 : 24));
    const width = by === "RSDT" ? 4 : 8;
    for (let at = root + 36; at < root + this.u32(root + 4); at += width) {
      if (this.text(this.u32(at), 4) === signature) return this.u32(at);
    }
    return -1;
  }
}

describe("ACPI tables", () => {
  it("are found by both root tables, each with a right checksum", () => {
    const image = new Image();
    const root = image.rootPointer();
    expect(root).toBe(image.built.rootPointerHpa);
    expect(image.ram[root + 15]).toBe(2);
    expect(image.sum(root, 20)).toBe(0);
    expect(image.sum(root, image.u32(root + 20))).toBe(0);
    for (const signature of ["FACP", "APIC", "HPET"]) {
      const table = image.find(signature, "RSDT");
      expect(table).toBeGreaterThan(0xe0000);
      expect(image.find(signature, "XSDT")).toBe(table);
      expect(image.sum(table, image.u32(table + 4))).toBe(0);
    }
    for (const signature of ["RSDT", "XSDT", "DSDT"]) {
      const table = image.built.tables[signature];
      expect(image.sum(table, image.u32(table + 4))).toBe(0);
    }
  });

  it("describe the fixed hardware", () => {
    const image = new Image();
    const fadt = image.find("FACP", "XSDT");
    expect(image.u32(fadt + 4)).toBe(244);
    const facs = image.u32(fadt + 36);
    expect(image.text(facs, 4)).toBe("FACS");
    expect(facs % 64).toBe(0);
    expect(image.u32(facs + 4)).toBe(64);
    expect(image.built.wakingVectorHpa).toBe(facs + 12);
    expect(image.text(image.u32(fadt + 40), 4)).toBe("DSDT");
    expect(image.u16(fadt + 46)).toBe(9);
    expect([48, 56, 64, 76, 80].map((at) => image.u32(fadt + at))).toEqual([
      0xb2, 0x600, 0x604, 0x608, 0x60c,
    ]);
    expect([...image.ram.subarray(fadt + 88, fadt + 93)]).toEqual([4, 2, 0, 4, 4]);
    expect(image.ram[fadt + 108]).toBe(0x32);
    const extended = [148, 172, 208, 220].map((at) => image.u32(fadt + at + 4));
    expect(extended).toEqual([0x600, 0x604, 0x608, 0x60c]);
    expect(image.u32(fadt + 120)).toBe(0xcf9);
    expect(image.ram[fadt + 128]).toBe(6);
    expect(image.u32(fadt + 112) & 0x500).toBe(0x500);
    const narrow = new Image({ ...OPTIONS, pmTimerBits: 24 });
    expect(narrow.u32(narrow.find("FACP", "XSDT") + 112) & 0x100).toBe(0);
  });

  it("list processors, the I/O APIC, overrides and NMI", () => {
    const image = new Image();
    const madt = image.find("APIC", "XSDT");
    const entries: string[] = [];
    for (let at = madt + 44; at < madt + image.u32(madt + 4); at += image.ram[at + 1]) {
      const bytes = image.ram.subarray(at, at + image.ram[at + 1]);
      entries.push([...bytes].map((byte) => byte.toString(16)).join(" "));
    }
    expect(image.u32(madt + 36)).toBe(0xfee00000);
    expect(entries).toEqual([
      "0 8 0 0 1 0 0 0",
      "0 8 1 1 1 0 0 0",
      "0 8 2 5 1 0 0 0",
      "1 c 0 0 0 0 c0 fe 0 0 0 0",
      "2 a 0 0 2 0 0 0 0 0",
      "2 a 0 9 9 0 0 0 d 0",
      "4 6 ff 0 0 1",
    ]);
  });

  it("leave out what the machine does not have", () => {
    const image = new Image({ ...OPTIONS, ioApicHpa: undefined, hpetHpa: undefined });
    expect(image.find("APIC", "XSDT")).toBe(-1);
    expect(image.find("HPET", "RSDT")).toBe(-1);
    expect(image.find("FACP", "RSDT")).toBeGreaterThan(0);
  });

  it("refuse APIC IDs that do not fit, and images that do not", () => {
    expect(() => buildAcpiTables({ ...OPTIONS, apicIds: [255] })).toThrow(RangeError);
    expect(() => buildAcpiTables({ ...OPTIONS, hpa: 0xfff00 })).toThrow(/1 MiB/);
    const apicIds = Array.from({ length: 64 }, (_, id) => id);
    expect(buildAcpiTables({ ...OPTIONS, apicIds }).bytes.length).toBeLessThan(0x10000);
    expect(buildAcpiTables({ ...OPTIONS, hpa: 0x7000000 }).tables.XSDT).toBeGreaterThan(0x7000000);
  });
});

/** Names and devices in a DSDT, by path, with the bytes of each value. */
function walk(bytes: Uint8Array, from: number, to: number, path: string): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  let at = from;
  const length = (): number => {
    const extra = bytes[at] >> 6;
    let value = extra === 0 ? bytes[at] & 0x3f : bytes[at] & 0x0f;
    for (let i = 0; i < extra; i++) value |= bytes[at + 1 + i] << (4 + 8 * i);
    return value;
  };
  const lengthBytes = () => 1 + (bytes[at] >> 6);
  const segment = () => {
    if (bytes[at] === 0x5c) at++;
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    at += 4;
    return name;
  };
  const valueEnd = (): number => {
    const op = bytes[at];
    if (op === 0 || op === 1) return at + 1;
    if (op === 0x0a) return at + 2;
    if (op === 0x0b) return at + 3;
    if (op === 0x0c) return at + 5;
    if (op === 0x0d) return bytes.indexOf(0, at) + 1;
    if (op !== 0x11 && op !== 0x12) throw new Error(`unexpected AML ${op} at ${at}`);
    at++;
    return at + length();
  };
  while (at < to) {
    const op = bytes[at++];
    if (op === 0x08) {
      const name = segment();
      const start = at;
      const end = valueEnd();
      found.set(`${path}.${name}`, bytes.subarray(start, end));
      at = end;
      continue;
    }
    if (op === 0x5b) expect(bytes[at++]).toBe(0x82);
    else expect(op).toBe(0x10);
    const end = at + length();
    expect(end).toBeLessThanOrEqual(to);
    at += lengthBytes();
    const name = segment();
    found.set(`${path}.${name}`, new Uint8Array(0));
    for (const [key, value] of walk(bytes, at, end, `${path}.${name}`)) found.set(key, value);
    at = end;
  }
  expect(at).toBe(to);
  return found;
}

describe("DSDT", () => {
  function objects(options = OPTIONS) {
    const { bytes, hpa, tables } = buildAcpiTables(options);
    const start = tables.DSDT - hpa;
    const size = new DataView(bytes.buffer).getUint32(start + 4, true);
    return walk(bytes, start + 36, start + size, "");
  }

  it("names the sleep states as the registers take them", () => {
    const found = objects();
    expect([...found.get("._S5_")!]).toEqual([0x12, 6, 4, 0, 0, 0, 0]);
    expect([...found.get("._S3_")!]).toEqual([0x12, 6, 4, 1, 1, 0, 0]);
  });

  it("has a processor object for each processor and the devices of the machine", () => {
    const found = objects();
    for (const name of ["C000", "C001", "C002"]) expect(found.has(`._SB_.${name}`)).toBe(true);
    expect([...found.get("._SB_.C002._UID")!]).toEqual([0x0a, 2]);
    expect([...found.get("._SB_.PCI0._HID")!]).toEqual([0x0c, 0x41, 0xd0, 0x0a, 0x03]);
    for (const name of ["RTC_", "COM1", "KBD_", "MOU_"]) {
      expect(found.has(`._SB_.PCI0.ISA_.${name}._CRS`)).toBe(true);
    }
    const bare = objects({ ...OPTIONS, pci: false, keyboard: false, serialPorts: [] });
    expect(bare.has("._SB_.PCI0")).toBe(false);
    expect(bare.has("._SB_.RTC_")).toBe(true);
    expect(bare.has("._SB_.KBD_")).toBe(false);
  });

  it("ends resource templates with their end tag and right sizes", () => {
    for (const [name, value] of objects()) {
      if (!name.endsWith("._CRS")) continue;
      const sizeAt = 1 + 1 + (value[1] >> 6);
      const declared = value[sizeAt] === 0x0a ? value[sizeAt + 1] : value[sizeAt];
      const template = value.subarray(sizeAt + 2);
      expect(template.length).toBe(declared);
      let at = 0;
      while (template[at] !== 0x79) {
        const tag = template[at];
        at += tag < 0x80 ? 1 + (tag & 7) : 3 + (template[at + 1] | (template[at + 2] << 8));
      }
      expect(at).toBe(template.length - 2);
    }
  });

  it("routes PCI interrupts to I/O APIC inputs 16 to 23", () => {
    expect(objects().get("._SB_.PCI0._PRT")!.length).toBeGreaterThan(1000);
    expect(objects({ ...OPTIONS, ioApicHpa: undefined }).has("._SB_.PCI0._PRT")).toBe(false);
    expect([pciGsi(1, 0), pciGsi(7, 0), pciGsi(7, 3)]).toEqual([17, 23, 18]);
  });

  it("encodes integers and lengths of every size", () => {
    expect(amlInteger(0xff)).toEqual([0x0a, 0xff]);
    expect(amlInteger(0x1234)).toEqual([0x0b, 0x34, 0x12]);
    expect(amlInteger(0x89abcdef)).toEqual([0x0c, 0xef, 0xcd, 0xab, 0x89]);
    expect(amlPackage(...Array.from({ length: 61 }, () => amlInteger(0))).slice(0, 2)).toEqual([
      0x12, 0x3f,
    ]);
    expect(amlPackage(...Array.from({ length: 62 }, () => amlInteger(0))).slice(0, 3)).toEqual([
      0x12, 0x41, 0x04,
    ]);
    expect(() => amlName("lower", amlInteger(0))).toThrow(RangeError);
  });
});
