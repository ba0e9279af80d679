/**
 * For each VM-entry check a state that holds it for a reason of its own and one that breaks it and no
 * other. States are differences from the base of entry-state.ts.
 */
import {
  type Changes,
  HOST_32,
  LINK_HPA,
  PAE_GUEST,
  PDPT_HPA,
  REAL_GUEST,
  V86_GUEST,
  VIRTUAL_APIC_HPA,
  VMCS_HPA,
} from "./entry-state.ts";

export interface EntryCase {
  /** CPU model; the newest unless given. */
  readonly model?: string;
  /** What both states have beside the base. */
  readonly setup?: readonly Changes[];
  readonly pass: Changes;
  readonly fail: Changes;
  /** Checks that cannot but fail along with it. */
  readonly also?: readonly string[];
}

export const NEWEST = "sapphire-rapids";

/** First address above the range of the newest model. */
const BEYOND = 1n << 46n;
const PAGE_LAST = BEYOND - 4096n;
/** First address that is not canonical with 57 bits. */
const NOT_CANONICAL = 1n << 56n;
const LOWEST_NEGATIVE = 0xff00000000000000n;
const LEFT_4G = 1n << 32n;

const EPT: Changes = { on: "secondary.enable_ept" };
const TPR: Changes = { on: "primary.use_tpr_shadow" };
const VID: Changes = {
  on:
    "primary.use_tpr_shadow secondary.virtual_interrupt_delivery pin.external_interrupt_exiting " +
    "exit.acknowledge_interrupt_on_exit",
};
const POSTED: Changes = { on: "pin.process_posted_interrupts" };

const set = (name: string, value: bigint | number): Changes => ({ fields: { [name]: value } });

/** A page address that a control brings into force: the last page, and beyond it or not aligned. */
function page(control: string, name: string, ...setup: Changes[]): EntryCase {
  return {
    setup: [...setup, { on: control }],
    pass: set(name, PAGE_LAST),
    fail: set(name, BEYOND | 0x1000n),
  };
}

