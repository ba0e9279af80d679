/** What vmxlab-qemu answers to questions about itself, in the forms that scripts look for. */

import { VERSION } from "../../generated/version.ts";
import { STATUS_TABLE } from "../exit-status.ts";
import type { QemuArguments } from "./arguments.ts";
import { qemuCpuNames } from "./cpu.ts";
import { QEMU_DEVICES, QEMU_MACHINES } from "./machine.ts";

const isQuestion = (text: string | undefined) => text === "?" || text === "help";

/** The version stands in the fourth word, where scripts look for QEMU's. */
function versionLine(): string {
  return `vmxlab QEMU-like version ${VERSION}`;
}

/** The answer to a question in the options, if there is one. */
export function answer(args: QemuArguments): string | undefined {
  if (args.has("version")) return versionLine();
  if (args.has("h") || args.has("help")) return help();
  if (args.all("device").some(isQuestion)) {
    return QEMU_DEVICES.map((name) => `name "${name}", bus ISA`).join("\n");
  }
  if (args.all("machine", "M").some(isQuestion)) {
    return ["Supported machines are:", ...QEMU_MACHINES].join("\n");
  }
  if (isQuestion(args.last("cpu"))) return ["Available CPUs:", ...qemuCpuNames()].join("\n");
  if (isQuestion(args.last("accel"))) return ["Accelerators supported:", "tcg", "kvm"].join("\n");
  return undefined;
}

function help(): string {
  return [
    versionLine(),
    "",
    "Runs a kernel as QEMU would, as far as its options are understood; others are refused.",
    "",
    "  -kernel FILE, -append TEXT, -initrd FILE   a multiboot, Linux or ELF image",
    "  -bios FILE                                 firmware, entered at the reset vector",
    "  -tlb PROFILE                               geometry of the TLB, as of vmxlab run (not QEMU's)",
    "  -m SIZE, -smp N, -cpu MODEL,+FEATURE,-FEATURE",
    "  -machine pc, -accel tcg|kvm, -no-hpet, -no-acpi, -rtc base=DATE",
    "  -device isa-debug-exit,iobase=PORT,iosize=N   -device pc-testdev",
    "  -serial stdio|mon:stdio|file:PATH|none     given twice for the second port",
    "  -debugcon file:PATH                        bytes of ports 0xe9 and 0x402",
    "  -d int,exec,in_asm,guest_errors -D FILE    trace",
    "  -nographic, -no-reboot",
    "  -display none, -vga none, -net none, -nic none, -monitor none, -parallel none,",
    "  -nodefaults, -no-user-config, -enable-kvm, -name, -global kvm-pit..., -overcommit",
    "                                             accepted, and make no difference",
    "  -version, -help, and ? as the value of -device, -machine, -cpu, -accel",
    "",
    "Exit status: that of `vmxlab run`, but 0 when ended by a signal, and with -no-reboot",
    "after a reset or a triple fault:",
    ...STATUS_TABLE.filter(
      ({ status }) => !["129", "130", "143", "124", "12"].includes(status),
    ).map(({ status, meaning }) => `  ${status.padEnd(5)} ${meaning}`),
  ].join("\n");
}
