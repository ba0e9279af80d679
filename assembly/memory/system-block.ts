/** Blocks of system memory longer than one access: TSS images and state-save areas. */
import { HOST_LIMIT } from "../layout";
import { noteWriteSize } from "../paging/spp";
import { ACCESS_IMPLICIT, ACCESS_WRITE } from "../paging/walk";
import { APIC_ACCESS_READ, APIC_ACCESS_WRITE, exitApicAccess } from "../vmx/apic-exit";
import { APIC_PAGE, finishWrite, readAt, translate, writeAt } from "./access";

const CHUNK: u32 = 8;

/** Checks that every page of a range can be accessed; false with the exception raised. */
export function probeRange(gla: u64, bytes: u32, access: u32): bool {
  // A probe stands for many writes: no sub-page permits them all.
  noteWriteSize(0);
  let at = gla;
  const last = gla + ((bytes - 1) as u64);
  while (true) {
    const host = translate(at, access);
    if (host == 0) return false;
    if (host == APIC_PAGE) {
      // No area that is longer than one access can lie there: the exit comes before any change.
      exitApicAccess(at, (access & ACCESS_WRITE) != 0 ? APIC_ACCESS_WRITE : APIC_ACCESS_READ);
      return false;
    }
    const next = (at & ~0xfff) + 0x1000;
    if (next > last) return true;
    at = next;
  }
}

/** Copies `bytes` from linear address `gla` to pointer `to`; false after a fault. */
export function readBlock(gla: u64, bytes: u32, to: u32, access: u32): bool {
  let done: u32 = 0;
  while (done < bytes) {
    const part = min<u32>(CHUNK, bytes - done);
    const host = readAt(gla + (done as u64), part, access);
    if (host == 0) return false;
    memory.copy(to + done, host, part);
    done += part;
  }
  return true;
}

/** Copies `bytes` from pointer `from` to linear address `gla`; false after a fault. */
export function writeBlock(gla: u64, bytes: u32, from: u32, access: u32): bool {
  let done: u32 = 0;
  while (done < bytes) {
    const part = min<u32>(CHUNK, bytes - done);
    const host = writeAt(gla + (done as u64), part, access | ACCESS_WRITE, false);
    if (host == 0) return false;
    memory.copy(host, from + done, part);
    if (host < HOST_LIMIT && finishWrite(host)) return false;
    done += part;
  }
  return true;
}

/** `readBlock` of a system structure. */
export function readSystemBlock(gla: u64, bytes: u32, to: u32): bool {
  return readBlock(gla, bytes, to, ACCESS_IMPLICIT);
}

/** `writeBlock` of a system structure. */
export function writeSystemBlock(gla: u64, bytes: u32, from: u32): bool {
  return writeBlock(gla, bytes, from, ACCESS_IMPLICIT);
}
