/** The initial RAM disk: busybox, and an init script that marks its way and prints checksums. */
import { createHash } from "node:crypto";
import { CpioWriter } from "./cpio.ts";

const SUMMED_MIB = 8;
const FORKS = 50;
const FLOAT_TERMS = 20_000;
const APPLETS = [
  ...["sh", "mount", "dd", "sha256sum", "md5sum", "gzip", "awk", "true", "nproc", "taskset"],
  ...["uname", "poweroff"],
];

/** The marks in the order in which the script prints them. */
export const MARKS = [
  "userspace",
  "sha-begin",
  "sha-end",
  "md5-begin",
  "md5-end",
  "float-end",
  "gzip-end",
  "fork-end",
  "done",
] as const;
export type Mark = (typeof MARKS)[number];

const zeros = new Uint8Array(SUMMED_MIB << 20);
const hash = (algorithm: string) => createHash(algorithm).update(zeros).digest("hex");

/** What the script's AWK program must print: products, quotients and sums of doubles. */
function floatSum(): string {
  let sum = 0;
  for (let i = 1; i <= FLOAT_TERMS; i++) sum += i / (i * i + 0.5);
  return sum.toFixed(12);
}

/** Lines `NAME VALUE` of the script and what they must say. */
export const EXPECTED: Readonly<Record<string, string>> = {
  SHA256: hash("sha256"),
  MD5: hash("md5"),
  FLOAT: floatSum(),
  GZIP: hash("md5"),
};

const SCRIPT = `#!/bin/sh
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mark() { echo "MARK $1"; }
zeros() { dd if=/dev/zero bs=65536 count=${SUMMED_MIB * 16} 2>/dev/null; }
first() { read sum rest; echo $sum; }
mark userspace
echo "KERNEL $(uname -r)"
echo "PROCESSORS $(nproc)"
for cpu in $(awk '/^processor/ { print $3 }' /proc/cpuinfo); do
  taskset $((1 << cpu)) sh -c "echo RAN $cpu"
done
mark sha-begin
echo "SHA256 $(zeros | sha256sum | first)"
mark sha-end
mark md5-begin
echo "MD5 $(zeros | md5sum | first)"
mark md5-end
echo "FLOAT $(awk 'BEGIN { for (i = 1; i <= ${FLOAT_TERMS}; i++) s += i / (i * i + 0.5); printf "%.12f", s }')"
mark float-end
echo "GZIP $(zeros | gzip -c | gzip -dc | md5sum | first)"
mark gzip-end
i=0
while [ $i -lt ${FORKS} ]; do /bin/busybox true || echo "FORK failed"; i=$((i + 1)); done
mark fork-end
mark done
poweroff -f
`;

/** A newc archive, not packed. */
export function makeInitramfs(busybox: Uint8Array): Uint8Array {
  const archive = new CpioWriter();
  for (const folder of ["bin", "dev", "proc"]) archive.folder(folder);
  archive.console("dev/console");
  archive.file("bin/busybox", busybox, 0o755);
  for (const applet of APPLETS) archive.link(`bin/${applet}`, "busybox");
  archive.file("init", new TextEncoder().encode(SCRIPT), 0o755);
  return archive.finish();
}