const CONTROL_CASES: Record<string, EntryCase> = {
  "entry.ctl.pin.reserved": {
    pass: { on: "pin.external_interrupt_exiting" },
    fail: set("pin_based_controls", 0x116),
  },
  "entry.ctl.proc.reserved": {
    pass: { on: "primary.hlt_exiting primary.cr3_load_exiting" },
    fail: set("primary_proc_controls", 0x0401a172),
    model: "penryn",
  },
  "entry.ctl.proc2.reserved": {
    setup: [set("secondary_proc_controls", 0x8000)],
    pass: {},
    fail: { on: "primary.activate_secondary_controls" },
  },
  "entry.ctl.proc3.reserved": {
    setup: [set("tertiary_exec_controls", 1n << 40n)],
    pass: {},
    fail: { on: "primary.activate_tertiary_controls" },
  },
  "entry.ctl.cr3target.count": {
    pass: set("cr3_target_count", 4),
    fail: set("cr3_target_count", 5),
  },
  "entry.ctl.iobitmap.a": page("primary.use_io_bitmaps", "io_bitmap_a"),
  "entry.ctl.iobitmap.b": page("primary.use_io_bitmaps", "io_bitmap_b"),
  "entry.ctl.msrbitmap": page("primary.use_msr_bitmaps", "msr_bitmap"),
  "entry.ctl.tpr.vapic.addr": page("primary.use_tpr_shadow", "virtual_apic_addr"),
  "entry.ctl.tpr.threshold.reserved": {
    setup: [TPR, { memory: { [VIRTUAL_APIC_HPA + 0x80]: 0xf0 } }],
    pass: set("tpr_threshold", 15),
    fail: set("tpr_threshold", 16),
  },
  "entry.ctl.tpr.threshold.vtpr": {
    setup: [TPR, { memory: { [VIRTUAL_APIC_HPA + 0x80]: 0x5f } }],
    pass: set("tpr_threshold", 5),
    fail: set("tpr_threshold", 6),
  },
  "entry.ctl.nmi.virtual": {
    setup: [{ on: "pin.virtual_nmis" }],
    pass: { on: "pin.nmi_exiting" },
    fail: {},
  },
  "entry.ctl.nmi.window": {
    setup: [{ on: "primary.nmi_window_exiting pin.nmi_exiting" }],
    pass: { on: "pin.virtual_nmis" },
    fail: {},
  },
  "entry.ctl.apicaccess.addr": page("secondary.virtualize_apic_accesses", "apic_access_addr"),
  "entry.ctl.tpr.required.x2apic": {
    setup: [{ on: "secondary.virtualize_x2apic_mode" }],
    pass: TPR,
    fail: {},
  },
  "entry.ctl.tpr.required.regvirt": {
    setup: [{ on: "secondary.apic_register_virtualization" }],
    pass: TPR,
    fail: {},
  },
  "entry.ctl.tpr.required.vid": {
    setup: [VID],
    pass: {},
    fail: { off: "primary.use_tpr_shadow" },
  },
  "entry.ctl.tpr.required.ipiv": {
    setup: [{ on: "tertiary.ipi_virtualization" }],
    pass: TPR,
    fail: {},
  },
  "entry.ctl.x2apic.exclusive": {
    setup: [TPR, { on: "secondary.virtualize_x2apic_mode" }],
    pass: {},
    fail: { on: "secondary.virtualize_apic_accesses" },
  },
  "entry.ctl.vid.extint": {
    setup: [VID],
    pass: {},
    fail: { off: "pin.external_interrupt_exiting" },
  },
  "entry.ctl.posted.vid": {
    setup: [VID, POSTED],
    pass: {},
    fail: { off: "secondary.virtual_interrupt_delivery" },
  },
  "entry.ctl.posted.ack": {
    setup: [VID, POSTED],
    pass: {},
    fail: { off: "exit.acknowledge_interrupt_on_exit" },
  },
  "entry.ctl.posted.vector": {
    setup: [VID, POSTED],
    pass: set("posted_intr_notification_vector", 0xff),
    fail: set("posted_intr_notification_vector", 0x100),
  },
  "entry.ctl.posted.addr": {
    setup: [VID, POSTED],
    pass: set("posted_intr_desc_addr", BEYOND - 0x40n),
    fail: set("posted_intr_desc_addr", 0x20),
  },
  "entry.ctl.vpid.zero": {
    setup: [{ on: "secondary.enable_vpid" }],
    pass: set("vpid", 0xffff),
    fail: set("vpid", 0),
  },
  "entry.ctl.eptp.memtype": {
    setup: [EPT],
    pass: set("eptp", 0x30018),
    fail: set("eptp", 0x3001c),
  },
  "entry.ctl.eptp.walk": {
    setup: [EPT],
    pass: set("eptp", 0x30026),
    fail: set("eptp", 0x30016),
  },
  "entry.ctl.eptp.ad": {
    model: "westmere",
    setup: [EPT],
    pass: set("eptp", 0x3001e),
    fail: set("eptp", 0x3005e),
  },
  "entry.ctl.eptp.sss": {
    setup: [EPT],
    pass: set("eptp", 0x3005e),
    fail: set("eptp", 0x300de),
  },
  "entry.ctl.eptp.reserved": {
    setup: [EPT],
    pass: set("eptp", PAGE_LAST | 0x1en),
    fail: set("eptp", 0x3081e),
  },
  "entry.ctl.pml.ept": { setup: [{ on: "secondary.enable_pml" }], pass: EPT, fail: {} },
  "entry.ctl.pml.addr": page("secondary.enable_pml", "pml_address", EPT),
  "entry.ctl.urg.ept": { setup: [{ on: "secondary.unrestricted_guest" }], pass: EPT, fail: {} },
  "entry.ctl.mbec.ept": {
    setup: [{ on: "secondary.mode_based_execute_ept" }],
    pass: EPT,
    fail: {},
  },
  "entry.ctl.spp.ept": {
    setup: [{ on: "secondary.subpage_write_permissions" }],
    pass: EPT,
    fail: {},
  },
  "entry.ctl.spp.addr": page("secondary.subpage_write_permissions", "sppt_pointer", EPT),
  "entry.ctl.vmfunc.reserved": {
    setup: [EPT, { on: "secondary.enable_vm_functions" }],
    pass: set("vm_function_controls", 1),
    fail: set("vm_function_controls", 1n << 63n),
  },
  "entry.ctl.vmfunc.eptpsw.ept": {
    setup: [{ on: "secondary.enable_vm_functions" }, set("vm_function_controls", 1)],
    pass: EPT,
    fail: {},
  },
  "entry.ctl.vmfunc.eptpsw.addr": page(
    "secondary.enable_vm_functions",
    "eptp_list_addr",
    EPT,
    set("vm_function_controls", 1),
  ),
  "entry.ctl.shadow.vmread": page("secondary.vmcs_shadowing", "vmread_bitmap_addr"),
  "entry.ctl.shadow.vmwrite": page("secondary.vmcs_shadowing", "vmwrite_bitmap_addr"),
  "entry.ctl.ve.addr": page("secondary.ept_violation_ve", "ve_info_addr"),
  "entry.ctl.tscmul.zero": {
    setup: [{ on: "secondary.use_tsc_scaling" }],
    pass: set("tsc_multiplier", 1n << 63n),
    fail: set("tsc_multiplier", 0),
  },
  "entry.ctl.ipiv.table": {
    setup: [TPR, { on: "tertiary.ipi_virtualization" }],
    pass: set("pid_pointer_table_addr", BEYOND - 8n),
    fail: set("pid_pointer_table_addr", 4),
  },
  "entry.ctl.ipiv.last": {
    setup: [
      TPR,
      { on: "tertiary.ipi_virtualization" },
      set("pid_pointer_table_addr", BEYOND - 0x80000n),
    ],
    pass: set("last_pid_pointer_index", 0xffff),
    fail: {
      fields: { last_pid_pointer_index: 0xffff, pid_pointer_table_addr: BEYOND - 0x7fff8n },
    },
  },
};

