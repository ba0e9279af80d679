/** Conditions of the VM-entry checks on control fields and host state, from the manual. */
import { bit, type Condition, type Entry, field, fixed, NW_CD, patValid } from "./model-entry.ts";

export const CONTROL_CONDITIONS = new Map<string, Condition>();

function rows(conditions: Record<string, Condition>): void {
  for (const [id, condition] of Object.entries(conditions)) CONTROL_CONDITIONS.set(id, condition);
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
