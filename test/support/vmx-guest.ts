/**
 * A flat 64-bit image that goes into VMX root operation, writes a VMCS field by field, launches a
 * guest, and after each exit resumes it at the next address of a list until the list ends.
 */
import { vmxCapabilities, vmxOf } from "../../src/machine/vmx-capabilities.ts";
import { CPU_MODELS, DEFAULT_CPU_MODEL } from "../../src/tables/cpu-models.ts";
import { VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import { baseState, type Changes, changed } from "../vmx/entry-state.ts";

export const IMAGE_HPA = 0x10000;
const HANDLER = IMAGE_HPA + 0x1800;
export const GUEST_RIP = IMAGE_HPA + 0x2000;
const LIST = IMAGE_HPA + 0x3000;
const POINTERS = IMAGE_HPA + 0x3800;
export const VMXON_HPA = IMAGE_HPA + 0x4000;
export const VMCS_HPA = IMAGE_HPA + 0x5000;
const IMAGE_BYTES = 0x6000;
const VMX_BASIC = 0x480;
const HLT = 0xf4;

const bytesOf = (value: bigint | number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    Number((BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * i)) & 0xffn),
  );
const mov32 = (register: number, value: number) => [0xb8 + register, ...bytesOf(value, 4)];
const MOV_RAX_CR3 = [0x0f, 0x20, 0xd8];

/** VMWRITE of RAX. */
const vmwrite = (encoding: number) => [...mov32(2, encoding), 0x0f, 0x79, 0xd0];

/** Feature control, CR4.VMXE, VMXON, VMCLEAR, VMPTRLD. */
const INTO_ROOT = [
  ...[...mov32(1, 0x3a), ...mov32(0, 5), ...mov32(2, 0), 0x0f, 0x30],
  ...[0x0f, 0x20, 0xe0, 0x0d, 0x00, 0x20, 0x00, 0x00, 0x0f, 0x22, 0xe0],
  ...[...mov32(0, POINTERS), 0xf3, 0x0f, 0xc7, 0x30],
  ...[...mov32(0, POINTERS + 8), 0x66, 0x0f, 0xc7, 0x30, 0x0f, 0xc7, 0x30],
];
const VMLAUNCH = [0x0f, 0x01, 0xc2];

/** LODSQ; to HLT when it is 0; else the guest's RIP, and VMRESUME. */
const RESUME = [0x48, 0xad, 0x48, 0x85, 0xc0, 0x74, 0x0b];
const HANDLER_CODE = [...RESUME, ...vmwrite(0x681e), 0x0f, 0x01, 0xc3, HLT, HLT];

/** Guest code, and where it is resumed after each of its exits. */
export interface VmxProgram {
  readonly code: readonly number[];
  readonly resume?: readonly number[];
  readonly changes?: readonly Changes[];
  /** What else lies in the image, by address. */
  readonly data?: Readonly<Record<number, readonly number[]>>;
}

/** The image for address IMAGE_HPA on the default CPU model. */
export function vmxImage({ code, resume = [], changes = [], data = {} }: VmxProgram): Uint8Array {
  const model = CPU_MODELS.find(({ name }) => name === DEFAULT_CPU_MODEL)!;
  const { values } = vmxCapabilities(vmxOf(model)!, 0n);
  const processor = {
    capability: (msr: number) => values.get(msr) ?? 0n,
    physicalBits: model.physicalAddressBits,
    linearBits: 57,
    eferBits: 0xd01n,
    read32: () => 0n,
  };
  const places = { fields: { host_rip: HANDLER, guest_rip: GUEST_RIP, host_rsp: IMAGE_HPA } };
  const { fields } = changed(baseState(processor), places, ...changes);
  const setup = [...INTO_ROOT, ...mov32(6, LIST)];
  for (const { name, encoding, built, group } of VMCS_FIELDS) {
    const value = fields[name]!;
    if (!built || group === "read-only") continue;
    if (name.endsWith("_cr3")) setup.push(...MOV_RAX_CR3);
    else setup.push(0x48, 0xb8, ...bytesOf(value, 8));
    setup.push(...vmwrite(encoding));
  }
  setup.push(...VMLAUNCH, HLT);
  if (setup.length > HANDLER - IMAGE_HPA) throw new Error(`${setup.length} bytes of code`);
  const image = new Uint8Array(IMAGE_BYTES);
  const put = (address: number, bytes: readonly number[]) => image.set(bytes, address - IMAGE_HPA);
  put(IMAGE_HPA, setup);
  put(HANDLER, HANDLER_CODE);
  put(GUEST_RIP, code);
  put(
    LIST,
    resume.flatMap((offset) => bytesOf(GUEST_RIP + offset, 8)),
  );
  put(POINTERS, [...bytesOf(VMXON_HPA, 8), ...bytesOf(VMCS_HPA, 8)]);
  const revision = bytesOf(values.get(VMX_BASIC)! & 0x7fffffffn, 4);
  put(VMXON_HPA, revision);
  put(VMCS_HPA, revision);
  for (const [address, bytes] of Object.entries(data)) put(Number(address), bytes);
  return image;
}