/** The three checks on a list of MSRs. */
function msrList(ids: string, name: string): Record<string, EntryCase> {
  const list = (address: bigint | number, count: number): Changes => ({
    fields: { [`${name}_addr`]: address, [`${name}_count`]: count },
  });
  return {
    [`${ids}.align`]: { pass: list(0x11, 0), fail: list(0x18, 1) },
    [`${ids}.pa`]: {
      pass: list(0x10, 1),
      fail: list(BEYOND, 1),
      also: [`${ids}.last`],
    },
    [`${ids}.last`]: { pass: list(BEYOND - 32n, 2), fail: list(BEYOND - 16n, 2) },
  };
}

const VALID = 0x80000000;
const injected = (info: number, length = 2): Changes => ({
  fields: { vmentry_intr_info: VALID + info, vmentry_instruction_length: length },
});

const TRANSITION_CASES: Record<string, EntryCase> = {
  "entry.exit.reserved": {
    pass: { on: "exit.save_ia32_pat exit.save_debug_controls" },
    fail: { on: "exit.load_ia32_perf_global_ctrl" },
  },
  "entry.exit.preempt.save": {
    setup: [{ on: "exit.save_preemption_timer" }],
    pass: { on: "pin.activate_preemption_timer" },
    fail: {},
  },
  ...msrList("entry.exit.msrstore", "vmexit_msr_store"),
  ...msrList("entry.exit.msrload", "vmexit_msr_load"),
  "entry.entry.reserved": {
    pass: { on: "entry.load_debug_controls" },
    fail: { on: "entry.entry_to_smm" },
  },
  "entry.inj.type.reserved": { pass: injected(0x700), fail: injected(0x103) },
  "entry.inj.vector.nmi": { pass: injected(0x202), fail: injected(0x203) },
  "entry.inj.vector.hwexc": { pass: injected(0x31f), fail: injected(0x320) },
  "entry.inj.vector.other": { pass: injected(0x700), fail: injected(0x701) },
  "entry.inj.ec.type": { pass: injected(0xb0d), fail: injected(0xc0d) },
  "entry.inj.ec.realmode": {
    setup: [REAL_GUEST],
    pass: injected(0x30d),
    fail: injected(0xb0d),
  },
  "entry.inj.ec.required": { model: "skylake", pass: injected(0xb0e), fail: injected(0x30e) },
  "entry.inj.reserved": { pass: injected(0x301), fail: injected(0x1301) },
  "entry.inj.ec.upper": {
    setup: [injected(0xb0d)],
    pass: set("vmentry_exception_error_code", 0xffff),
    fail: set("vmentry_exception_error_code", 0x10000),
  },
  "entry.inj.length": { model: "haswell", pass: injected(0x480, 15), fail: injected(0x480, 0) },
  ...msrList("entry.entry.msrload", "vmentry_msr_load"),
};

