/** Writes one ACPI table: little-endian fields behind the common header. */

const HEADER_BYTES = 36;
const LENGTH_OFFSET = 4;
const CHECKSUM_OFFSET = 9;
const OEM_ID = "VMXLAB";
const OEM_TABLE_ID = "VMXLABPC";
const CREATOR_ID = "VMXL";

/** Address spaces of a generic address. */
const SYSTEM_MEMORY = 0;
const SYSTEM_IO = 1;

export class TableWriter {
  private readonly data: number[] = [];

  /** Without a signature the header is left out, for structures that have none. */
  constructor(signature?: string, revision = 1) {
    if (signature === undefined) return;
    // Length and checksum are filled in at the end.
    this.text(signature).u32(0).u8(revision).u8(0).text(OEM_ID).text(OEM_TABLE_ID);
    this.u32(1).text(CREATOR_ID).u32(1);
  }

  u8(value: number): this {
    this.data.push(value & 0xff);
    return this;
  }

  u16(value: number): this {
    return this.u8(value).u8(value >> 8);
  }

  u32(value: number): this {
    return this.u16(value).u16(value >>> 16);
  }

  /** A whole number below 2^53. */
  u64(value: number): this {
    return this.u32(value >>> 0).u32(Math.floor(value / 0x100000000));
  }

  text(characters: string): this {
    for (const character of characters) this.u8(character.charCodeAt(0));
    return this;
  }

  bytes(values: Uint8Array): this {
    for (const value of values) this.u8(value);
    return this;
  }

  zeros(count: number): this {
    for (let i = 0; i < count; i++) this.u8(0);
    return this;
  }

  /** The generic address of a register of `bits` bits in I/O space; port 0 means none. */
  port(port: number, bits: number): this {
    if (port === 0) return this.zeros(12);
    return this.u8(SYSTEM_IO).u8(bits).u8(0).u8(accessSize(bits)).u64(port);
  }

  /** The generic address of a register in memory. */
  memory(hpa: number, bits: number): this {
    return this.u8(SYSTEM_MEMORY).u8(bits).u8(0).u8(0).u64(hpa);
  }

  /** The bytes as they are. */
  raw(): Uint8Array {
    return Uint8Array.from(this.data);
  }

  /** The finished table, with its length and checksum. */
  table(): Uint8Array {
    if (this.data.length < HEADER_BYTES) throw new RangeError("a table begins with its header");
    const bytes = this.raw();
    new DataView(bytes.buffer).setUint32(LENGTH_OFFSET, bytes.length, true);
    bytes[CHECKSUM_OFFSET] = -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
    return bytes;
  }
}

/** Access-size code of a register: 1 for a byte, 2 for 16 bits, 3 for 32. */
function accessSize(bits: number): number {
  return bits <= 8 ? 1 : bits === 16 ? 2 : 3;
}
