/** Linux bzImages (and what looks like one, such as memtest86+) by the 64- or 32-bit protocol. */

import { cString, StructWriter } from "./bytes.ts";
import {
  ImageError,
  type LoadedImage,
  type LoadOptions,
  type LoadTarget,
  refuseOptions,
} from "./image.ts";
import { CAN_USE_HEAP, HDR, readSetupHeader, type SetupHeader } from "./linux-setup-header.ts";
import { placeGdt, placeIdentityTables } from "./long-mode.ts";
import { EBDA_START, e820, MIB, PAGE_BYTES, upperMemoryKib } from "./memory-map.ts";
import { LOW_DATA_MIN, Placement } from "./placement.ts";
import { GPR, gdt32Start, long64Start, registers, type StartState } from "./start-state.ts";

/** Offsets of boot parameters outside the setup header. */
const BP = {
  EXT_MEM_K: 0x002,
  OLD_CL_MAGIC: 0x020,
  OLD_CL_OFFSET: 0x022,
  ACPI_RSDP_ADDR: 0x070,
  ALT_MEM_K: 0x1e0,
  E820_ENTRIES: 0x1e8,
  E820_TABLE: 0x2d0,
} as const;

const BOOT_PARAMS_BYTES = 4096;
const E820_ENTRY_BYTES = 20;
const ENTRY64_OFFSET = 0x200;
const LOADER_UNDEFINED = 0xff;
const VID_MODE_NORMAL = 0xffff;
/** Real-mode heap as the protocol suggests it; the 16-bit code is not run. */
const HEAP_END = 0xde00;
const OLD_CL_MAGIC = 0xa33f;
/** Protocols before 2.02 find the command line at an offset from here. */
const OLD_CL_BASE = 0x9_0000;

const LOW = { min: LOW_DATA_MIN, max: EBDA_START };

interface Handed {
  readonly cmdlineHpa: number;
  readonly initrdHpa: number;
  readonly initrdBytes: number;
}

/**
 * Loads a bzImage at the address that it prefers and enters its protected-mode part: by the 64-bit
 * protocol if the kernel has that entry and `options.protocol` does not ask for "bzimage32". The
 * 16-bit setup code is not run; boot parameters take its place. They, the command line, the GDT
 * and the page tables lie in conventional memory above 64 KiB, the initrd as high as the kernel
 * allows below 3 GiB.
 */
export function loadBzImage(
  target: LoadTarget,
  bytes: Uint8Array,
  options: LoadOptions,
): LoadedImage {
  refuseOptions("the Linux boot protocol", options, ["modules"]);
  const header = readSetupHeader(bytes);
  const protocol = chooseProtocol(header, options);
  const placement = new Placement(target.ramBytes);
  placement.addPiece({
    name: "kernel",
    hpa: header.loadHpa,
    bytes: header.kernel,
    memBytes: Math.max(header.initBytes, header.kernel.length),
  });
  const handed: Handed = {
    cmdlineHpa: placeCmdline(placement, header, options.cmdline ?? ""),
    ...placeInitrd(placement, header, options.initrd),
  };
  const params = bootParams(header, target.ramBytes, handed, options.rsdpHpa);
  const paramsHpa = placement.place("boot parameters", params.length, {
    ...LOW,
    align: PAGE_BYTES,
  });
  placement.write(paramsHpa, params);
  const start = placeStart(placement, protocol, header, paramsHpa);
  placement.commit(target);
  return { format: protocol, start, regions: placement.regions, notes: [] };
}

function chooseProtocol(header: SetupHeader, options: LoadOptions): "bzimage64" | "bzimage32" {
  const wanted = options.protocol;
  if (wanted === undefined) return header.has64BitEntry ? "bzimage64" : "bzimage32";
  if (wanted === "pvh") {
    throw new ImageError("a bzImage has no PVH entry: give the vmlinux or leave the protocol out");
  }
  if (wanted === "bzimage64" && !header.has64BitEntry) {
    throw new ImageError("this bzImage has no 64-bit entry: use the protocol bzimage32");
  }
  return wanted;
}