/** A base that must be canonical. */
function canonical(name: string): EntryCase {
  return { pass: set(name, LOWEST_NEGATIVE), fail: set(name, NOT_CANONICAL) };
}

/** A PAT field with a load control. */
function pat(control: string, name: string): EntryCase {
  return {
    setup: [{ on: control }],
    pass: set(name, 0x0001040506070000n),
    fail: set(name, 0x0001040502070000n),
  };
}

const LOAD_EFER: Changes = { on: "exit.load_ia32_efer" };

const HOST_CASES: Record<string, EntryCase> = {
  "entry.host.cr0.fixed": {
    pass: set("host_cr0", 0xe0000021n),
    fail: set("host_cr0", 0x80000001n),
  },
  "entry.host.cr4.fixed": { pass: set("host_cr4", 0x20a0), fail: set("host_cr4", 0x20) },
  "entry.host.cr3.pa": { pass: set("host_cr3", BEYOND - 1n), fail: set("host_cr3", BEYOND) },
  "entry.host.sysenter.esp": canonical("host_ia32_sysenter_esp"),
  "entry.host.sysenter.eip": canonical("host_ia32_sysenter_eip"),
  "entry.host.pat": pat("exit.load_ia32_pat", "host_ia32_pat"),
  "entry.host.efer.reserved": {
    setup: [LOAD_EFER],
    pass: set("host_ia32_efer", 0xd01),
    fail: set("host_ia32_efer", 0xd02),
  },
  "entry.host.efer.lma": {
    setup: [LOAD_EFER],
    pass: {},
    fail: set("host_ia32_efer", 0x100),
  },
  "entry.host.efer.lme": {
    setup: [LOAD_EFER],
    pass: {},
    fail: set("host_ia32_efer", 0x400),
  },
  "entry.host.cs.null": { pass: set("host_cs_selector", 0x10), fail: set("host_cs_selector", 0) },
  "entry.host.tr.null": { pass: set("host_tr_selector", 8), fail: set("host_tr_selector", 0) },
  "entry.host.ss.null": {
    setup: [HOST_32],
    pass: set("host_ss_selector", 8),
    fail: set("host_ss_selector", 0),
  },
  "entry.host.fs.base": canonical("host_fs_base"),
  "entry.host.gs.base": canonical("host_gs_base"),
  "entry.host.gdtr.base": canonical("host_gdtr_base"),
  "entry.host.idtr.base": canonical("host_idtr_base"),
  "entry.host.tr.base": canonical("host_tr_base"),
  "entry.host.size.legacy.guest": {
    setup: [HOST_32, { fields: { guest_cs_ar: 0xa09b } }],
    pass: {},
    fail: { on: "entry.ia32e_mode_guest" },
    also: ["entry.host.size32.guest"],
  },
  "entry.host.size.legacy.host": {
    setup: [PAE_GUEST],
    pass: {},
    fail: { efer: 0n },
  },
  "entry.host.size.long.host": {
    setup: [HOST_32],
    pass: {},
    fail: { efer: 0x500n },
  },
  "entry.host.size32.guest": {
    pass: {},
    fail: { off: "exit.host_address_space_size" },
    also: ["entry.host.size.long.host"],
  },
  "entry.host.size32.pcide": {
    setup: [HOST_32],
    pass: {},
    fail: set("host_cr4", 0x22020),
  },
  "entry.host.size32.rip": {
    setup: [HOST_32],
    pass: set("host_rip", LEFT_4G - 1n),
    fail: set("host_rip", LEFT_4G),
  },
  "entry.host.size64.pae": { pass: {}, fail: set("host_cr4", 0x2000) },
  "entry.host.size64.rip": canonical("host_rip"),
};
for (const name of ["es", "cs", "ss", "ds", "fs", "gs", "tr"]) {
  HOST_CASES[`entry.host.sel.${name}`] = {
    pass: set(`host_${name}_selector`, 0xfff8),
    fail: set(`host_${name}_selector`, name === "es" ? 0xc : 0x9),
  };
}

