/** A tiny encoder of ACPI machine language: the few terms that a static DSDT needs. */

export type Aml = readonly number[];

const OP = {
  zero: 0x00,
  one: 0x01,
  name: 0x08,
  byte: 0x0a,
  word: 0x0b,
  dword: 0x0c,
  string: 0x0d,
  scope: 0x10,
  buffer: 0x11,
  package: 0x12,
  extended: 0x5b,
  device: 0x82,
} as const;

/** Elements a package can have. */
const PACKAGE_ELEMENTS_MAX = 255;

/** An integer constant in its shortest form. */
export function amlInteger(value: number): Aml {
  if (value === 0) return [OP.zero];
  if (value === 1) return [OP.one];
  if (value < 0x100) return [OP.byte, value];
  if (value < 0x10000) return [OP.word, ...bytesOf(value, 2)];
  return [OP.dword, ...bytesOf(value, 4)];
}

export function amlString(text: string): Aml {
  return [OP.string, ...ascii(text), 0];
}

/** A compressed EISA identifier such as "PNP0A03". */
export function amlEisaId(id: string): Aml {
  const letter = (index: number) => id.charCodeAt(index) - 0x40;
  const vendor = (letter(0) << 10) | (letter(1) << 5) | letter(2);
  const product = Number.parseInt(id.slice(3), 16);
  return [OP.dword, vendor >> 8, vendor & 0xff, product >> 8, product & 0xff];
}

export function amlPackage(...elements: readonly Aml[]): Aml {
  if (elements.length > PACKAGE_ELEMENTS_MAX) throw new RangeError("too many package elements");
  return [OP.package, ...withLength([elements.length, ...elements.flat()])];
}

export function amlName(name: string, value: Aml): Aml {
  return [OP.name, ...segment(name), ...value];
}

export function amlDevice(name: string, ...body: readonly Aml[]): Aml {
  return [OP.extended, OP.device, ...withLength([...segment(name), ...body.flat()])];
}

/** A scope right under the root. */
export function amlRootScope(name: string, ...body: readonly Aml[]): Aml {
  return [OP.scope, ...withLength([0x5c, ...segment(name), ...body.flat()])];
}

/** A buffer of resource descriptors; the end tag is added. */
export function amlResources(...descriptors: readonly Aml[]): Aml {
  const bytes = [...descriptors.flat(), 0x79, 0x00];
  return [OP.buffer, ...withLength([...amlInteger(bytes.length), ...bytes])];
}

/** `length` I/O ports from `first` on, all 16 address bits decoded. */
export function ioPorts(first: number, length: number): Aml {
  return [0x47, 0x01, ...bytesOf(first, 2), ...bytesOf(first, 2), 0x01, length];
}

/** An ISA interrupt: edge-triggered, active high, not shared. */
export function isaIrq(irq: number): Aml {
  return [0x22, ...bytesOf(1 << irq, 2)];
}

/** A bridge passes these bus numbers on. */
export function busNumbers(first: number, last: number): Aml {
  return wordRange(0x02, 0x00, first, last);
}

/** A bridge passes these I/O ports on. */
export function portWindow(first: number, last: number): Aml {
  return wordRange(0x01, 0x03, first, last);
}

/** A bridge passes these addresses on; uncacheable, readable and writable. */
export function memoryWindow(first: number, last: number): Aml {
  const words = [0, first, last, 0, last - first + 1].flatMap((value) => bytesOf(value, 4));
  return [0x87, ...bytesOf(3 + words.length, 2), 0x00, FIXED, 0x01, ...words];
}

/** Minimum and maximum of the range are fixed; this bridge decodes it. */
const FIXED = 0x0c;

function wordRange(type: number, flags: number, first: number, last: number): Aml {
  const words = [0, first, last, 0, last - first + 1].flatMap((value) => bytesOf(value, 2));
  return [0x88, ...bytesOf(3 + words.length, 2), type, FIXED, flags, ...words];
}

/** Prefixes a body with its package length, which counts itself. */
function withLength(body: Aml): Aml {
  for (let size = 1; size <= 4; size++) {
    const total = body.length + size;
    if (size === 1 && total < 0x40) return [total, ...body];
    if (size > 1 && total < 1 << (4 + 8 * (size - 1))) {
      const upper = bytesOf(total >>> 4, size - 1);
      return [((size - 1) << 6) | (total & 15), ...upper, ...body];
    }
  }
  throw new RangeError("AML term too long");
}

/** A name of up to four characters, filled up with underscores. */
function segment(name: string): Aml {
  if (!/^[A-Z_][A-Z0-9_]{0,3}$/.test(name)) throw new RangeError(`${name} is no AML name`);
  return ascii(name.padEnd(4, "_"));
}

function ascii(text: string): Aml {
  return [...text].map((character) => character.charCodeAt(0));
}

function bytesOf(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
}
