/**
 * VM-entry checks, in SDM order: one row each (SDM "Checks on VMX Controls and Host-State Area",
 * "Checking and Loading Guest State", "Loading MSRs"). The condition must hold; a check that ends in
 * `-` belongs to a feature that no model has, so that a check of reserved bits stands in its place.
 */

export type CheckPhase = "controls" | "host" | "guest" | "msr";

export interface EntryCheckRow {
  readonly id: string;
  readonly phase: CheckPhase;
  readonly section: string;
  /** The VMCS field whose value shows the failure best; for a list of MSRs where the list is. */
  readonly field: string;
  readonly condition: string;
  /** VM-instruction error 7 or 8, or exit reason 33 or 34. */
  readonly outcome: number;
  /** Exit qualification of reason 33. */
  readonly qualification: number;
  readonly built: boolean;
}

const SECTIONS: Record<string, [CheckPhase, string]> = {
  "5.1": ["controls", "VM-Execution Control Fields"],
  "5.2": ["controls", "VM-Exit Control Fields"],
  "5.3": ["controls", "VM-Entry Control Fields"],
  "5.4": ["host", "Checks on Host Control Registers, MSRs, and SSP"],
  "5.5": ["host", "Checks on Host Segment and Descriptor-Table Registers"],
  "5.6": ["host", "Checks Related to Address-Space Size"],
  "5.7": ["guest", "Checks on Guest Control Registers, Debug Registers, and MSRs"],
  "5.8": ["guest", "Checks on Guest Segment Registers"],
  "5.9": ["guest", "Checks on Guest Segment Registers"],
  "5.10": ["guest", "Checks on Guest Segment Registers"],
  "5.11": ["guest", "Checks on Guest Segment Registers"],
  "5.12": ["guest", "Checks on Guest Segment Registers"],
  "5.13": ["guest", "Checks on Guest Descriptor-Table Registers, RIP, RFLAGS, and SSP"],
  "5.14": ["guest", "Checks on Guest Non-Register State"],
  "5.15": ["guest", "Checks on Guest Page-Directory-Pointer-Table Entries"],
  "5.16": ["msr", "Loading MSRs"],
};

