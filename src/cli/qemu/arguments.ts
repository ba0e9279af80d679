/** Splits a command line of QEMU's form into options; what is not known is named in an error. */
import { UsageError } from "../errors.ts";

/** Known options, and whether a value follows. */
const OPTIONS: Readonly<Record<string, "flag" | "value">> = {
  h: "flag",
  help: "flag",
  version: "flag",
  kernel: "value",
  append: "value",
  initrd: "value",
  bios: "value",
  smp: "value",
  m: "value",
  cpu: "value",
  machine: "value",
  M: "value",
  accel: "value",
  "enable-kvm": "flag",
  device: "value",
  serial: "value",
  debugcon: "value",
  display: "value",
  nographic: "flag",
  vga: "value",
  net: "value",
  nic: "value",
  monitor: "value",
  parallel: "value",
  nodefaults: "flag",
  "no-user-config": "flag",
  "no-reboot": "flag",
  "no-hpet": "flag",
  "no-acpi": "flag",
  global: "value",
  overcommit: "value",
  rtc: "value",
  name: "value",
  d: "value",
  D: "value",
  // Our own: the geometry of the TLB.
  tlb: "value",
  // Ours: who is the host.
  "vmxlab-mode": "value",
};

export class QemuArguments {
  private readonly values: ReadonlyMap<string, readonly string[]>;

  private constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.values = values;
  }

  /** @throws UsageError that names the first argument that is not understood. */
  static parse(argv: readonly string[]): QemuArguments {
    const values = new Map<string, string[]>();
    for (let i = 0; i < argv.length; i++) {
      const word = argv[i]!;
      const name = /^--?(.+)$/.exec(word)?.[1];
      if (name === undefined) {
        throw new UsageError(`argument "${word}": disk images are not supported, use -kernel`);
      }
      const form = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
      if (form === undefined) throw new UsageError(`option ${word} is not supported`);
      const list = values.get(name) ?? [];
      values.set(name, list);
      if (form === "flag") {
        list.push("");
        continue;
      }
      i++;
      if (i >= argv.length) throw new UsageError(`option ${word} needs a value`);
      list.push(argv[i]!);
    }
    return new QemuArguments(values);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** All values of the options called so, in their order. */
  all(...names: readonly string[]): readonly string[] {
    return names.flatMap((name) => this.values.get(name) ?? []);
  }

  /** The last value, which is the one that counts. */
  last(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }
}

/** One part of a list: `key=value`, or a word alone. */
export interface Property {
  readonly key: string;
  /** Undefined for a word alone. */
  readonly value: string | undefined;
}

/** `a,b=c,,d` as its parts; two commas stand for one in a value. */
export function properties(text: string): Property[] {
  const parts = text.match(/(?:[^,]|,,)+/g) ?? [];
  return parts.map((part) => {
    const plain = part.replaceAll(",,", ",");
    const at = plain.indexOf("=");
    return at < 0
      ? { key: plain, value: undefined }
      : { key: plain.slice(0, at), value: plain.slice(at + 1) };
  });
}

/** on, off and their like. @throws UsageError for other words. */
export function switchValue(option: string, { key, value }: Property): boolean {
  if (value === undefined || ["on", "yes", "true", "y"].includes(value)) return true;
  if (["off", "no", "false", "n"].includes(value)) return false;
  throw new UsageError(`${option} ${key}=${value}: use on or off`);
}
