/** Traces: one line for each event, in the order in which the machine lives through them. */
import { STATE } from "../generated/state.ts";
import { ftraceLine } from "../l0/trace.ts";
import type { SymbolTable } from "../loaders/symbols.ts";
import type { BusAccess, MachineHooks } from "../machine/hooks.ts";
import { readLinear } from "../machine/linear-memory.ts";
import type { Machine } from "../machine/machine.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import type { VmEntry, VmEntryFailure, VmExit, VmxAbort } from "../machine/vmx-events.ts";
import {
  type CodeBits,
  type Disassembler,
  hexBytes,
  INSTRUCTION_BYTES_MAX,
  loadDisassembler,
} from "./disassembler.ts";
import type { ByteSink } from "./output-file.ts";
import { hexAddress, nameOf } from "./symbols.ts";
import type { TraceKind } from "./trace-kinds.ts";
import { vectorName } from "./vectors.ts";

/** Event types as VMX numbers them, in bits 2:0 of the kind; bit 4 says that there is a code. */
const KIND_TYPE_MASK = 7;
const KIND_HAS_ERROR = 0x10;
const TYPE = { external: 0, nmi: 2, softwareInterrupt: 4 } as const;
const VECTOR_PF = 14;

const TIME_WIDTH = 12;
const KIND_WIDTH = 5;
const BYTES_WIDTH = 30;

export class Tracer {
  private readonly machine: Machine;
  private readonly sink: ByteSink;
  private readonly symbols: SymbolTable | undefined;
  private readonly kinds: ReadonlySet<TraceKind>;
  private readonly disassembler: Disassembler | undefined;

  private constructor(
    machine: Machine,
    sink: ByteSink,
    kinds: ReadonlySet<TraceKind>,
    symbols: SymbolTable | undefined,
    disassembler: Disassembler | undefined,
  ) {
    this.machine = machine;
    this.sink = sink;
    this.kinds = kinds;
    this.symbols = symbols;
    this.disassembler = disassembler;
  }

  static async create(
    machine: Machine,
    sink: ByteSink,
    kinds: ReadonlySet<TraceKind>,
    symbols: SymbolTable | undefined,
  ): Promise<Tracer> {
    const wanted = kinds.has("insn") || kinds.has("undef");
    // What L0 does, in the form of the kernel's ftrace.
    if (kinds.has("kvm")) machine.l1?.trace((event) => sink.writeLine(ftraceLine(event)));
    const disassembler = wanted ? await loadDisassembler() : undefined;
    return new Tracer(machine, sink, kinds, symbols, disassembler);
  }

  /** The hooks that this trace needs and no others, since each has its cost. */
  get hooks(): MachineHooks {
    const has = (...kinds: TraceKind[]) => kinds.some((kind) => this.kinds.has(kind));
    return {
      ...(has("insn") ? { onInstruction: (cpu) => this.instruction(cpu) } : {}),
      ...(has("exc", "int", "irq")
        ? { onException: (cpu, vector, kind, error) => this.event(cpu, vector, kind, error) }
        : {}),
      ...(has("io") ? { onPort: (cpu, access) => this.access("io", cpu, access) } : {}),
      ...(has("mmio") ? { onMmio: (cpu, access) => this.access("mmio", cpu, access) } : {}),
      ...(has("vmx")
        ? {
            onVmEntry: (cpu, entry) => this.line(cpu, "vmx", entryText(entry)),
            onVmExit: (cpu, exit) => this.line(cpu, "vmx", exitText(exit)),
            onVmEntryFailure: (cpu, failure) => this.line(cpu, "vmx", failureText(failure)),
            onVmxAbort: (cpu, abort) => this.line(cpu, "vmx", abortText(abort)),
          }
        : {}),
      ...(has("undef") ? { onUndefinedOpcode: (cpu, at) => this.undefinedOpcode(cpu, at) } : {}),
    };
  }

  private line(cpu: LogicalProcessor, kind: TraceKind, text: string): void {
    const time = String(this.machine.time).padStart(TIME_WIDTH);
    this.sink.writeLine(`${time} cpu${cpu.index} ${kind.padEnd(KIND_WIDTH)} ${text}`);
  }

  private place(address: bigint): string {
    const name = nameOf(this.symbols, address);
    return name === undefined ? hexAddress(address) : `${hexAddress(address)} <${name}>`;
  }