const GUEST_EFER: Changes = { on: "entry.load_ia32_efer" };
const LOAD_DEBUG: Changes = { on: "entry.load_debug_controls" };

const REGISTER_CASES: Record<string, EntryCase> = {
  "entry.guest.cr0.fixed": {
    pass: set("guest_cr0", 0xe0000021n),
    fail: set("guest_cr0", 0x80000011n),
  },
  "entry.guest.cr0.pg_pe": {
    setup: [REAL_GUEST],
    pass: set("guest_cr0", 0x80000031n),
    fail: set("guest_cr0", 0x80000030n),
  },
  "entry.guest.cr4.fixed": { pass: set("guest_cr4", 0x20a0), fail: set("guest_cr4", 0x20) },
  "entry.guest.debugctl": {
    setup: [LOAD_DEBUG],
    pass: set("guest_ia32_debugctl", 3),
    fail: set("guest_ia32_debugctl", 1n << 63n),
  },
  "entry.guest.ia32e.pg": {
    setup: [EPT, { on: "secondary.unrestricted_guest" }],
    pass: {},
    fail: set("guest_cr0", 0x31),
  },
  "entry.guest.ia32e.pae": { pass: {}, fail: set("guest_cr4", 0x2000) },
  "entry.guest.legacy.pcide": {
    setup: [set("guest_cr4", 0x22020)],
    pass: {},
    fail: PAE_GUEST,
  },
  "entry.guest.cr3.pa": { pass: set("guest_cr3", BEYOND - 1n), fail: set("guest_cr3", BEYOND) },
  "entry.guest.dr7": {
    setup: [LOAD_DEBUG],
    pass: set("guest_dr7", 0xffffffffn),
    fail: set("guest_dr7", LEFT_4G),
  },
  "entry.guest.sysenter.esp": canonical("guest_ia32_sysenter_esp"),
  "entry.guest.sysenter.eip": canonical("guest_ia32_sysenter_eip"),
  "entry.guest.pat": pat("entry.load_ia32_pat", "guest_ia32_pat"),
  "entry.guest.efer.reserved": {
    setup: [GUEST_EFER],
    pass: set("guest_ia32_efer", 0xd01),
    fail: set("guest_ia32_efer", 0xd02),
  },
  "entry.guest.efer.lma": {
    setup: [GUEST_EFER],
    pass: {},
    fail: set("guest_ia32_efer", 0),
  },
  "entry.guest.efer.lme": {
    setup: [GUEST_EFER],
    pass: {},
    fail: set("guest_ia32_efer", 0x400),
  },
};

const LDT: Changes = { fields: { guest_ldtr_ar: 0x82, guest_ldtr_limit: 0xffff } };