function placeCmdline(placement: Placement, header: SetupHeader, text: string): number {
  const bytes = cString(text, header.cmdlineBytesMax, "the command line");
  const old = header.version < 0x202;
  const hpa = placement.place(
    "command line",
    bytes.length,
    old ? { ...LOW, min: OLD_CL_BASE } : LOW,
  );
  placement.write(hpa, bytes);
  return hpa;
}

function placeInitrd(placement: Placement, header: SetupHeader, initrd: Uint8Array | undefined) {
  if (initrd === undefined || initrd.length === 0) return { initrdHpa: 0, initrdBytes: 0 };
  const initrdHpa = placement.place("initrd", initrd.length, {
    min: MIB,
    max: header.initrdAddrMax + 1,
    align: PAGE_BYTES,
    from: "high",
  });
  placement.write(initrdHpa, initrd);
  return { initrdHpa, initrdBytes: initrd.length };
}

/** Builds the "zero page": all zeros but the setup header and what the loader must fill in. */
function bootParams(
  header: SetupHeader,
  ramBytes: number,
  handed: Handed,
  rsdpHpa: number | undefined,
): Uint8Array {
  const params = new StructWriter(BOOT_PARAMS_BYTES);
  params.bytes.set(header.copy, HDR.START);
  const upperKib = upperMemoryKib(ramBytes);
  params.u16(BP.EXT_MEM_K, Math.min(upperKib, 0xffff));
  params.u32(BP.ALT_MEM_K, upperKib);
  writeE820(params, ramBytes);
  if (header.version >= 0x20e && rsdpHpa !== undefined) params.u64(BP.ACPI_RSDP_ADDR, rsdpHpa);

  params.u16(HDR.VID_MODE, VID_MODE_NORMAL);
  params.u8(HDR.TYPE_OF_LOADER, LOADER_UNDEFINED);
  params.u32(HDR.CODE32_START, header.loadHpa);
  params.u32(HDR.RAMDISK_IMAGE, handed.initrdHpa);
  params.u32(HDR.RAMDISK_SIZE, handed.initrdBytes);
  if (header.version >= 0x201) {
    params.u8(HDR.LOADFLAGS, header.loadflags | CAN_USE_HEAP);
    params.u16(HDR.HEAP_END_PTR, HEAP_END);
  }
  if (header.version >= 0x202) {
    params.u32(HDR.CMD_LINE_PTR, handed.cmdlineHpa);
  } else {
    params.u16(BP.OLD_CL_MAGIC, OLD_CL_MAGIC);
    params.u16(BP.OLD_CL_OFFSET, handed.cmdlineHpa - OLD_CL_BASE);
  }
  return params.bytes;
}

function writeE820(params: StructWriter, ramBytes: number): void {
  const map = e820(ramBytes);
  params.u8(BP.E820_ENTRIES, map.length);
  map.forEach((entry, index) => {
    const at = BP.E820_TABLE + index * E820_ENTRY_BYTES;
    params.u64(at, entry.base);
    params.u64(at + 8, entry.length);
    params.u32(at + 16, entry.type);
  });
}

/** Both protocols take the boot parameters in RSI; the 32-bit one wants EBX, EBP and EDI to be 0. */
function placeStart(
  placement: Placement,
  protocol: "bzimage64" | "bzimage32",
  header: SetupHeader,
  paramsHpa: number,
): StartState {
  const gpr = registers({ [GPR.RSI]: paramsHpa });
  if (protocol === "bzimage32") {
    return gdt32Start(header.loadHpa, gpr, placeGdt(placement, "code32", LOW));
  }
  if (header.kernel.length <= ENTRY64_OFFSET) {
    throw new ImageError("Linux kernel ends before its 64-bit entry: the file is damaged");
  }
  const gdt = placeGdt(placement, "code64", LOW);
  const cr3 = placeIdentityTables(placement, LOW);
  return long64Start(header.loadHpa + ENTRY64_OFFSET, gpr, gdt, cr3);
}