  private instruction(cpu: LogicalProcessor): undefined {
    const gla = this.machine.linearRip(cpu);
    this.line(cpu, "insn", `${this.place(gla)}: ${this.disassemble(cpu, gla)}`);
  }

  private disassemble(cpu: LogicalProcessor, gla: bigint): string {
    const bytes = readLinear(this.machine.memory, cpu, gla, INSTRUCTION_BYTES_MAX);
    if (bytes.length === 0) return "(not mapped)";
    const { length, text } = this.disassembler!.decode(bytes, cpu.codeBits as CodeBits, gla);
    return `${hexBytes(bytes.subarray(0, length)).padEnd(BYTES_WIDTH)} ${text}`;
  }

  private event(cpu: LogicalProcessor, vector: number, kind: number, error: number): void {
    const type = kind & KIND_TYPE_MASK;
    const at = this.place(this.machine.linearRip(cpu));
    if (type === TYPE.external || type === TYPE.nmi) {
      if (!this.kinds.has("irq")) return;
      const what = type === TYPE.nmi ? "NMI" : `vector ${hexAddress(vector)}`;
      this.line(cpu, "irq", `${what} before ${at}`);
    } else if (type === TYPE.softwareInterrupt) {
      if (this.kinds.has("int")) this.line(cpu, "int", `vector ${hexAddress(vector)} at ${at}`);
    } else if (this.kinds.has("exc")) {
      const code = (kind & KIND_HAS_ERROR) !== 0 ? ` error ${hexAddress(error >>> 0)}` : "";
      const address =
        vector === VECTOR_PF ? ` address ${hexAddress(cpu.wide(STATE.FAULT_CR2))}` : "";
      this.line(cpu, "exc", `${vectorName(vector)}${code}${address} at ${at}`);
    }
  }

  private access(kind: "io" | "mmio", cpu: LogicalProcessor, access: BusAccess): void {
    const { address, size, value, write } = access;
    const digits = value.toString(16).padStart(size * 2, "0");
    const verb = write ? "write" : "read ";
    this.line(cpu, kind, `${verb} ${hexAddress(address)} ${write ? "<-" : "->"} 0x${digits}`);
  }

  private undefinedOpcode(cpu: LogicalProcessor, gla: bigint): void {
    this.line(cpu, "undef", `${this.place(gla)}: ${this.disassemble(cpu, gla)}`);
  }
}

// The texts of VMX events have the fields and their names in the order of KVM's tracepoints.

const hex32 = (value: number) => `0x${value.toString(16).padStart(8, "0")}`;
const hex64 = (value: bigint) => `0x${value.toString(16).padStart(16, "0")}`;

function entryText({ cpu, instruction, rip, vmcsHpa, injected }: VmEntry): string {
  return (
    `vmx_entry: cpu ${cpu} ${instruction} rip ${hexAddress(rip)} vmcs ${hexAddress(vmcsHpa)} ` +
    `intr_info ${hex32(injected?.info ?? 0)} error_code ${hex32(injected?.errorCode ?? 0)}`
  );
}

function exitText(exit: VmExit): string {
  const { cpu, reason, rip, info1, info2, intrInfo, errorCode } = exit;
  return (
    `vmx_exit: cpu ${cpu} reason ${reason.toUpperCase()} rip ${hexAddress(rip)} ` +
    `info1 ${hex64(info1)} info2 ${hex64(BigInt(info2))} ` +
    `intr_info ${hex32(intrInfo)} error_code ${hex32(errorCode)}`
  );
}

function failureText({ cpu, how, check, section, field, value, msr }: VmEntryFailure): string {
  const entry =
    msr === undefined
      ? ""
      : ` entry ${msr.entry} msr ${hexAddress(msr.index)} data ${hex64(msr.value)}`;
  return (
    `vmx_entry_failure: cpu ${cpu} ${how} check ${check} section "${section}" ` +
    `field ${field} value ${hexAddress(value)}${entry}`
  );
}

function abortText({ cpu, vmcsHpa, code, meaning }: VmxAbort): string {
  return `vmx_abort: cpu ${cpu} vmcs ${hexAddress(vmcsHpa)} code ${code} (${meaning})`;
}