const SEGMENT_CASES: Record<string, EntryCase> = {
  "entry.guest.tr.ti": {
    pass: set("guest_tr_selector", 0x1b),
    fail: set("guest_tr_selector", 0x1c),
  },
  "entry.guest.ldtr.ti": {
    setup: [set("guest_ldtr_selector", 0x2c)],
    pass: {},
    fail: LDT,
  },
  "entry.guest.ss.rpl_cs": {
    pass: set("guest_cs_selector", 0xc),
    fail: set("guest_cs_selector", 0xb),
  },
  "entry.guest.tr.base": canonical("guest_tr_base"),
  "entry.guest.fs.base": {
    setup: [set("guest_fs_ar", 0x10000)],
    ...canonical("guest_fs_base"),
  },
  "entry.guest.gs.base": canonical("guest_gs_base"),
  "entry.guest.ldtr.base": {
    setup: [set("guest_ldtr_base", NOT_CANONICAL)],
    pass: {},
    fail: LDT,
  },
  "entry.guest.cs.base.high": {
    pass: set("guest_cs_base", LEFT_4G - 1n),
    fail: set("guest_cs_base", LEFT_4G),
  },
  "entry.guest.cs.ar.type": {
    pass: set("guest_cs_ar", 0xa099),
    fail: set("guest_cs_ar", 0xa09a),
  },
  "entry.guest.ss.ar.type": {
    pass: set("guest_ss_ar", 0xc097),
    fail: set("guest_ss_ar", 0xc091),
  },
  "entry.guest.cs.ar.dpl.real": {
    setup: [REAL_GUEST, set("guest_cr0", 0x31)],
    pass: {},
    fail: set("guest_cs_ar", 0xf3),
  },
  "entry.guest.cs.ar.dpl.nonconf": {
    setup: [{ fields: { guest_cs_selector: 3, guest_ss_selector: 3, guest_ss_ar: 0xc0f3 } }],
    pass: set("guest_cs_ar", 0xa0fb),
    fail: {},
  },
  "entry.guest.cs.ar.dpl.conf": {
    pass: set("guest_cs_ar", 0xa09f),
    fail: set("guest_cs_ar", 0xa0bf),
  },
  "entry.guest.ss.ar.dpl.rpl": {
    setup: [{ fields: { guest_cs_selector: 3, guest_ss_selector: 3, guest_cs_ar: 0xa09f } }],
    pass: set("guest_ss_ar", 0x10060),
    fail: set("guest_ss_ar", 0x10040),
  },
  "entry.guest.ss.ar.dpl.zero": {
    setup: [REAL_GUEST, set("guest_cs_ar", 0x9f)],
    pass: {},
    fail: set("guest_ss_ar", 0xf3),
  },
  "entry.guest.cs.ar.db_l": {
    pass: set("guest_cs_ar", 0xc09b),
    fail: set("guest_cs_ar", 0xe09b),
  },
};
for (const name of ["ss", "ds", "es"]) {
  SEGMENT_CASES[`entry.guest.${name}.base.high`] = {
    setup: [set(`guest_${name}_base`, LEFT_4G)],
    pass: set(`guest_${name}_ar`, 0x10000),
    fail: {},
  };
}

for (const name of ["cs", "ss", "ds", "es", "fs", "gs"]) {
  const ar = name === "cs" ? 0xa09b : 0xc093;
  const rights = (value: number) => set(`guest_${name}_ar`, value);
  const row = (suffix: string, bad: number) => {
    // CS has no unusable form.
    const pass = name === "cs" ? {} : rights(bad + 0x10000);
    SEGMENT_CASES[`entry.guest.${name}.${suffix}`] = { pass, fail: rights(bad) };
  };
  const v86 = (suffix: string, field: string, value: number) => {
    SEGMENT_CASES[`entry.guest.${name}.${suffix}.v86`] = {
      setup: [V86_GUEST],
      pass: {},
      fail: set(`guest_${name}_${field}`, value),
    };
  };
  v86("base", "base", 0x99990);
  v86("limit", "limit", 0xfffff);
  v86("ar", "ar", 0x93);
  row("ar.s", ar & ~0x10);
  row("ar.p", ar & ~0x80);
  row("ar.reserved_11_8", ar | 0x400);
  row("ar.reserved_31_17", ar + 0x20000);
  SEGMENT_CASES[`entry.guest.${name}.ar.g.low`] = {
    setup: [set(`guest_${name}_limit`, 0xffffe)],
    pass: rights(ar & ~0x8000),
    fail: {},
  };
  SEGMENT_CASES[`entry.guest.${name}.ar.g.high`] = {
    setup: [set(`guest_${name}_limit`, 0x100fff)],
    pass: {},
    fail: rights(ar & ~0x8000),
  };
}
for (const name of ["ds", "es", "fs", "gs"]) {
  const rights = (value: number) => set(`guest_${name}_ar`, value);
  SEGMENT_CASES[`entry.guest.${name}.ar.type.accessed`] = {
    pass: rights(0xc091),
    fail: rights(0xc092),
  };
  SEGMENT_CASES[`entry.guest.${name}.ar.type.readable`] = {
    pass: rights(0xc09b),
    fail: rights(0xc099),
  };
  SEGMENT_CASES[`entry.guest.${name}.ar.dpl`] = {
    setup: [set(`guest_${name}_selector`, 0x13)],
    pass: rights(0xc09f),
    fail: rights(0xc0d3),
  };
}