const TABLE = `
  # 5.1
  entry.ctl.pin.reserved | pin_based_controls | pin word valid against 0x481/0x48D | 0
  entry.ctl.proc.reserved | primary_proc_controls | primary word valid against 0x482/0x48E | 0
  entry.ctl.proc2.reserved | secondary_proc_controls | primary.31=0, or secondary word valid against 0x48B (with primary.31=0 the stored word is not checked) | 0
  entry.ctl.proc3.reserved | tertiary_exec_controls | primary.17=0, or tertiary word has no bit outside 0x492 | 0
  entry.ctl.cr3target.count | cr3_target_count | cr3_target_count <= VMX_MISC[24:16] | 0
  entry.ctl.iobitmap.a | io_bitmap_a | use_io_bitmaps=0 or pa(io_bitmap_a,12) | 0
  entry.ctl.iobitmap.b | io_bitmap_b | use_io_bitmaps=0 or pa(io_bitmap_b,12) | 0
  entry.ctl.msrbitmap | msr_bitmap | use_msr_bitmaps=0 or pa(msr_bitmap,12) | 0
  entry.ctl.tpr.vapic.addr | virtual_apic_addr | use_tpr_shadow=0 or pa(virtual_apic_addr,12). Side effect allowed: bytes 3:1 of VTPR may be cleared even if the entry later fails | 0
  entry.ctl.tpr.threshold.reserved | tpr_threshold | use_tpr_shadow=0 or VID=1 or tpr_threshold[31:4]=0 | 0
  entry.ctl.tpr.threshold.vtpr | tpr_threshold | use_tpr_shadow=0 or VID=1 or virtualize_apic_accesses=1 or tpr_threshold[3:0] <= VTPR[7:4] (virtual-APIC page offset 0x80) | 0
  entry.ctl.nmi.virtual | pin_based_controls | nmi_exiting=1 or virtual_nmis=0 | 0
  entry.ctl.nmi.window | primary_proc_controls | virtual_nmis=1 or nmi_window_exiting=0 | 0
  entry.ctl.apicaccess.addr | apic_access_addr | virtualize_apic_accesses=0 or pa(apic_access_addr,12) | 0
  entry.ctl.tpr.required.x2apic | primary_proc_controls | use_tpr_shadow=1 or virtualize_x2apic_mode=0 | 0
  entry.ctl.tpr.required.regvirt | primary_proc_controls | use_tpr_shadow=1 or apic_register_virtualization=0 | 0
  entry.ctl.tpr.required.vid | primary_proc_controls | use_tpr_shadow=1 or VID=0 | 0
  entry.ctl.tpr.required.ipiv | primary_proc_controls | use_tpr_shadow=1 or ipi_virtualization=0 | 0
  entry.ctl.x2apic.exclusive | secondary_proc_controls | virtualize_x2apic_mode=0 or virtualize_apic_accesses=0 | 0
  entry.ctl.vid.extint | pin_based_controls | VID=0 or external_interrupt_exiting=1 | 0
  entry.ctl.posted.vid | secondary_proc_controls | process_posted_interrupts=0 or VID=1 | 0
  entry.ctl.posted.ack | vmexit_controls | process_posted_interrupts=0 or acknowledge_interrupt_on_exit=1 | 0
  entry.ctl.posted.vector | posted_intr_notification_vector | process_posted_interrupts=0 or posted_intr_notification_vector[15:8]=0 | 0
  entry.ctl.posted.addr | posted_intr_desc_addr | process_posted_interrupts=0 or pa(posted_intr_desc_addr,6) | 0
  entry.ctl.vpid.zero | vpid | enable_vpid=0 or vpid != 0 | 0
  entry.ctl.eptp.memtype | eptp | enable_ept=0 or EPTP[2:0] is 0 with EPT_VPID_CAP[8]=1, or 6 with EPT_VPID_CAP[14]=1 | 0
  entry.ctl.eptp.walk | eptp | enable_ept=0 or EPTP[5:3]=3 with cap bit 6, or 4 with cap bit 7 | 0
  entry.ctl.eptp.ad | eptp | enable_ept=0 or EPTP[6]=0 or EPT_VPID_CAP[21]=1 | 0
  entry.ctl.eptp.sss | eptp | enable_ept=0 or EPTP[7]=0 or EPT_VPID_CAP[23]=1 (the SDM entry-check text still lists bits 11:7 as reserved; KVM rejects bit 7 always) | 0
  entry.ctl.eptp.reserved | eptp | enable_ept=0 or (EPTP[11:8]=0 and no bit at or above PA) | 0
  entry.ctl.pml.ept | secondary_proc_controls | enable_pml=0 or enable_ept=1 | 0
  entry.ctl.pml.addr | pml_address | enable_pml=0 or pa(pml_address,12). pml_index is not checked; EPTP[6] need not be 1 | 0
  entry.ctl.urg.ept | secondary_proc_controls | unrestricted_guest=0 or enable_ept=1 | 0
  entry.ctl.mbec.ept | secondary_proc_controls | mode_based_execute_ept=0 or enable_ept=1 | 0
  entry.ctl.spp.ept | secondary_proc_controls | subpage_write_permissions=0 or enable_ept=1 | 0
  entry.ctl.spp.addr | sppt_pointer | subpage_write_permissions=0 or pa(sppt_pointer,12) | 0
  entry.ctl.vmfunc.reserved | vm_function_controls | enable_vm_functions=0 or vm_function_controls & ~VMX_VMFUNC = 0 | 0
  entry.ctl.vmfunc.eptpsw.ept | secondary_proc_controls | EPTP switching off or enable_ept=1 | 0
  entry.ctl.vmfunc.eptpsw.addr | eptp_list_addr | EPTP switching off or pa(eptp_list_addr,12) | 0
  entry.ctl.shadow.vmread | vmread_bitmap_addr | vmcs_shadowing=0 or pa(vmread_bitmap_addr,12) | 0
  entry.ctl.shadow.vmwrite | vmwrite_bitmap_addr | vmcs_shadowing=0 or pa(vmwrite_bitmap_addr,12) | 0
  entry.ctl.ve.addr | ve_info_addr | ept_violation_ve=0 or pa(ve_info_addr,12) | 0
  entry.ctl.pt.gpa | secondary_proc_controls | pt_uses_guest_physical=0 or (enable_ept=1 and entry.18=1 and exit.25=1) | 0 | -
  entry.ctl.tscmul.zero | tsc_multiplier | use_tsc_scaling=0 or tsc_multiplier != 0 | 0
  entry.ctl.pasid.low | low_pasid_directory_addr | enable_pasid_translation=0 or pa(low_pasid_directory_addr,12) | 0 | -
  entry.ctl.pasid.high | high_pasid_directory_addr | enable_pasid_translation=0 or pa(high_pasid_directory_addr,12) | 0 | -
  entry.ctl.hlat.ept | secondary_proc_controls | enable_hlat=0 or enable_ept=1 | 0 | -
  entry.ctl.hlat.ptr | hlatp | enable_hlat=0 or (HLATP[2:0]=0, HLATP[11:5]=0, no bit at or above PA) | 0 | -
  entry.ctl.hlat.prefix | hlat_prefix_size | enable_hlat=0 or hlat_prefix_size within EPT_VPID_CAP[53:48] | 0 | -
  entry.ctl.pagingwrite.ept | secondary_proc_controls | ept_paging_write_control=0 or enable_ept=1 | 0 | -
  entry.ctl.pagingverify.ept | secondary_proc_controls | guest_paging_verification=0 or enable_ept=1 | 0 | -
  entry.ctl.ipiv.table | pid_pointer_table_addr | ipi_virtualization=0 or (pid_pointer_table_addr[2:0]=0 and no bit at or above PA) | 0
  entry.ctl.ipiv.last | pid_pointer_table_addr | ipi_virtualization=0 or pid_pointer_table_addr + 8*last_pid_pointer_index + 7 stays below 2^PA | 0
  entry.ctl.vtimer.vector | virtual_timer_vector | apic_timer_virtualization=0 or virtual_timer_vector in 16..255 | 0 | -
  entry.ctl.executive | executive_vmcs_pointer | only in SMM: executive_vmcs_pointer checks (errors 16, 17, 18, 25) | 0 | -
  # 5.2
  entry.exit.reserved | vmexit_controls | exit word valid against 0x483/0x48F | 0
  entry.exit2.reserved | secondary_exit_controls | exit.31=0, or secondary exit word has no bit outside 0x493 | 0 | -
  entry.exit.preempt.save | pin_based_controls | activate_preemption_timer=1 or save_preemption_timer=0 | 0
  entry.exit.msrstore.align | vmexit_msr_store_addr | count=0 or vmexit_msr_store_addr[3:0]=0 | 0
  entry.exit.msrstore.pa | vmexit_msr_store_addr | count=0 or vmexit_msr_store_addr has no bit at or above PA | 0
  entry.exit.msrstore.last | vmexit_msr_store_addr | count=0 or addr + 16*count - 1 has no bit at or above PA (wide arithmetic) | 0
  entry.exit.msrload.align | vmexit_msr_load_addr | count=0 or vmexit_msr_load_addr[3:0]=0 | 0
  entry.exit.msrload.pa | vmexit_msr_load_addr | count=0 or no bit at or above PA | 0
  entry.exit.msrload.last | vmexit_msr_load_addr | count=0 or last byte has no bit at or above PA | 0
  # 5.3
  entry.entry.reserved | vmentry_controls | entry word valid against 0x484/0x490 | 0
  entry.inj.type.reserved | vmentry_intr_info | valid=0, or type != 1, and type != 7 unless monitor_trap_flag may be 1 (or FRED guest) | 0
  entry.inj.vector.nmi | vmentry_intr_info | type 2 => vector = 2 | 0
  entry.inj.vector.hwexc | vmentry_intr_info | type 3 => vector <= 31 | 0
  entry.inj.vector.other | vmentry_intr_info | type 7 => vector = 0 (FRED: 0, 1 or 2 when guest CR4.FRED=1) | 0
  entry.inj.ec.type | vmentry_intr_info | deliver-error-code=1 => type = 3 | 0
  entry.inj.ec.realmode | vmentry_intr_info | deliver-error-code=1 => unrestricted_guest=0 or guest CR0.PE=1 (an injected exception has no error code in real mode) | 0
  entry.inj.ec.required | vmentry_intr_info | VMX_BASIC[56]=0 and type=3 and (unrestricted_guest=0 or CR0.PE=1): deliver-error-code=1 iff vector in {8,10,11,12,13,14,17} (21 = #CP also delivers one on CET processors, which report VMX_BASIC[56]=1). VMX_BASIC[56]=1: not checked for type 3 | 0
  entry.inj.reserved | vmentry_intr_info | bits 30:12 are 0 (bit 13 allowed with VMX_BASIC[58]=1 and type 3) | 0
  entry.inj.ec.upper | vmentry_exception_error_code | deliver-error-code=1 => vmentry_exception_error_code[31:16]=0 (SDM text of older editions said 31:15) | 0
  entry.inj.length | vmentry_instruction_length | type 4, 5 or 6 (and FRED type 7 vectors 1, 2): vmentry_instruction_length in 1..15, or 0..15 when VMX_MISC[30]=1 | 0
  entry.entry.msrload.align | vmentry_msr_load_addr | count=0 or vmentry_msr_load_addr[3:0]=0 | 0
  entry.entry.msrload.pa | vmentry_msr_load_addr | count=0 or no bit at or above PA | 0
  entry.entry.msrload.last | vmentry_msr_load_addr | count=0 or last byte has no bit at or above PA | 0
  entry.entry.smm.outside | vmentry_controls | in SMM, or entry.10=0 and entry.11=0 | 0 | -
  entry.entry.smm.both | vmentry_controls | not (entry.10=1 and entry.11=1) | 0 | -
  # 5.4
  entry.host.cr0.fixed | host_cr0 | CR0 field agrees with FIXED0/FIXED1; bits NW and CD are not checked (VM exit never changes them) | 0
  entry.host.cr4.fixed | host_cr4 | CR4 field agrees with FIXED0/FIXED1 | 0
  entry.host.cr4.cet.wp | host_cr0 | CR4.CET=0 or CR0.WP=1 | 0 | -
  entry.host.cr3.pa | host_cr3 | CR3 field has no bit at or above PA (bits 62:61 allowed with LAM) | 0
  entry.host.sysenter.esp | host_ia32_sysenter_esp | canonical | 0
  entry.host.sysenter.eip | host_ia32_sysenter_eip | canonical | 0
  entry.host.perfglobal | host_ia32_perf_global_ctrl | exit.12=0 or reserved bits of IA32_PERF_GLOBAL_CTRL field are 0 | 0 | -
  entry.host.pat | host_ia32_pat | exit.19=0 or each byte of PAT field in {0,1,4,5,6,7} | 0
  entry.host.efer.reserved | host_ia32_efer | exit.21=0 or reserved EFER bits 0 | 0
  entry.host.efer.lma | host_ia32_efer | exit.21=0 or LMA = host_address_space_size | 0
  entry.host.efer.lme | host_ia32_efer | exit.21=0 or LME = host_address_space_size | 0
  entry.host.cet.scet | host_ia32_s_cet | exit.28=0 or S_CET reserved bits (9:6) 0, not both SUPPRESS(10) and TRACKER(11), and legacy-bitmap base canonical | 0 | -
  entry.host.cet.ssp | host_ssp | exit.28=0 or SSP[1:0]=0 and SSP canonical | 0 | -
  entry.host.cet.isst | host_ia32_intr_ssp_table_addr | exit.28=0 or interrupt-SSP-table address canonical | 0 | -
  entry.host.cet.width | host_ia32_s_cet | exit.28=0 or host_address_space_size=1 or (S_CET[63:32]=0 and SSP[63:32]=0) | 0 | -
  entry.host.pkrs | host_ia32_pkrs | exit.29=0 or PKRS[63:32]=0 | 0 | -
  entry.host.fred.config | host_ia32_fred_config | exit2.1=0 or FRED_CONFIG bits 2, 4, 5, 11 are 0 and the address part is canonical | 0 | -
  entry.host.fred.rsp | host_ia32_fred_rsp1 | exit2.1=0 or RSP1..3 canonical and 64-byte aligned | 0 | -
  entry.host.fred.ssp | host_ia32_fred_ssp1 | exit2.1=0 or SSP1..3 canonical and 8-byte aligned | 0 | -
  entry.host.fred.mode | vmexit_controls | host CR4.FRED=1 => host_address_space_size=1 | 0 | -
  entry.host.specctrl | host_ia32_spec_ctrl | exit2.2=0 or value writable by WRMSR | 0 | -
  # 5.5
  entry.host.sel.es | host_es_selector | RPL=0 and TI=0 (selector[2:0]=0) | 0
  entry.host.sel.cs | host_cs_selector | selector[2:0]=0 | 0
  entry.host.sel.ss | host_ss_selector | selector[2:0]=0 | 0
  entry.host.sel.ds | host_ds_selector | selector[2:0]=0 | 0
  entry.host.sel.fs | host_fs_selector | selector[2:0]=0 | 0
  entry.host.sel.gs | host_gs_selector | selector[2:0]=0 | 0
  entry.host.sel.tr | host_tr_selector | selector[2:0]=0 | 0
  entry.host.cs.null | host_cs_selector | CS selector != 0 | 0
  entry.host.tr.null | host_tr_selector | TR selector != 0 | 0
  entry.host.ss.null | host_ss_selector | host_address_space_size=1 or SS selector != 0 | 0
  entry.host.fs.base | host_fs_base | canonical | 0
  entry.host.gs.base | host_gs_base | canonical | 0
  entry.host.gdtr.base | host_gdtr_base | canonical | 0
  entry.host.idtr.base | host_idtr_base | canonical | 0
  entry.host.tr.base | host_tr_base | canonical | 0
  # 5.6
  entry.host.size.legacy.guest | vmentry_controls | LP EFER.LMA=0 => entry.9=0 | 0
  entry.host.size.legacy.host | vmexit_controls | LP EFER.LMA=0 => exit.9=0 | 0
  entry.host.size.long.host | vmexit_controls | LP EFER.LMA=1 => exit.9=1 | 0
  entry.host.size32.guest | vmentry_controls | exit.9=0 => entry.9=0 | 0
  entry.host.size32.pcide | host_cr4 | exit.9=0 => CR4.PCIDE=0 | 0
  entry.host.size32.rip | host_rip | exit.9=0 => RIP[63:32]=0 | 0
  entry.host.size64.pae | host_cr4 | exit.9=1 => CR4.PAE=1 | 0
  entry.host.size64.rip | host_rip | exit.9=1 => RIP canonical | 0
  # 5.7
  entry.guest.cr0.fixed | guest_cr0 | CR0 agrees with FIXED0/FIXED1; NW and CD not checked; PE and PG not checked against FIXED0 when URG=1 | 0
  entry.guest.cr0.pg_pe | guest_cr0 | CR0.PG=1 => CR0.PE=1 | 0
  entry.guest.cr4.fixed | guest_cr4 | CR4 agrees with FIXED0/FIXED1 (VMXE must be 1) | 0
  entry.guest.cr4.cet_wp | guest_cr0 | CR4.CET=0 or CR0.WP=1 | 0 | -
  entry.guest.debugctl | guest_ia32_debugctl | entry.2=0 or reserved bits of IA32_DEBUGCTL field are 0 | 0
  entry.guest.ia32e.pg | guest_cr0 | entry.9=1 => CR0.PG=1 | 0
  entry.guest.ia32e.pae | guest_cr4 | entry.9=1 => CR4.PAE=1 | 0
  entry.guest.legacy.pcide | guest_cr4 | entry.9=0 => CR4.PCIDE=0 | 0
  entry.guest.legacy.fred | guest_cr4 | entry.9=0 => CR4.FRED=0 | 0 | -
  entry.guest.cr3.pa | guest_cr3 | no bit of CR3 at or above PA, in every paging mode (bits 62:61 allowed with LAM); low bits are ignored | 0
  entry.guest.dr7 | guest_dr7 | entry.2=0 or DR7[63:32]=0 | 0
  entry.guest.sysenter.esp | guest_ia32_sysenter_esp | canonical | 0
  entry.guest.sysenter.eip | guest_ia32_sysenter_eip | canonical | 0
  entry.guest.cet.scet | guest_ia32_s_cet | entry.20=0 or S_CET valid as in entry.host.cet.scet | 0 | -
  entry.guest.cet.ssp | guest_ssp | entry.20=0 or SSP[1:0]=0 | 0 | -
  entry.guest.cet.isst | guest_ia32_intr_ssp_table_addr | entry.20=0 or interrupt-SSP-table address canonical | 0 | -
  entry.guest.perfglobal | guest_ia32_perf_global_ctrl | entry.13=0 or reserved bits 0 | 0 | -
  entry.guest.pat | guest_ia32_pat | entry.14=0 or each byte in {0,1,4,5,6,7} | 0
  entry.guest.efer.reserved | guest_ia32_efer | entry.15=0 or reserved bits 0 | 0
  entry.guest.efer.lma | guest_ia32_efer | entry.15=0 or LMA = entry.9 | 0
  entry.guest.efer.lme | guest_ia32_efer | entry.15=0 or CR0.PG=0 or LME = LMA | 0
  entry.guest.bndcfgs | guest_ia32_bndcfgs | entry.16=0 or bits 11:2 are 0 and bits 63:12 canonical | 0 | -
  entry.guest.rtit | guest_ia32_rtit_ctl | entry.18=0 or value of RTIT_CTL writable by WRMSR (with TraceEn rules) | 0 | -
  entry.guest.uinv | guest_uinv | entry.19=0 or UINV[15:8]=0 | 0 | -
  entry.guest.lbr | guest_ia32_lbr_ctl | entry.21=0 or reserved bits of LBR_CTL are 0 | 0 | -
  entry.guest.pkrs | guest_ia32_pkrs | entry.22=0 or PKRS[63:32]=0 | 0 | -
  entry.guest.fred.config | guest_ia32_fred_config | entry.23=0 or FRED_CONFIG bits 2, 4, 5, 11 are 0 and address part canonical | 0 | -
  entry.guest.fred.rsp | guest_ia32_fred_rsp1 | entry.23=0 or RSP1..3 canonical and 64-byte aligned | 0 | -
  entry.guest.fred.ssp | guest_ia32_fred_ssp1 | entry.23=0 or SSP1..3 canonical and 8-byte aligned | 0 | -
  entry.guest.specctrl | guest_ia32_spec_ctrl | entry.24=0 or value writable by WRMSR | 0 | -
  # 5.8
  entry.guest.tr.ti | guest_tr_selector | TR selector TI=0 | 0
  entry.guest.ldtr.ti | guest_ldtr_selector | LDTR unusable or TI=0 | 0
  entry.guest.ss.rpl_cs | guest_ss_selector | v86 or URG=1 or SS.RPL = CS.RPL (also when SS is unusable) | 0
  # 5.9
  entry.guest.cs.base.v86 | guest_cs_base | v86 => base = selector<<4 for each R | 0
  entry.guest.ss.base.v86 | guest_ss_base | v86 => base = selector<<4 for each R | 0
  entry.guest.ds.base.v86 | guest_ds_base | v86 => base = selector<<4 for each R | 0
  entry.guest.es.base.v86 | guest_es_base | v86 => base = selector<<4 for each R | 0
  entry.guest.fs.base.v86 | guest_fs_base | v86 => base = selector<<4 for each R | 0
  entry.guest.gs.base.v86 | guest_gs_base | v86 => base = selector<<4 for each R | 0
  entry.guest.tr.base | guest_tr_base | canonical | 0
  entry.guest.fs.base | guest_fs_base | canonical (even when unusable) | 0
  entry.guest.gs.base | guest_gs_base | canonical (even when unusable) | 0
  entry.guest.ldtr.base | guest_ldtr_base | unusable or canonical | 0
  entry.guest.cs.base.high | guest_cs_base | base[63:32]=0 | 0
  entry.guest.ss.base.high | guest_ss_base | unusable or base[63:32]=0 | 0
  entry.guest.ds.base.high | guest_ds_base | unusable or base[63:32]=0 | 0
  entry.guest.es.base.high | guest_es_base | unusable or base[63:32]=0 | 0
  # 5.10
  entry.guest.cs.limit.v86 | guest_cs_limit | v86 => limit = 0xFFFF | 0
  entry.guest.ss.limit.v86 | guest_ss_limit | v86 => limit = 0xFFFF | 0
  entry.guest.ds.limit.v86 | guest_ds_limit | v86 => limit = 0xFFFF | 0
  entry.guest.es.limit.v86 | guest_es_limit | v86 => limit = 0xFFFF | 0
  entry.guest.fs.limit.v86 | guest_fs_limit | v86 => limit = 0xFFFF | 0
  entry.guest.gs.limit.v86 | guest_gs_limit | v86 => limit = 0xFFFF | 0
  entry.guest.cs.ar.v86 | guest_cs_ar | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.ss.ar.v86 | guest_ss_ar | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.ds.ar.v86 | guest_ds_ar | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.es.ar.v86 | guest_es_ar | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.fs.ar.v86 | guest_fs_ar | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.gs.ar.v86 | guest_gs_ar | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  # 5.11
  entry.guest.cs.ar.type | guest_cs_ar | type in {9,11,13,15}, or 3 when URG=1 | 0
  entry.guest.ss.ar.type | guest_ss_ar | unusable or type in {3,7} | 0
  entry.guest.ds.ar.type.accessed | guest_ds_ar | unusable or type[0]=1 | 0
  entry.guest.es.ar.type.accessed | guest_es_ar | unusable or type[0]=1 | 0
  entry.guest.fs.ar.type.accessed | guest_fs_ar | unusable or type[0]=1 | 0
  entry.guest.gs.ar.type.accessed | guest_gs_ar | unusable or type[0]=1 | 0
  entry.guest.ds.ar.type.readable | guest_ds_ar | unusable or type[3]=0 or type[1]=1 | 0
  entry.guest.es.ar.type.readable | guest_es_ar | unusable or type[3]=0 or type[1]=1 | 0
  entry.guest.fs.ar.type.readable | guest_fs_ar | unusable or type[3]=0 or type[1]=1 | 0
  entry.guest.gs.ar.type.readable | guest_gs_ar | unusable or type[3]=0 or type[1]=1 | 0
  entry.guest.cs.ar.s | guest_cs_ar | (CS, or usable) => S=1 | 0
  entry.guest.ss.ar.s | guest_ss_ar | (CS, or usable) => S=1 | 0
  entry.guest.ds.ar.s | guest_ds_ar | (CS, or usable) => S=1 | 0
  entry.guest.es.ar.s | guest_es_ar | (CS, or usable) => S=1 | 0
  entry.guest.fs.ar.s | guest_fs_ar | (CS, or usable) => S=1 | 0
  entry.guest.gs.ar.s | guest_gs_ar | (CS, or usable) => S=1 | 0
  entry.guest.cs.ar.dpl.real | guest_cs_ar | CS type 3 => CS.DPL=0 | 0
  entry.guest.cs.ar.dpl.nonconf | guest_cs_ar | CS type 9 or 11 => CS.DPL = SS.DPL | 0
  entry.guest.cs.ar.dpl.conf | guest_cs_ar | CS type 13 or 15 => CS.DPL <= SS.DPL | 0
  entry.guest.ss.ar.dpl.rpl | guest_ss_ar | URG=1 or SS.DPL = SS.RPL (checked whether or not SS is usable) | 0
  entry.guest.ss.ar.dpl.zero | guest_ss_ar | CS type 3, or guest CR0.PE=0 => SS.DPL=0 (checked whether or not usable) | 0
  entry.guest.ds.ar.dpl | guest_ds_ar | URG=1, or unusable, or type >= 12, or DPL >= RPL | 0
  entry.guest.es.ar.dpl | guest_es_ar | URG=1, or unusable, or type >= 12, or DPL >= RPL | 0
  entry.guest.fs.ar.dpl | guest_fs_ar | URG=1, or unusable, or type >= 12, or DPL >= RPL | 0
  entry.guest.gs.ar.dpl | guest_gs_ar | URG=1, or unusable, or type >= 12, or DPL >= RPL | 0
  entry.guest.cs.ar.p | guest_cs_ar | (CS, or usable) => P=1 | 0
  entry.guest.ss.ar.p | guest_ss_ar | (CS, or usable) => P=1 | 0
  entry.guest.ds.ar.p | guest_ds_ar | (CS, or usable) => P=1 | 0
  entry.guest.es.ar.p | guest_es_ar | (CS, or usable) => P=1 | 0
  entry.guest.fs.ar.p | guest_fs_ar | (CS, or usable) => P=1 | 0
  entry.guest.gs.ar.p | guest_gs_ar | (CS, or usable) => P=1 | 0
  entry.guest.cs.ar.reserved_11_8 | guest_cs_ar | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.ss.ar.reserved_11_8 | guest_ss_ar | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.ds.ar.reserved_11_8 | guest_ds_ar | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.es.ar.reserved_11_8 | guest_es_ar | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.fs.ar.reserved_11_8 | guest_fs_ar | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.gs.ar.reserved_11_8 | guest_gs_ar | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.cs.ar.db_l | guest_cs_ar | ia32e and CS.L=1 => CS.D/B=0 | 0
  entry.guest.cs.ar.g.low | guest_cs_ar | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.ss.ar.g.low | guest_ss_ar | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.ds.ar.g.low | guest_ds_ar | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.es.ar.g.low | guest_es_ar | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.fs.ar.g.low | guest_fs_ar | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.gs.ar.g.low | guest_gs_ar | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.cs.ar.g.high | guest_cs_ar | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.ss.ar.g.high | guest_ss_ar | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.ds.ar.g.high | guest_ds_ar | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.es.ar.g.high | guest_es_ar | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.fs.ar.g.high | guest_fs_ar | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.gs.ar.g.high | guest_gs_ar | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.cs.ar.reserved_31_17 | guest_cs_ar | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.ss.ar.reserved_31_17 | guest_ss_ar | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.ds.ar.reserved_31_17 | guest_ds_ar | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.es.ar.reserved_31_17 | guest_es_ar | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.fs.ar.reserved_31_17 | guest_fs_ar | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.gs.ar.reserved_31_17 | guest_gs_ar | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.ss.fred.dpl | guest_ss_ar | CR4.FRED=1 => SS.DPL in {0,3} | 0 | -
  entry.guest.cs.fred.l | guest_cs_ar | CR4.FRED=1 and SS.DPL=0 => CS.L=1 | 0 | -
  # 5.12
  entry.guest.tr.ar.type | guest_tr_ar | ia32e: 11; else 3 or 11 | 0
  entry.guest.tr.ar.s | guest_tr_ar | S=0 | 0
  entry.guest.tr.ar.p | guest_tr_ar | P=1 | 0
  entry.guest.tr.ar.reserved_11_8 | guest_tr_ar | 0 | 0
  entry.guest.tr.ar.g.low | guest_tr_ar | limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.tr.ar.g.high | guest_tr_ar | limit[31:20] != 0 => G=1 | 0
  entry.guest.tr.ar.unusable | guest_tr_ar | AR[16]=0 | 0
  entry.guest.tr.ar.reserved_31_17 | guest_tr_ar | 0 | 0
  entry.guest.ldtr.ar.type | guest_ldtr_ar | unusable or 2 | 0
  entry.guest.ldtr.ar.s | guest_ldtr_ar | unusable or S=0 | 0
  entry.guest.ldtr.ar.p | guest_ldtr_ar | unusable or P=1 | 0
  entry.guest.ldtr.ar.reserved_11_8 | guest_ldtr_ar | unusable or 0 | 0
  entry.guest.ldtr.ar.g.low | guest_ldtr_ar | unusable, or limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.ldtr.ar.g.high | guest_ldtr_ar | unusable, or limit[31:20] != 0 => G=1 | 0
  entry.guest.ldtr.ar.reserved_31_17 | guest_ldtr_ar | unusable or 0 | 0
  # 5.13
  entry.guest.gdtr.base | guest_gdtr_base | canonical | 0
  entry.guest.idtr.base | guest_idtr_base | canonical | 0
  entry.guest.gdtr.limit | guest_gdtr_limit | limit[31:16]=0 | 0
  entry.guest.idtr.limit | guest_idtr_limit | limit[31:16]=0 | 0
  entry.guest.rip.high | guest_rip | (ia32e and CS.L=1) or RIP[63:32]=0 | 0
  entry.guest.rip.wide | guest_rip | ia32e and CS.L=1 => bits 63:N of RIP identical, N = supported linear-address width (weaker than canonical: bit N-1 is free) | 0
  entry.guest.rflags.reserved | guest_rflags | bits 63:22, 15, 5, 3 are 0 | 0
  entry.guest.rflags.bit1 | guest_rflags | bit 1 is 1 | 0
  entry.guest.rflags.vm | guest_rflags | ia32e or CR0.PE=0 => VM=0 | 0
  entry.guest.rflags.if | guest_rflags | injecting type 0 => IF=1 | 0
  entry.guest.rflags.iopl.fred | guest_rflags | CR4.FRED=1 and SS.DPL=3 => IOPL=0 | 0 | -
  entry.guest.ssp.wide | guest_ssp | entry.20=1, ia32e and CS.L=1 => SSP bits 63:N identical | 0 | -
  entry.guest.ssp.high | guest_ssp | entry.20=1, not (ia32e and CS.L=1) => SSP[63:32]=0 | 0 | -
  # 5.14
  entry.guest.activity.range | guest_activity_state | value 0..3 and supported per VMX_MISC[8:6] | 0
  entry.guest.activity.hlt_dpl | guest_activity_state | HLT => SS.DPL=0 | 0
  entry.guest.activity.blocking | guest_activity_state | STI or MOV-SS blocking set => active | 0
  entry.guest.activity.inject.hlt | guest_activity_state | injecting in HLT => type 0; or type 2; or type 3 with vector 1 or 18; or type 7 vector 0 | 0
  entry.guest.activity.inject.shutdown | guest_activity_state | injecting in shutdown => type 2 vector 2, or type 3 vector 18 | 0
  entry.guest.activity.inject.sipi | guest_activity_state | wait-for-SIPI => no injection | 0
  entry.guest.activity.smm | guest_activity_state | entry.10=1 => not wait-for-SIPI | 0 | -
  entry.guest.intr.reserved | guest_interruptibility | bits 31:5 are 0 | 0
  entry.guest.intr.both | guest_interruptibility | not (bit 0 and bit 1) | 0
  entry.guest.intr.sti_if | guest_interruptibility | RFLAGS.IF=0 => bit 0 = 0 | 0
  entry.guest.intr.inject.ext | guest_interruptibility | injecting type 0 => bits 0 and 1 are 0 | 0
  entry.guest.intr.inject.nmi_movss | guest_interruptibility | injecting type 2 => bit 1 = 0 | 0
  entry.guest.intr.inject.nmi_sti | guest_interruptibility | injecting type 2 => bit 0 = 0 (implementation-specific: a processor may require it) | 3
  entry.guest.intr.smi.outside | guest_interruptibility | not in SMM => bit 2 = 0 | 0
  entry.guest.intr.smi.entry | guest_interruptibility | entry.10=1 => bit 2 = 1 | 0 | -
  entry.guest.intr.inject.vnmi | guest_interruptibility | virtual_nmis=1 and injecting type 2 => bit 3 = 0 | 0
  entry.guest.intr.enclave | guest_interruptibility | bit 4 = 1 => bit 1 = 0 and SGX supported | 0
  entry.guest.intr.fred_sti | guest_interruptibility | CR4.FRED=1 and SS.DPL=3 => bit 0 = 0 | 0 | -
  entry.guest.pdbg.reserved | guest_pending_debug | bits 10:4, 13, 15 and 63:17 are 0; bit 11 is 0 unless bus-lock debug exceptions are supported | 0
  entry.guest.pdbg.bs_set | guest_pending_debug | (STI blocking, MOV-SS blocking, or HLT) and RFLAGS.TF=1 and DEBUGCTL.BTF=0 => BS(14)=1 | 0
  entry.guest.pdbg.bs_clear | guest_pending_debug | (same context) and (TF=0 or BTF=1) => BS=0 | 0
  entry.guest.pdbg.rtm.bits | guest_pending_debug | bit 16 = 1 => bits 11:0, 15:13, 63:17 are 0 and bit 12 = 1 | 0 | -
  entry.guest.pdbg.rtm.cpuid | guest_pending_debug | bit 16 = 1 => RTM supported | 0
  entry.guest.pdbg.rtm.movss | guest_pending_debug | bit 16 = 1 => MOV-SS blocking is 0 | 0 | -
  entry.guest.link.addr | vmcs_link_pointer | link pointer all ones, or pa(link,12) | 4
  entry.guest.link.revision | vmcs_link_pointer | link all ones, or dword at link bits 30:0 = VMX_BASIC[30:0] | 4
  entry.guest.link.shadow | vmcs_link_pointer | link all ones, or dword at link bit 31 = vmcs_shadowing | 4
  entry.guest.link.current | vmcs_link_pointer | link all ones, or (not in SMM or entry.10=1) => link != current VMCS | 4
  entry.guest.link.vmxon | vmcs_link_pointer | in SMM and entry.10=0 => link != VMXON pointer | 4 | -
  # 5.15
  entry.guest.pdpte.ept | guest_pdpte0 | enable_ept=1: each PDPTE field with P=1 has its reserved bits (2:1, 8:5, 63:PA) clear; P=0 entries are not checked | 2
  entry.guest.pdpte.mem | guest_cr3 | enable_ept=0: same check on the four 8-byte entries read from physical CR3[31:5]<<5 (not checked when CR3 and other relevant state is unchanged is allowed) | 2
  # 5.16
  entry.msr.fsgs | vmentry_msr_load_addr | index 0xC0000100 or 0xC0000101 | 0
  entry.msr.x2apic | vmentry_msr_load_addr | index[31:8] = 0x000008 (x2APIC range 0x800..0x8FF) | 0
  entry.msr.smm | vmentry_msr_load_addr | index writable only in SMM (IA32_SMM_MONITOR_CTL 0x9B) and LP not in SMM | 0 | -
  entry.msr.model | vmentry_msr_load_addr | index that the implementation refuses (IA32_BIOS_UPDT_TRIG 0x79, IA32_BIOS_SIGN_ID 0x8B) | 0
  entry.msr.reserved | vmentry_msr_load_addr | bits 63:32 of the entry are not 0 | 0
  entry.msr.gp | vmentry_msr_load_addr | WRMSR of the value at CPL 0 would #GP (including EFER.LME change with CR0.PG=1) | 0
  entry.msr.count | vmentry_msr_load_count | count beyond the recommended maximum: undefined, may fail with exit 34 and qualification max+1 | 0
`;

function parse(): EntryCheckRow[] {
  const rows: EntryCheckRow[] = [];
  let section = "";
  for (const line of TABLE.trim().split("\n")) {
    const text = line.trim();
    if (text.startsWith("#")) {
      section = text.slice(1).trim();
      continue;
    }
    const [id, field, condition, qualification, absent] = text.split(" | ");
    const [phase, title] = SECTIONS[section]!;
    rows.push({
      id: id!,
      phase,
      section: title,
      field: field!,
      condition: condition!,
      outcome: { controls: 7, host: 8, guest: 33, msr: 34 }[phase],
      qualification: Number(qualification),
      built: absent === undefined,
    });
  }
  return rows;
}

export const ENTRY_CHECKS: readonly EntryCheckRow[] = parse();
