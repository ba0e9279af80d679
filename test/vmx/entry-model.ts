/**
 * A second reading of the VM-entry checks, to hold the core's against: one condition a row, written
 * from the manual ("Checks on VMX Controls and Host-State Area", "Checking and Loading Guest State").
 * It is made to be compared with the manual by eye, not to be fast.
 */
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { controlBit, type EntryState, NO_LINK, type Processor, VMCS_HPA } from "./entry-state.ts";

/** One entry with everything that conditions ask of it. */
export class Entry {
  readonly state: EntryState;
  readonly processor: Processor;
  private readonly controls = new Map<string, boolean>();

  constructor(state: EntryState, processor: Processor) {
    this.state = state;
    this.processor = processor;
  }

  f(name: string): bigint {
    return this.state.fields[name]!;
  }

  /** The control is 1 and, where its word needs activation, in force. */
  on(reference: string): boolean {
    let value = this.controls.get(reference);
    if (value === undefined) {
      const { field, mask } = controlBit(reference);
      value = (this.f(field) & mask) !== 0n;
      if (reference.startsWith("secondary.")) {
        value &&= this.on("primary.activate_secondary_controls");
      }
      if (reference.startsWith("tertiary.")) {
        value &&= this.on("primary.activate_tertiary_controls");
      }
      this.controls.set(reference, value);
    }
    return value;
  }

  cap(msr: number): bigint {
    return this.processor.capability(msr);
  }

  capBit(msr: number, place: number): boolean {
    return bit(this.cap(msr), place);
  }

  /** A 32-bit word against the two halves of its capability MSR. */
  word(field: string, msr: number): boolean {
    const value = this.f(field);
    for (let place = 0; place < 32; place++) {
      const one = bit(value, place);
      if (bit(this.cap(msr), place) && !one) return false;
      if (!bit(this.cap(msr), place + 32) && one) return false;
    }
    return true;
  }

  /** Nothing at or above the physical-address width. */
  inRange(address: bigint): boolean {
    return address < 1n << BigInt(this.processor.physicalBits);
  }

  /** A physical address with the low `zeros` bits clear. */
  pa(field: string, zeros: number): boolean {
    const address = this.f(field);
    return this.inRange(address) && address % (1n << BigInt(zeros)) === 0n;
  }

  canonical(field: string): boolean {
    const value = this.f(field);
    const width = BigInt(this.processor.linearBits);
    const half = 1n << (width - 1n);
    return value < half || value >= (1n << 64n) - half;
  }

  /** Bits from the linear-address width up are all alike. */
  wide(field: string): boolean {
    const upper = this.f(field) >> BigInt(this.processor.linearBits);
    return upper === 0n || upper === (1n << BigInt(64 - this.processor.linearBits)) - 1n;
  }

  list(name: string): { count: bigint; address: bigint } {
    return { count: this.f(`${name}_count`), address: this.f(`${name}_addr`) };
  }

  dword(hpa: bigint): bigint {
    return this.processor.read32(hpa);
  }

  qword(hpa: bigint): bigint {
    return this.dword(hpa) | (this.dword(hpa + 4n) << 32n);
  }

  get tpr(): boolean {
    return this.on("primary.use_tpr_shadow");
  }

  get vid(): boolean {
    return this.on("secondary.virtual_interrupt_delivery");
  }

  get ept(): boolean {
    return this.on("secondary.enable_ept");
  }

  get urg(): boolean {
    return this.on("secondary.unrestricted_guest");
  }

  get posted(): boolean {
    return this.on("pin.process_posted_interrupts");
  }

  get ia32e(): boolean {
    return this.on("entry.ia32e_mode_guest");
  }

  get host64(): boolean {
    return this.on("exit.host_address_space_size");
  }

  get eptpSwitching(): boolean {
    return this.on("secondary.enable_vm_functions") && bit(this.f("vm_function_controls"), 0);
  }

  get v86(): boolean {
    return bit(this.f("guest_rflags"), 17);
  }

  get pe(): boolean {
    return bit(this.f("guest_cr0"), 0);
  }

  get pg(): boolean {
    return bit(this.f("guest_cr0"), 31);
  }

  /** Interruption type of the event to inject; undefined when there is none. */
  get inject(): number | undefined {
    const info = this.f("vmentry_intr_info");
    return bit(info, 31) ? Number((info >> 8n) & 7n) : undefined;
  }