/** Rights and limits that TR and LDTR share. */
function systemSegment(name: string, ar: number, setup: readonly Changes[]): void {
  const rights = (value: number) => set(`guest_${name}_ar`, value);
  const row = (suffix: string, fail: Changes, pass: Changes = {}) => {
    SEGMENT_CASES[`entry.guest.${name}.ar.${suffix}`] = { setup, pass, fail };
  };
  const wide = set(`guest_${name}_limit`, 0x100fff);
  row("s", rights(ar | 0x10));
  row("p", rights(ar & ~0x80));
  row("reserved_11_8", rights(ar | 0x100));
  row("g.low", rights(ar | 0x8000), { fields: { ...wide.fields, ...rights(ar | 0x8000).fields } });
  row("g.high", wide, { fields: { ...wide.fields, ...rights(ar | 0x8000).fields } });
  row("reserved_31_17", rights(ar + 0x80000000));
}

systemSegment("tr", 0x8b, []);
systemSegment("ldtr", 0x82, [LDT, set("guest_ldtr_limit", 0xfff0)]);
SEGMENT_CASES["entry.guest.tr.ar.type"] = {
  setup: [set("guest_tr_ar", 0x83)],
  pass: PAE_GUEST,
  fail: {},
};
SEGMENT_CASES["entry.guest.tr.ar.unusable"] = { pass: {}, fail: set("guest_tr_ar", 0x1008b) };
SEGMENT_CASES["entry.guest.ldtr.ar.type"] = { pass: LDT, fail: set("guest_ldtr_ar", 0x89) };

const flags = (value: number | bigint) => set("guest_rflags", value);
const interrupt = injected(0x20);
const nmi = injected(0x202);

const STATE_CASES: Record<string, EntryCase> = {
  "entry.guest.gdtr.base": canonical("guest_gdtr_base"),
  "entry.guest.idtr.base": canonical("guest_idtr_base"),
  "entry.guest.gdtr.limit": { pass: {}, fail: set("guest_gdtr_limit", 0x10000) },
  "entry.guest.idtr.limit": { pass: {}, fail: set("guest_idtr_limit", 0x10000) },
  "entry.guest.rip.high": {
    setup: [set("guest_rip", LEFT_4G)],
    pass: {},
    fail: set("guest_cs_ar", 0xc09b),
  },
  "entry.guest.rip.wide": {
    // Not canonical, which is no matter.
    pass: set("guest_rip", NOT_CANONICAL),
    fail: set("guest_rip", NOT_CANONICAL << 1n),
  },
  "entry.guest.rflags.reserved": { pass: flags(0x257fd7 & ~0x200000), fail: flags(0x8002) },
  "entry.guest.rflags.bit1": { pass: flags(0x202), fail: flags(0x200) },
  "entry.guest.rflags.vm": {
    setup: [V86_GUEST],
    pass: {},
    fail: { on: "entry.ia32e_mode_guest" },
  },
  "entry.guest.rflags.if": { setup: [interrupt], pass: flags(0x202), fail: {} },
  "entry.guest.activity.range": {
    pass: set("guest_activity_state", 3),
    fail: set("guest_activity_state", 4),
  },
  "entry.guest.activity.hlt_dpl": {
    setup: [
      set("guest_activity_state", 1),
      { fields: { guest_cs_selector: 3, guest_ss_selector: 3, guest_cs_ar: 0xa09f } },
    ],
    pass: { fields: { guest_cs_selector: 0, guest_ss_selector: 0 } },
    fail: set("guest_ss_ar", 0xc0f3),
  },
  "entry.guest.activity.blocking": {
    setup: [flags(0x202), set("guest_interruptibility", 1)],
    pass: {},
    fail: set("guest_activity_state", 2),
  },
  "entry.guest.activity.inject.hlt": {
    setup: [set("guest_activity_state", 1)],
    pass: injected(0x312),
    fail: injected(0x306),
  },
  "entry.guest.activity.inject.shutdown": {
    setup: [set("guest_activity_state", 2)],
    pass: nmi,
    fail: injected(0x301),
  },
  "entry.guest.activity.inject.sipi": {
    setup: [set("guest_activity_state", 3)],
    pass: {},
    fail: nmi,
  },
  "entry.guest.intr.reserved": {
    pass: set("guest_interruptibility", 8),
    fail: set("guest_interruptibility", 0x20),
  },
  "entry.guest.intr.both": {
    setup: [flags(0x202)],
    pass: set("guest_interruptibility", 2),
    fail: set("guest_interruptibility", 3),
  },
  "entry.guest.intr.sti_if": {
    setup: [set("guest_interruptibility", 1)],
    pass: flags(0x202),
    fail: {},
  },
  "entry.guest.intr.inject.ext": {
    setup: [flags(0x202), interrupt],
    pass: set("guest_interruptibility", 8),
    fail: set("guest_interruptibility", 2),
  },
  "entry.guest.intr.inject.nmi_movss": {
    setup: [nmi],
    pass: set("guest_interruptibility", 8),
    fail: set("guest_interruptibility", 2),
  },
  "entry.guest.intr.inject.nmi_sti": {
    setup: [nmi, flags(0x202)],
    pass: {},
    fail: set("guest_interruptibility", 1),
  },
  "entry.guest.intr.smi.outside": { pass: {}, fail: set("guest_interruptibility", 4) },
  "entry.guest.intr.inject.vnmi": {
    setup: [nmi, set("guest_interruptibility", 8)],
    pass: { on: "pin.nmi_exiting" },
    fail: { on: "pin.nmi_exiting pin.virtual_nmis" },
  },
  "entry.guest.intr.enclave": { pass: {}, fail: set("guest_interruptibility", 0x10) },
  "entry.guest.pdbg.reserved": {
    pass: set("guest_pending_debug", 0x500f),
    fail: set("guest_pending_debug", 0x800),
  },
  "entry.guest.pdbg.bs_set": {
    setup: [flags(0x102), set("guest_interruptibility", 2)],
    pass: set("guest_pending_debug", 0x4000),
    fail: {},
  },
  "entry.guest.pdbg.bs_clear": {
    setup: [flags(0x102), set("guest_activity_state", 1), set("guest_ia32_debugctl", 2)],
    pass: {},
    fail: set("guest_pending_debug", 0x4000),
  },
  "entry.guest.pdbg.rtm.cpuid": { pass: {}, fail: set("guest_pending_debug", 0x11000) },
};

