/** Port accesses (handle_io): plain ones by register, string ones by the emulator. */
import type { AccessSize } from "../../devices/device.ts";
import { FIELD } from "../../generated/vmx.ts";
import { emulateMmio } from "../emulate/emulator.ts";
import type { Vcpu } from "../vcpu.ts";

const IN = 8;
const STRING = 0x10;

export function handleIo(vcpu: Vcpu): boolean {
  const qualification = vcpu.hw.read(FIELD.exit_qualification);
  const size = ((qualification & 7) + 1) as AccessSize;
  const port = qualification >>> 16;
  const { regs, userspace } = vcpu;
  userspace.syncClock();
  if ((qualification & STRING) !== 0) {
    emulateMmio(vcpu);
    return true;
  }
  if ((qualification & IN) !== 0) {
    const value = userspace.readPort(port, size);
    vcpu.vm.trace?.pio(false, port, size, value >>> 0);
    if (size === 4) {
      regs[0] = value;
      regs[1] = 0;
    } else {
      const mask = size === 1 ? 0xff : 0xffff;
      regs[0] = (regs[0]! & ~mask) | (value & mask);
    }
  } else {
    const value = size === 4 ? regs[0]! : regs[0]! & (size === 1 ? 0xff : 0xffff);
    vcpu.vm.trace?.pio(true, port, size, value >>> 0);
    userspace.writePort(port, size, value);
  }
  vcpu.skip();
  return true;
}
