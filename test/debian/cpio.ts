/** Writes cpio archives in the format "newc", from which Linux unpacks its initial RAM disk. */

const MODE = { folder: 0o040000, file: 0o100000, link: 0o120000, character: 0o020000 } as const;
const MAGIC = "070701";
const BLOCK_BYTES = 512;
/** Major and minor device number of the console. */
const CONSOLE = [5, 1] as const;

export class CpioWriter {
  private readonly parts: Uint8Array[] = [];
  private bytes = 0;
  private inode = 1;

  folder(name: string): void {
    this.entry(name, MODE.folder | 0o755, new Uint8Array(0));
  }

  file(name: string, contents: Uint8Array, permissions: number): void {
    this.entry(name, MODE.file | permissions, contents);
  }

  link(name: string, target: string): void {
    this.entry(name, MODE.link | 0o777, new TextEncoder().encode(target));
  }

  /** The node of the console, so that the first program has somewhere to write to. */
  console(name: string): void {
    this.entry(name, MODE.character | 0o600, new Uint8Array(0), CONSOLE);
  }

  /** The archive with its trailer. */
  finish(): Uint8Array {
    this.entry("TRAILER!!!", 0, new Uint8Array(0));
    this.align(BLOCK_BYTES);
    return Buffer.concat(this.parts);
  }

  private entry(
    name: string,
    mode: number,
    contents: Uint8Array,
    device: readonly [number, number] = [0, 0],
  ): void {
    const path = new TextEncoder().encode(`${name}\0`);
    // Inode, mode, owner, group, links, time, size, device of the file, device that the node stands
    // for, length of the name, check sum.
    const fields = [
      this.inode++,
      mode,
      0,
      0,
      1,
      0,
      contents.length,
      0,
      0,
      ...device,
      path.length,
      0,
    ];
    const words = fields.map((field) => field.toString(16).padStart(8, "0"));
    this.add(new TextEncoder().encode(MAGIC + words.join("")));
    this.add(path);
    this.align(4);
    this.add(contents);
    this.align(4);
  }

  private add(part: Uint8Array): void {
    this.parts.push(part);
    this.bytes += part.length;
  }

  private align(to: number): void {
    this.add(new Uint8Array((to - (this.bytes % to)) % to));
  }
}
