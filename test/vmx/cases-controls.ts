/** Cases of the VM-entry checks on control fields and host state. */
import {
  BEYOND,
  canonical,
  type EntryCase,
  EPT,
  injected,
  LEFT_4G,
  PAGE_LAST,
  pat,
  set,
} from "./cases-common.ts";
import { type Changes, HOST_32, PAE_GUEST, REAL_GUEST, VIRTUAL_APIC_HPA } from "./entry-state.ts";

const TPR: Changes = { on: "primary.use_tpr_shadow" };
const VID: Changes = {
  on:
    "primary.use_tpr_shadow secondary.virtual_interrupt_delivery pin.external_interrupt_exiting " +
    "exit.acknowledge_interrupt_on_exit",
};
const POSTED: Changes = { on: "pin.process_posted_interrupts" };

/** A page address that a control brings into force: the last page, and beyond it or not aligned. */
function page(control: string, name: string, ...setup: Changes[]): EntryCase {
  return {
    setup: [...setup, { on: control }],
    pass: set(name, PAGE_LAST),
    fail: set(name, BEYOND | 0x1000n),
  };
}

export const CONTROL_CASES: Record<string, EntryCase> = {
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

export const TRANSITION_CASES: Record<string, EntryCase> = {
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

const LOAD_EFER: Changes = { on: "exit.load_ia32_efer" };

export const HOST_CASES: Record<string, EntryCase> = {
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