const REVISION = 0x00764d58;
const link = (hpa: bigint | number) => set("vmcs_link_pointer", hpa);
const linked = (word: number): Changes => ({
  fields: { vmcs_link_pointer: LINK_HPA },
  memory: { [LINK_HPA]: word },
});

const MEMORY_CASES: Record<string, EntryCase> = {
  "entry.guest.link.addr": {
    pass: linked(REVISION),
    // The doubleword at a misaligned address is one of the region all the same.
    fail: {
      fields: { vmcs_link_pointer: LINK_HPA + 0x10 },
      memory: { [LINK_HPA + 0x10]: REVISION },
    },
  },
  "entry.guest.link.revision": { pass: linked(REVISION), fail: linked(REVISION ^ 1) },
  "entry.guest.link.shadow": {
    setup: [linked(REVISION + 0x80000000)],
    pass: { on: "secondary.vmcs_shadowing" },
    fail: {},
  },
  "entry.guest.link.current": { pass: linked(REVISION), fail: link(VMCS_HPA) },
  "entry.guest.pdpte.ept": {
    setup: [PAE_GUEST, EPT],
    pass: set("guest_pdpte2", 0xe01),
    fail: set("guest_pdpte2", 0x1e7),
  },
  "entry.guest.pdpte.mem": {
    setup: [PAE_GUEST],
    pass: { memory: { [PDPT_HPA + 24]: 0x1e6 } },
    fail: { memory: { [PDPT_HPA + 24]: 1, [PDPT_HPA + 28]: 0x4000 } },
  },
};

export const ENTRY_CASES: Readonly<Record<string, EntryCase>> = {
  ...CONTROL_CASES,
  ...TRANSITION_CASES,
  ...HOST_CASES,
  ...REGISTER_CASES,
  ...SEGMENT_CASES,
  ...STATE_CASES,
  ...MEMORY_CASES,
};