  get vector(): number {
    return Number(this.f("vmentry_intr_info") & 0xffn);
  }

  get deliversCode(): boolean {
    return this.inject !== undefined && bit(this.f("vmentry_intr_info"), 11);
  }

  get activity(): number {
    return Number(this.f("guest_activity_state"));
  }

  /** Bit of the interruptibility state. */
  blocks(place: number): boolean {
    return bit(this.f("guest_interruptibility"), place);
  }

  /** Contexts in which a single-step trap cannot be lost. */
  get steppingHeld(): boolean {
    return this.blocks(0) || this.blocks(1) || this.activity === 1;
  }

  get steps(): boolean {
    return bit(this.f("guest_rflags"), 8) && !bit(this.f("guest_ia32_debugctl"), 1);
  }

  get link(): bigint {
    return this.f("vmcs_link_pointer");
  }
}

function bit(value: bigint, place: number): boolean {
  return ((value >> BigInt(place)) & 1n) === 1n;
}

/** Bits `high` to `low` of `value`. */
function field(value: bigint, high: number, low: number): bigint {
  return (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
}

/** A segment register of the guest. */
class Segment {
  readonly selector: bigint;
  readonly base: bigint;
  readonly limit: bigint;
  readonly ar: bigint;

  constructor(entry: Entry, name: string) {
    this.selector = entry.f(`guest_${name}_selector`);
    this.base = entry.f(`guest_${name}_base`);
    this.limit = entry.f(`guest_${name}_limit`);
    this.ar = entry.f(`guest_${name}_ar`);
  }

  get type(): number {
    return Number(field(this.ar, 3, 0));
  }

  get s(): boolean {
    return bit(this.ar, 4);
  }

  get dpl(): number {
    return Number(field(this.ar, 6, 5));
  }

  get p(): boolean {
    return bit(this.ar, 7);
  }

  get l(): boolean {
    return bit(this.ar, 13);
  }

  get db(): boolean {
    return bit(this.ar, 14);
  }

  get g(): boolean {
    return bit(this.ar, 15);
  }

  get usable(): boolean {
    return !bit(this.ar, 16);
  }

  get rpl(): number {
    return Number(field(this.selector, 1, 0));
  }

  get ti(): boolean {
    return bit(this.selector, 2);
  }

  get lowOnes(): boolean {
    return field(this.limit, 11, 0) === 0xfffn;
  }

  get highZero(): boolean {
    return field(this.limit, 31, 20) === 0n;
  }
}

type Condition = (e: Entry) => boolean;
const CONDITIONS = new Map<string, Condition>();

function rows(conditions: Record<string, Condition>): void {
  for (const [id, condition] of Object.entries(conditions)) CONDITIONS.set(id, condition);
}

const PAT_TYPES = new Set([0n, 1n, 4n, 5n, 6n, 7n]);

function patValid(value: bigint): boolean {
  return [0, 8, 16, 24, 32, 40, 48, 56].every((low) => PAT_TYPES.has(field(value, low + 7, low)));
}

// VM-execution control fields.
rows({
  "entry.ctl.pin.reserved": (e) => e.word("pin_based_controls", 0x48d),
  "entry.ctl.proc.reserved": (e) => e.word("primary_proc_controls", 0x48e),
  "entry.ctl.proc2.reserved": (e) =>
    !e.on("primary.activate_secondary_controls") || e.word("secondary_proc_controls", 0x48b),
  "entry.ctl.proc3.reserved": (e) =>
    !e.on("primary.activate_tertiary_controls") ||
    (e.f("tertiary_exec_controls") | e.cap(0x492)) === e.cap(0x492),
  "entry.ctl.cr3target.count": (e) => e.f("cr3_target_count") <= field(e.cap(0x485), 24, 16),
  "entry.ctl.iobitmap.a": (e) => !e.on("primary.use_io_bitmaps") || e.pa("io_bitmap_a", 12),
  "entry.ctl.iobitmap.b": (e) => !e.on("primary.use_io_bitmaps") || e.pa("io_bitmap_b", 12),
  "entry.ctl.msrbitmap": (e) => !e.on("primary.use_msr_bitmaps") || e.pa("msr_bitmap", 12),
  "entry.ctl.tpr.vapic.addr": (e) => !e.tpr || e.pa("virtual_apic_addr", 12),
  "entry.ctl.tpr.threshold.reserved": (e) => !e.tpr || e.vid || e.f("tpr_threshold") < 16n,
  "entry.ctl.tpr.threshold.vtpr": (e) => {
    if (!e.tpr || e.vid || e.on("secondary.virtualize_apic_accesses")) return true;
    const vtpr = e.dword(e.f("virtual_apic_addr") + 0x80n);
    return field(e.f("tpr_threshold"), 3, 0) <= field(vtpr, 7, 4);
  },
  "entry.ctl.nmi.virtual": (e) => e.on("pin.nmi_exiting") || !e.on("pin.virtual_nmis"),
  "entry.ctl.nmi.window": (e) => e.on("pin.virtual_nmis") || !e.on("primary.nmi_window_exiting"),
  "entry.ctl.apicaccess.addr": (e) =>
    !e.on("secondary.virtualize_apic_accesses") || e.pa("apic_access_addr", 12),
  "entry.ctl.tpr.required.x2apic": (e) => e.tpr || !e.on("secondary.virtualize_x2apic_mode"),
  "entry.ctl.tpr.required.regvirt": (e) => e.tpr || !e.on("secondary.apic_register_virtualization"),
  "entry.ctl.tpr.required.vid": (e) => e.tpr || !e.vid,
  "entry.ctl.tpr.required.ipiv": (e) => e.tpr || !e.on("tertiary.ipi_virtualization"),
  "entry.ctl.x2apic.exclusive": (e) =>
    !(e.on("secondary.virtualize_x2apic_mode") && e.on("secondary.virtualize_apic_accesses")),
  "entry.ctl.vid.extint": (e) => !e.vid || e.on("pin.external_interrupt_exiting"),
  "entry.ctl.posted.vid": (e) => !e.posted || e.vid,
  "entry.ctl.posted.ack": (e) => !e.posted || e.on("exit.acknowledge_interrupt_on_exit"),
  "entry.ctl.posted.vector": (e) => !e.posted || e.f("posted_intr_notification_vector") < 256n,
  "entry.ctl.posted.addr": (e) => !e.posted || e.pa("posted_intr_desc_addr", 6),
  "entry.ctl.vpid.zero": (e) => !e.on("secondary.enable_vpid") || e.f("vpid") !== 0n,
});

// EPT and what stands behind it.
rows({
  "entry.ctl.eptp.memtype": (e) => {
    if (!e.ept) return true;
    const type = field(e.f("eptp"), 2, 0);
    return (type === 0n && e.capBit(0x48c, 8)) || (type === 6n && e.capBit(0x48c, 14));
  },
  "entry.ctl.eptp.walk": (e) => {
    if (!e.ept) return true;
    const length = field(e.f("eptp"), 5, 3);
    return (length === 3n && e.capBit(0x48c, 6)) || (length === 4n && e.capBit(0x48c, 7));
  },
  "entry.ctl.eptp.ad": (e) => !e.ept || !bit(e.f("eptp"), 6) || e.capBit(0x48c, 21),
  "entry.ctl.eptp.sss": (e) => !e.ept || !bit(e.f("eptp"), 7) || e.capBit(0x48c, 23),
  "entry.ctl.eptp.reserved": (e) =>
    !e.ept || (field(e.f("eptp"), 11, 8) === 0n && e.inRange(e.f("eptp"))),
  "entry.ctl.pml.ept": (e) => !e.on("secondary.enable_pml") || e.ept,
  "entry.ctl.pml.addr": (e) => !e.on("secondary.enable_pml") || e.pa("pml_address", 12),
  "entry.ctl.urg.ept": (e) => !e.urg || e.ept,
  "entry.ctl.mbec.ept": (e) => !e.on("secondary.mode_based_execute_ept") || e.ept,
  "entry.ctl.spp.ept": (e) => !e.on("secondary.subpage_write_permissions") || e.ept,
  "entry.ctl.spp.addr": (e) =>
    !e.on("secondary.subpage_write_permissions") || e.pa("sppt_pointer", 12),
  "entry.ctl.vmfunc.reserved": (e) =>
    !e.on("secondary.enable_vm_functions") ||
    (e.f("vm_function_controls") | e.cap(0x491)) === e.cap(0x491),
  "entry.ctl.vmfunc.eptpsw.ept": (e) => !e.eptpSwitching || e.ept,
  "entry.ctl.vmfunc.eptpsw.addr": (e) => !e.eptpSwitching || e.pa("eptp_list_addr", 12),
  "entry.ctl.shadow.vmread": (e) =>
    !e.on("secondary.vmcs_shadowing") || e.pa("vmread_bitmap_addr", 12),
  "entry.ctl.shadow.vmwrite": (e) =>
    !e.on("secondary.vmcs_shadowing") || e.pa("vmwrite_bitmap_addr", 12),
  "entry.ctl.ve.addr": (e) => !e.on("secondary.ept_violation_ve") || e.pa("ve_info_addr", 12),
  "entry.ctl.tscmul.zero": (e) =>
    !e.on("secondary.use_tsc_scaling") || e.f("tsc_multiplier") !== 0n,
  "entry.ctl.ipiv.table": (e) =>
    !e.on("tertiary.ipi_virtualization") || e.pa("pid_pointer_table_addr", 3),
  "entry.ctl.ipiv.last": (e) =>
    !e.on("tertiary.ipi_virtualization") ||
    e.inRange(e.f("pid_pointer_table_addr") + 8n * e.f("last_pid_pointer_index") + 7n),
});

for (const [ids, name] of [
  ["entry.exit.msrstore", "vmexit_msr_store"],
  ["entry.exit.msrload", "vmexit_msr_load"],
  ["entry.entry.msrload", "vmentry_msr_load"],
] as const) {
  const list =
    (holds: (e: Entry, address: bigint, count: bigint) => boolean): Condition =>
    (e) => {
      const { count, address } = e.list(name);
      return count === 0n || holds(e, address, count);
    };
  rows({
    [`${ids}.align`]: list((_e, address) => address % 16n === 0n),
    [`${ids}.pa`]: list((e, address) => e.inRange(address)),
    [`${ids}.last`]: list((e, address, count) => e.inRange(address + 16n * count - 1n)),
  });
}

const WITH_ERROR_CODE = [8, 10, 11, 12, 13, 14, 17];

// VM-exit and VM-entry control fields.
rows({
  "entry.exit.reserved": (e) => e.word("vmexit_controls", 0x48f),
  "entry.exit.preempt.save": (e) =>
    e.on("pin.activate_preemption_timer") || !e.on("exit.save_preemption_timer"),
  "entry.entry.reserved": (e) => e.word("vmentry_controls", 0x490),
  "entry.inj.type.reserved": (e) => e.inject !== 1 && (e.inject !== 7 || e.capBit(0x48e, 32 + 27)),
  "entry.inj.vector.nmi": (e) => e.inject !== 2 || e.vector === 2,
  "entry.inj.vector.hwexc": (e) => e.inject !== 3 || e.vector <= 31,
  "entry.inj.vector.other": (e) => e.inject !== 7 || e.vector === 0,
  "entry.inj.ec.type": (e) => !e.deliversCode || e.inject === 3,
  "entry.inj.ec.realmode": (e) => !e.deliversCode || !e.urg || e.pe,
  "entry.inj.ec.required": (e) => {
    if (e.capBit(0x480, 56) || e.inject !== 3 || (e.urg && !e.pe)) return true;
    return e.deliversCode === WITH_ERROR_CODE.includes(e.vector);
  },
  "entry.inj.reserved": (e) =>
    e.inject === undefined || field(e.f("vmentry_intr_info"), 30, 12) === 0n,
  "entry.inj.ec.upper": (e) =>
    !e.deliversCode || field(e.f("vmentry_exception_error_code"), 31, 16) === 0n,
  "entry.inj.length": (e) => {
    if (e.inject !== 4 && e.inject !== 5 && e.inject !== 6) return true;
    const length = e.f("vmentry_instruction_length");
    return length <= 15n && (length >= 1n || e.capBit(0x485, 30));
  },
});

function fixed(e: Entry, value: bigint, msr0: number, msr1: number, ignore: readonly number[]) {
  for (let place = 0; place < 64; place++) {
    if (ignore.includes(place)) continue;
    if (bit(value, place) ? !e.capBit(msr1, place) : e.capBit(msr0, place)) return false;
  }
  return true;
}

const NW_CD = [29, 30];
const host = (reference: string) => `exit.${reference}`;

// Host state.
rows({
  "entry.host.cr0.fixed": (e) => fixed(e, e.f("host_cr0"), 0x486, 0x487, NW_CD),
  "entry.host.cr4.fixed": (e) => fixed(e, e.f("host_cr4"), 0x488, 0x489, []),
  "entry.host.cr3.pa": (e) => e.inRange(e.f("host_cr3")),
  "entry.host.sysenter.esp": (e) => e.canonical("host_ia32_sysenter_esp"),
  "entry.host.sysenter.eip": (e) => e.canonical("host_ia32_sysenter_eip"),
  "entry.host.pat": (e) => !e.on(host("load_ia32_pat")) || patValid(e.f("host_ia32_pat")),
  "entry.host.efer.reserved": (e) =>
    !e.on(host("load_ia32_efer")) || (e.f("host_ia32_efer") & ~e.processor.eferBits) === 0n,
  "entry.host.efer.lma": (e) =>
    !e.on(host("load_ia32_efer")) || bit(e.f("host_ia32_efer"), 10) === e.host64,
  "entry.host.efer.lme": (e) =>
    !e.on(host("load_ia32_efer")) || bit(e.f("host_ia32_efer"), 8) === e.host64,
  "entry.host.cs.null": (e) => e.f("host_cs_selector") !== 0n,
  "entry.host.tr.null": (e) => e.f("host_tr_selector") !== 0n,
  "entry.host.ss.null": (e) => e.host64 || e.f("host_ss_selector") !== 0n,
  "entry.host.size.legacy.guest": (e) => bit(e.state.efer, 10) || !e.ia32e,
  "entry.host.size.legacy.host": (e) => bit(e.state.efer, 10) || !e.host64,
  "entry.host.size.long.host": (e) => !bit(e.state.efer, 10) || e.host64,
  "entry.host.size32.guest": (e) => e.host64 || !e.ia32e,
  "entry.host.size32.pcide": (e) => e.host64 || !bit(e.f("host_cr4"), 17),
  "entry.host.size32.rip": (e) => e.host64 || e.f("host_rip") < 1n << 32n,
  "entry.host.size64.pae": (e) => !e.host64 || bit(e.f("host_cr4"), 5),
  "entry.host.size64.rip": (e) => !e.host64 || e.canonical("host_rip"),
});
for (const name of ["es", "cs", "ss", "ds", "fs", "gs", "tr"]) {
  rows({ [`entry.host.sel.${name}`]: (e) => e.f(`host_${name}_selector`) % 8n === 0n });
}
for (const name of ["fs", "gs", "gdtr", "idtr", "tr"]) {
  rows({ [`entry.host.${name}.base`]: (e) => e.canonical(`host_${name}_base`) });
}

// Guest control registers, debug registers, MSRs.
rows({
  "entry.guest.cr0.fixed": (e) =>
    fixed(e, e.f("guest_cr0"), 0x486, 0x487, e.urg ? [...NW_CD, 0, 31] : NW_CD),
  "entry.guest.cr0.pg_pe": (e) => !e.pg || e.pe,
  "entry.guest.cr4.fixed": (e) => fixed(e, e.f("guest_cr4"), 0x488, 0x489, []),
  "entry.guest.debugctl": (e) =>
    !e.on("entry.load_debug_controls") || e.f("guest_ia32_debugctl") < 4n,
  "entry.guest.ia32e.pg": (e) => !e.ia32e || e.pg,
  "entry.guest.ia32e.pae": (e) => !e.ia32e || bit(e.f("guest_cr4"), 5),
  "entry.guest.legacy.pcide": (e) => e.ia32e || !bit(e.f("guest_cr4"), 17),
  "entry.guest.cr3.pa": (e) => e.inRange(e.f("guest_cr3")),
  "entry.guest.dr7": (e) => !e.on("entry.load_debug_controls") || e.f("guest_dr7") < 1n << 32n,
  "entry.guest.sysenter.esp": (e) => e.canonical("guest_ia32_sysenter_esp"),
  "entry.guest.sysenter.eip": (e) => e.canonical("guest_ia32_sysenter_eip"),
  "entry.guest.pat": (e) => !e.on("entry.load_ia32_pat") || patValid(e.f("guest_ia32_pat")),
  "entry.guest.efer.reserved": (e) =>
    !e.on("entry.load_ia32_efer") || (e.f("guest_ia32_efer") & ~e.processor.eferBits) === 0n,
  "entry.guest.efer.lma": (e) =>
    !e.on("entry.load_ia32_efer") || bit(e.f("guest_ia32_efer"), 10) === e.ia32e,
  "entry.guest.efer.lme": (e) => {
    const efer = e.f("guest_ia32_efer");
    return !e.on("entry.load_ia32_efer") || !e.pg || bit(efer, 8) === bit(efer, 10);
  },
});

const seg = (name: string, holds: (s: Segment, e: Entry) => boolean): Condition => {
  return (e) => holds(new Segment(e, name), e);
};

// Guest segment registers: selectors and bases.
rows({
  "entry.guest.tr.ti": seg("tr", (s) => !s.ti),
  "entry.guest.ldtr.ti": seg("ldtr", (s) => !s.usable || !s.ti),
  "entry.guest.ss.rpl_cs": seg("ss", (ss, e) => {
    return e.v86 || e.urg || ss.rpl === new Segment(e, "cs").rpl;
  }),
  "entry.guest.tr.base": (e) => e.canonical("guest_tr_base"),
  "entry.guest.fs.base": (e) => e.canonical("guest_fs_base"),
  "entry.guest.gs.base": (e) => e.canonical("guest_gs_base"),
  "entry.guest.ldtr.base": seg("ldtr", (s, e) => !s.usable || e.canonical("guest_ldtr_base")),
  "entry.guest.cs.base.high": seg("cs", (s) => s.base < 1n << 32n),
});
for (const name of ["ss", "ds", "es"]) {
  rows({
    [`entry.guest.${name}.base.high`]: seg(name, (s) => !s.usable || s.base < 1n << 32n),
  });
}

/** Rows for `name` outside virtual-8086 mode that do not matter for an unusable register. */
function usableRows(name: string, conditions: Record<string, (s: Segment) => boolean>): void {
  for (const [suffix, holds] of Object.entries(conditions)) {
    rows({
      [`entry.guest.${name}.ar.${suffix}`]: seg(name, (s, e) => {
        return e.v86 || (name !== "cs" && !s.usable) || holds(s);
      }),
    });
  }
}

for (const name of ["cs", "ss", "ds", "es", "fs", "gs"]) {
  rows({
    [`entry.guest.${name}.base.v86`]: seg(name, (s, e) => !e.v86 || s.base === s.selector * 16n),
    [`entry.guest.${name}.limit.v86`]: seg(name, (s, e) => !e.v86 || s.limit === 0xffffn),
    [`entry.guest.${name}.ar.v86`]: seg(name, (s, e) => !e.v86 || s.ar === 0xf3n),
  });
  usableRows(name, {
    s: (s) => s.s,
    p: (s) => s.p,
    reserved_11_8: (s) => field(s.ar, 11, 8) === 0n,
    "g.low": (s) => s.lowOnes || !s.g,
    "g.high": (s) => s.highZero || s.g,
    reserved_31_17: (s) => field(s.ar, 31, 17) === 0n,
  });
}
for (const name of ["ds", "es", "fs", "gs"]) {
  usableRows(name, {
    "type.accessed": (s) => s.type % 2 === 1,
    "type.readable": (s) => s.type < 8 || (s.type & 2) !== 0,
  });
  rows({
    [`entry.guest.${name}.ar.dpl`]: seg(name, (s, e) => {
      return e.v86 || e.urg || !s.usable || s.type >= 12 || s.dpl >= s.rpl;
    }),
  });
}
usableRows("ss", { type: (s) => s.type === 3 || s.type === 7 });

const csRow = (holds: (cs: Segment, ss: Segment, e: Entry) => boolean): Condition => {
  return (e) => e.v86 || holds(new Segment(e, "cs"), new Segment(e, "ss"), e);
};

rows({
  "entry.guest.cs.ar.type": csRow((cs, _ss, e) => {
    return [9, 11, 13, 15].includes(cs.type) || (e.urg && cs.type === 3);
  }),
  "entry.guest.cs.ar.dpl.real": csRow((cs) => cs.type !== 3 || cs.dpl === 0),
  "entry.guest.cs.ar.dpl.nonconf": csRow(
    (cs, ss) => (cs.type !== 9 && cs.type !== 11) || cs.dpl === ss.dpl,
  ),
  "entry.guest.cs.ar.dpl.conf": csRow(
    (cs, ss) => (cs.type !== 13 && cs.type !== 15) || cs.dpl <= ss.dpl,
  ),
  "entry.guest.ss.ar.dpl.rpl": csRow((_cs, ss, e) => e.urg || ss.dpl === ss.rpl),
  "entry.guest.ss.ar.dpl.zero": csRow((cs, ss, e) => (cs.type !== 3 && e.pe) || ss.dpl === 0),
  "entry.guest.cs.ar.db_l": csRow((cs, _ss, e) => !e.ia32e || !cs.l || !cs.db),
});

// TR and LDTR.
rows({
  "entry.guest.tr.ar.type": seg("tr", (s, e) => s.type === 11 || (!e.ia32e && s.type === 3)),
  "entry.guest.tr.ar.unusable": seg("tr", (s) => s.usable),
  "entry.guest.ldtr.ar.type": seg("ldtr", (s) => !s.usable || s.type === 2),
});
for (const name of ["tr", "ldtr"]) {
  const row = (suffix: string, holds: (s: Segment) => boolean) => {
    const condition = seg(name, (s) => (name === "ldtr" && !s.usable) || holds(s));
    rows({ [`entry.guest.${name}.ar.${suffix}`]: condition });
  };
  row("s", (s) => !s.s);
  row("p", (s) => s.p);
  row("reserved_11_8", (s) => field(s.ar, 11, 8) === 0n);
  row("g.low", (s) => s.lowOnes || !s.g);
  row("g.high", (s) => s.highZero || s.g);
  row("reserved_31_17", (s) => field(s.ar, 31, 17) === 0n);
}

// Descriptor tables, RIP, RFLAGS.
rows({
  "entry.guest.gdtr.base": (e) => e.canonical("guest_gdtr_base"),
  "entry.guest.idtr.base": (e) => e.canonical("guest_idtr_base"),
  "entry.guest.gdtr.limit": (e) => e.f("guest_gdtr_limit") < 0x10000n,
  "entry.guest.idtr.limit": (e) => e.f("guest_idtr_limit") < 0x10000n,
  "entry.guest.rip.high": seg("cs", (s, e) => (e.ia32e && s.l) || e.f("guest_rip") < 1n << 32n),
  "entry.guest.rip.wide": seg("cs", (s, e) => !e.ia32e || !s.l || e.wide("guest_rip")),
  "entry.guest.rflags.reserved": (e) => {
    const flags = e.f("guest_rflags");
    return flags < 1n << 22n && ![3, 5, 15].some((place) => bit(flags, place));
  },
  "entry.guest.rflags.bit1": (e) => bit(e.f("guest_rflags"), 1),
  "entry.guest.rflags.vm": (e) => !e.v86 || (!e.ia32e && e.pe),
  "entry.guest.rflags.if": (e) => e.inject !== 0 || bit(e.f("guest_rflags"), 9),
});

// Non-register state.
rows({
  "entry.guest.activity.range": (e) => {
    return e.activity === 0 || (e.activity <= 3 && e.capBit(0x485, 5 + e.activity));
  },
  "entry.guest.activity.hlt_dpl": seg("ss", (s, e) => e.activity !== 1 || s.dpl === 0),
  "entry.guest.activity.blocking": (e) => e.activity === 0 || (!e.blocks(0) && !e.blocks(1)),
  "entry.guest.activity.inject.hlt": (e) => {
    if (e.activity !== 1 || e.inject === undefined) return true;
    const { inject, vector } = e;
    if (inject === 3) return vector === 1 || vector === 18;
    return inject === 0 || inject === 2 || (inject === 7 && vector === 0);
  },
  "entry.guest.activity.inject.shutdown": (e) => {
    if (e.activity !== 2 || e.inject === undefined) return true;
    return (e.inject === 2 && e.vector === 2) || (e.inject === 3 && e.vector === 18);
  },
  "entry.guest.activity.inject.sipi": (e) => e.activity !== 3 || e.inject === undefined,
  "entry.guest.intr.reserved": (e) => e.f("guest_interruptibility") < 32n,
  "entry.guest.intr.both": (e) => !(e.blocks(0) && e.blocks(1)),
  "entry.guest.intr.sti_if": (e) => bit(e.f("guest_rflags"), 9) || !e.blocks(0),
  "entry.guest.intr.inject.ext": (e) => e.inject !== 0 || (!e.blocks(0) && !e.blocks(1)),
  "entry.guest.intr.inject.nmi_movss": (e) => e.inject !== 2 || !e.blocks(1),
  "entry.guest.intr.inject.nmi_sti": (e) => e.inject !== 2 || !e.blocks(0),
  "entry.guest.intr.smi.outside": (e) => !e.blocks(2),
  "entry.guest.intr.inject.vnmi": (e) =>
    !e.on("pin.virtual_nmis") || e.inject !== 2 || !e.blocks(3),
  "entry.guest.intr.enclave": (e) => !e.blocks(4),
  "entry.guest.pdbg.reserved": (e) => {
    const pending = e.f("guest_pending_debug");
    const clear = field(pending, 10, 4) === 0n && field(pending, 63, 17) === 0n;
    return clear && ![11, 13, 15].some((place) => bit(pending, place));
  },
  "entry.guest.pdbg.bs_set": (e) => {
    return !e.steppingHeld || !e.steps || bit(e.f("guest_pending_debug"), 14);
  },
  "entry.guest.pdbg.bs_clear": (e) => {
    return !e.steppingHeld || e.steps || !bit(e.f("guest_pending_debug"), 14);
  },
  "entry.guest.pdbg.rtm.cpuid": (e) => !bit(e.f("guest_pending_debug"), 16),
  "entry.guest.link.addr": (e) => e.link === NO_LINK || e.pa("vmcs_link_pointer", 12),
  "entry.guest.link.revision": (e) =>
    e.link === NO_LINK || field(e.dword(e.link), 30, 0) === field(e.cap(0x480), 30, 0),
  "entry.guest.link.shadow": (e) =>
    e.link === NO_LINK || bit(e.dword(e.link), 31) === e.on("secondary.vmcs_shadowing"),
  "entry.guest.link.current": (e) => e.link !== BigInt(VMCS_HPA),
});

function pdptesValid(e: Entry, read: (i: number) => bigint): boolean {
  if (!e.pg || !bit(e.f("guest_cr4"), 5) || e.ia32e) return true;
  return [0, 1, 2, 3].every((i) => {
    const entry = read(i);
    if (!bit(entry, 0)) return true;
    return field(entry, 2, 1) === 0n && field(entry, 8, 5) === 0n && e.inRange(entry);
  });
}

rows({
  "entry.guest.pdpte.ept": (e) => !e.ept || pdptesValid(e, (i) => e.f(`guest_pdpte${i}`)),
  "entry.guest.pdpte.mem": (e) => {
    const table = field(e.f("guest_cr3"), 31, 5) * 32n;
    return e.ept || pdptesValid(e, (i) => e.qword(table + BigInt(8 * i)));
  },
});

/** Rows that the model has a condition for. */
export const MODELLED: ReadonlySet<string> = new Set(CONDITIONS.keys());

const CHECKED = ENTRY_CHECKS.filter(({ phase, built }) => built && phase !== "msr");

/** Every row whose condition does not hold, in the order of the table. */
export function failingChecks(state: EntryState, processor: Processor): string[] {
  const entry = new Entry(state, processor);
  return CHECKED.filter(({ id }) => !CONDITIONS.get(id)!(entry)).map(({ id }) => id);
}

export interface Verdict {
  /** 0 for an entry that may go on to load guest state. */
  readonly outcome: 0 | 7 | 8 | 33;
  readonly qualification: number;
  readonly check: string | undefined;
}

/** What the entry comes to: the first row that fails decides. */
export function judge(state: EntryState, processor: Processor): Verdict {
  const entry = new Entry(state, processor);
  const row = CHECKED.find(({ id }) => !CONDITIONS.get(id)!(entry));
  if (row === undefined) return { outcome: 0, qualification: 0, check: undefined };
  const { outcome, qualification, id } = row;
  return { outcome: outcome as 7 | 8 | 33, qualification, check: id };
}
