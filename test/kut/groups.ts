/** The entries of kvm-unit-tests' unittests.cfg: which are run here, within which time, and why not. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Entry {
  readonly name: string;
  /** Image, relative to the folder x86. */
  readonly file: string;
  readonly groups: readonly string[];
  /** Empty when it is for every architecture. */
  readonly arch: string;
  readonly smp: number;
  /** Arguments of the image, and further ones of QEMU's, as they stand there. */
  readonly args: string;
  readonly parameters: string;
}

/** Reads unittests.cfg. */
export function readEntries(dir: string): Entry[] {
  const entries: Entry[] = [];
  let fields = new Map<string, string>();
  let name: string | undefined;
  const finish = () => {
    if (name === undefined) return;
    entries.push({
      name,
      file: fields.get("file") ?? "",
      groups: (fields.get("groups") ?? "").split(/\s+/).filter((word) => word !== ""),
      arch: fields.get("arch") ?? "",
      smp: Number(fields.get("smp") ?? 1) || 1,
      args: (fields.get("test_args") ?? "").replace(/^["']|["']$/g, ""),
      parameters: fields.get("qemu_params") ?? fields.get("extra_params") ?? "",
    });
  };
  for (const line of readFileSync(join(dir, "x86/unittests.cfg"), "utf8").split("\n")) {
    const title = /^\[(.*)\]$/.exec(line)?.[1];
    if (title !== undefined) {
      finish();
      name = title;
      fields = new Map();
      continue;
    }
    const field = /^(\w+) *= *(.*)$/.exec(line);
    if (field) fields.set(field[1]!, field[2]!);
  }
  finish();
  return entries;
}

/** ARCH of config.mak: x86_64 or i386. Undefined when the folder is no built kvm-unit-tests. */
export function builtArchitecture(dir: string): string | undefined {
  const config = join(dir, "config.mak");
  if (!existsSync(config) || !existsSync(join(dir, "x86/dummy.flat"))) return undefined;
  return /^ARCH=(\S+)$/m.exec(readFileSync(config, "utf8"))?.[1];
}

const BY_GROUP: Readonly<Record<string, string>> = {
  svm: "SVM, AMD's virtualisation",
  hyperv: "interfaces of Hyper-V",
  pmu: "performance counters",
};

const BY_NAME: Readonly<Record<string, string>> = {
  svm_npt: "SVM, AMD's virtualisation",
  intel_iommu: "an IOMMU",
  asyncpf: "paravirtual interface of KVM",
  kvmclock_test: "paravirtual interface of KVM",
  vmware_backdoors: "interface of VMware",
  access_fep: "KVM's prefix for forced emulation; not in the default run",
};

/** What an entry needs that is outside the emulator's scope; undefined when it is to be run. */
export function outOfScope(entry: Entry): string | undefined {
  if (Object.hasOwn(BY_NAME, entry.name)) return BY_NAME[entry.name];
  const group = entry.groups.find((name) => Object.hasOwn(BY_GROUP, name));
  return group === undefined ? undefined : BY_GROUP[group];
}

const SECONDS_MAX = 60;
const LONGER: Readonly<Record<string, number>> = {
  access: 180,
  "access-reduced-maxphyaddr": 180,
  sieve: 120,
};

/** Seconds of processor time within which an entry must end. */
export function limitSeconds(name: string): number {
  return LONGER[name] ?? SECONDS_MAX;
}

/** Images without an entry that are run as well, with the options that they need. */
export const WITHOUT_ENTRY: readonly {
  readonly name: string;
  readonly arch: string;
  readonly options: readonly string[];
}[] = [
  {
    name: "tscdeadline_latency",
    arch: "x86_64",
    options: ["-cpu", "qemu64,+x2apic,+tsc-deadline"],
  },
];
