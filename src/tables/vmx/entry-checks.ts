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
  entry.ctl.pin.reserved | pin word valid against 0x481/0x48D | 0
  entry.ctl.proc.reserved | primary word valid against 0x482/0x48E | 0
  entry.ctl.proc2.reserved | primary.31=0, or secondary word valid against 0x48B (with primary.31=0 the stored word is not checked) | 0
  entry.ctl.proc3.reserved | primary.17=0, or tertiary word has no bit outside 0x492 | 0
  entry.ctl.cr3target.count | cr3_target_count <= VMX_MISC[24:16] | 0
  entry.ctl.iobitmap.a | use_io_bitmaps=0 or pa(io_bitmap_a,12) | 0
  entry.ctl.iobitmap.b | use_io_bitmaps=0 or pa(io_bitmap_b,12) | 0
  entry.ctl.msrbitmap | use_msr_bitmaps=0 or pa(msr_bitmap,12) | 0
  entry.ctl.tpr.vapic.addr | use_tpr_shadow=0 or pa(virtual_apic_addr,12). Side effect allowed: bytes 3:1 of VTPR may be cleared even if the entry later fails | 0
  entry.ctl.tpr.threshold.reserved | use_tpr_shadow=0 or VID=1 or tpr_threshold[31:4]=0 | 0
  entry.ctl.tpr.threshold.vtpr | use_tpr_shadow=0 or VID=1 or virtualize_apic_accesses=1 or tpr_threshold[3:0] <= VTPR[7:4] (virtual-APIC page offset 0x80) | 0
  entry.ctl.nmi.virtual | nmi_exiting=1 or virtual_nmis=0 | 0
  entry.ctl.nmi.window | virtual_nmis=1 or nmi_window_exiting=0 | 0
  entry.ctl.apicaccess.addr | virtualize_apic_accesses=0 or pa(apic_access_addr,12) | 0
  entry.ctl.tpr.required.x2apic | use_tpr_shadow=1 or virtualize_x2apic_mode=0 | 0
  entry.ctl.tpr.required.regvirt | use_tpr_shadow=1 or apic_register_virtualization=0 | 0
  entry.ctl.tpr.required.vid | use_tpr_shadow=1 or VID=0 | 0
  entry.ctl.tpr.required.ipiv | use_tpr_shadow=1 or ipi_virtualization=0 | 0
  entry.ctl.x2apic.exclusive | virtualize_x2apic_mode=0 or virtualize_apic_accesses=0 | 0
  entry.ctl.vid.extint | VID=0 or external_interrupt_exiting=1 | 0
  entry.ctl.posted.vid | process_posted_interrupts=0 or VID=1 | 0
  entry.ctl.posted.ack | process_posted_interrupts=0 or acknowledge_interrupt_on_exit=1 | 0
  entry.ctl.posted.vector | process_posted_interrupts=0 or posted_intr_notification_vector[15:8]=0 | 0
  entry.ctl.posted.addr | process_posted_interrupts=0 or pa(posted_intr_desc_addr,6) | 0
  entry.ctl.vpid.zero | enable_vpid=0 or vpid != 0 | 0
  entry.ctl.eptp.memtype | enable_ept=0 or EPTP[2:0] is 0 with EPT_VPID_CAP[8]=1, or 6 with EPT_VPID_CAP[14]=1 | 0
  entry.ctl.eptp.walk | enable_ept=0 or EPTP[5:3]=3 with cap bit 6, or 4 with cap bit 7 | 0
  entry.ctl.eptp.ad | enable_ept=0 or EPTP[6]=0 or EPT_VPID_CAP[21]=1 | 0
  entry.ctl.eptp.sss | enable_ept=0 or EPTP[7]=0 or EPT_VPID_CAP[23]=1 (the SDM entry-check text still lists bits 11:7 as reserved; KVM rejects bit 7 always) | 0
  entry.ctl.eptp.reserved | enable_ept=0 or (EPTP[11:8]=0 and no bit at or above PA) | 0
  entry.ctl.pml.ept | enable_pml=0 or enable_ept=1 | 0
  entry.ctl.pml.addr | enable_pml=0 or pa(pml_address,12). pml_index is not checked; EPTP[6] need not be 1 | 0
  entry.ctl.urg.ept | unrestricted_guest=0 or enable_ept=1 | 0
  entry.ctl.mbec.ept | mode_based_execute_ept=0 or enable_ept=1 | 0
  entry.ctl.spp.ept | subpage_write_permissions=0 or enable_ept=1 | 0
  entry.ctl.spp.addr | subpage_write_permissions=0 or pa(sppt_pointer,12) | 0
  entry.ctl.vmfunc.reserved | enable_vm_functions=0 or vm_function_controls & ~VMX_VMFUNC = 0 | 0
  entry.ctl.vmfunc.eptpsw.ept | EPTP switching off or enable_ept=1 | 0
  entry.ctl.vmfunc.eptpsw.addr | EPTP switching off or pa(eptp_list_addr,12) | 0
  entry.ctl.shadow.vmread | vmcs_shadowing=0 or pa(vmread_bitmap_addr,12) | 0
  entry.ctl.shadow.vmwrite | vmcs_shadowing=0 or pa(vmwrite_bitmap_addr,12) | 0
  entry.ctl.ve.addr | ept_violation_ve=0 or pa(ve_info_addr,12) | 0
  entry.ctl.pt.gpa | pt_uses_guest_physical=0 or (enable_ept=1 and entry.18=1 and exit.25=1) | 0 | -
  entry.ctl.tscmul.zero | use_tsc_scaling=0 or tsc_multiplier != 0 | 0
  entry.ctl.pasid.low | enable_pasid_translation=0 or pa(low_pasid_directory_addr,12) | 0 | -
  entry.ctl.pasid.high | enable_pasid_translation=0 or pa(high_pasid_directory_addr,12) | 0 | -
  entry.ctl.hlat.ept | enable_hlat=0 or enable_ept=1 | 0 | -
  entry.ctl.hlat.ptr | enable_hlat=0 or (HLATP[2:0]=0, HLATP[11:5]=0, no bit at or above PA) | 0 | -
  entry.ctl.hlat.prefix | enable_hlat=0 or hlat_prefix_size within EPT_VPID_CAP[53:48] | 0 | -
  entry.ctl.pagingwrite.ept | ept_paging_write_control=0 or enable_ept=1 | 0 | -
  entry.ctl.pagingverify.ept | guest_paging_verification=0 or enable_ept=1 | 0 | -
  entry.ctl.ipiv.table | ipi_virtualization=0 or (pid_pointer_table_addr[2:0]=0 and no bit at or above PA) | 0
  entry.ctl.ipiv.last | ipi_virtualization=0 or pid_pointer_table_addr + 8*last_pid_pointer_index + 7 stays below 2^PA | 0
  entry.ctl.vtimer.vector | apic_timer_virtualization=0 or virtual_timer_vector in 16..255 | 0 | -
  entry.ctl.executive | only in SMM: executive_vmcs_pointer checks (errors 16, 17, 18, 25) | 0 | -
  # 5.2
  entry.exit.reserved | exit word valid against 0x483/0x48F | 0
  entry.exit2.reserved | exit.31=0, or secondary exit word has no bit outside 0x493 | 0 | -
  entry.exit.preempt.save | activate_preemption_timer=1 or save_preemption_timer=0 | 0
  entry.exit.msrstore.align | count=0 or vmexit_msr_store_addr[3:0]=0 | 0
  entry.exit.msrstore.pa | count=0 or vmexit_msr_store_addr has no bit at or above PA | 0
  entry.exit.msrstore.last | count=0 or addr + 16*count - 1 has no bit at or above PA (wide arithmetic) | 0
  entry.exit.msrload.align | count=0 or vmexit_msr_load_addr[3:0]=0 | 0
  entry.exit.msrload.pa | count=0 or no bit at or above PA | 0
  entry.exit.msrload.last | count=0 or last byte has no bit at or above PA | 0
  # 5.3
  entry.entry.reserved | entry word valid against 0x484/0x490 | 0
  entry.inj.type.reserved | valid=0, or type != 1, and type != 7 unless monitor_trap_flag may be 1 (or FRED guest) | 0
  entry.inj.vector.nmi | type 2 => vector = 2 | 0
  entry.inj.vector.hwexc | type 3 => vector <= 31 | 0
  entry.inj.vector.other | type 7 => vector = 0 (FRED: 0, 1 or 2 when guest CR4.FRED=1) | 0
  entry.inj.ec.type | deliver-error-code=1 => type = 3 | 0
  entry.inj.ec.realmode | deliver-error-code=1 => unrestricted_guest=0 or guest CR0.PE=1 (an injected exception has no error code in real mode) | 0
  entry.inj.ec.required | VMX_BASIC[56]=0 and type=3 and (unrestricted_guest=0 or CR0.PE=1): deliver-error-code=1 iff vector in {8,10,11,12,13,14,17} (21 = #CP also delivers one on CET processors, which report VMX_BASIC[56]=1). VMX_BASIC[56]=1: not checked for type 3 | 0
  entry.inj.reserved | bits 30:12 are 0 (bit 13 allowed with VMX_BASIC[58]=1 and type 3) | 0
  entry.inj.ec.upper | deliver-error-code=1 => vmentry_exception_error_code[31:16]=0 (SDM text of older editions said 31:15) | 0
  entry.inj.length | type 4, 5 or 6 (and FRED type 7 vectors 1, 2): vmentry_instruction_length in 1..15, or 0..15 when VMX_MISC[30]=1 | 0
  entry.entry.msrload.align | count=0 or vmentry_msr_load_addr[3:0]=0 | 0
  entry.entry.msrload.pa | count=0 or no bit at or above PA | 0
  entry.entry.msrload.last | count=0 or last byte has no bit at or above PA | 0
  entry.entry.smm.outside | in SMM, or entry.10=0 and entry.11=0 | 0 | -
  entry.entry.smm.both | not (entry.10=1 and entry.11=1) | 0 | -
  # 5.4
  entry.host.cr0.fixed | CR0 field agrees with FIXED0/FIXED1; bits NW and CD are not checked (VM exit never changes them) | 0
  entry.host.cr4.fixed | CR4 field agrees with FIXED0/FIXED1 | 0
  entry.host.cr4.cet.wp | CR4.CET=0 or CR0.WP=1 | 0 | -
  entry.host.cr3.pa | CR3 field has no bit at or above PA (bits 62:61 allowed with LAM) | 0
  entry.host.sysenter.esp | canonical | 0
  entry.host.sysenter.eip | canonical | 0
  entry.host.perfglobal | exit.12=0 or reserved bits of IA32_PERF_GLOBAL_CTRL field are 0 | 0 | -
  entry.host.pat | exit.19=0 or each byte of PAT field in {0,1,4,5,6,7} | 0
  entry.host.efer.reserved | exit.21=0 or reserved EFER bits 0 | 0
  entry.host.efer.lma | exit.21=0 or LMA = host_address_space_size | 0
  entry.host.efer.lme | exit.21=0 or LME = host_address_space_size | 0
  entry.host.cet.scet | exit.28=0 or S_CET reserved bits (9:6) 0, not both SUPPRESS(10) and TRACKER(11), and legacy-bitmap base canonical | 0 | -
  entry.host.cet.ssp | exit.28=0 or SSP[1:0]=0 and SSP canonical | 0 | -
  entry.host.cet.isst | exit.28=0 or interrupt-SSP-table address canonical | 0 | -
  entry.host.cet.width | exit.28=0 or host_address_space_size=1 or (S_CET[63:32]=0 and SSP[63:32]=0) | 0 | -
  entry.host.pkrs | exit.29=0 or PKRS[63:32]=0 | 0 | -
  entry.host.fred.config | exit2.1=0 or FRED_CONFIG bits 2, 4, 5, 11 are 0 and the address part is canonical | 0 | -
  entry.host.fred.rsp | exit2.1=0 or RSP1..3 canonical and 64-byte aligned | 0 | -
  entry.host.fred.ssp | exit2.1=0 or SSP1..3 canonical and 8-byte aligned | 0 | -
  entry.host.fred.mode | host CR4.FRED=1 => host_address_space_size=1 | 0 | -
  entry.host.specctrl | exit2.2=0 or value writable by WRMSR | 0 | -
  # 5.5
  entry.host.sel.es | RPL=0 and TI=0 (selector[2:0]=0) | 0
  entry.host.sel.cs | selector[2:0]=0 | 0
  entry.host.sel.ss | selector[2:0]=0 | 0
  entry.host.sel.ds | selector[2:0]=0 | 0
  entry.host.sel.fs | selector[2:0]=0 | 0
  entry.host.sel.gs | selector[2:0]=0 | 0
  entry.host.sel.tr | selector[2:0]=0 | 0
  entry.host.cs.null | CS selector != 0 | 0
  entry.host.tr.null | TR selector != 0 | 0
  entry.host.ss.null | host_address_space_size=1 or SS selector != 0 | 0
  entry.host.fs.base | canonical | 0
  entry.host.gs.base | canonical | 0
  entry.host.gdtr.base | canonical | 0
  entry.host.idtr.base | canonical | 0
  entry.host.tr.base | canonical | 0
  # 5.6
  entry.host.size.legacy.guest | LP EFER.LMA=0 => entry.9=0 | 0
  entry.host.size.legacy.host | LP EFER.LMA=0 => exit.9=0 | 0
  entry.host.size.long.host | LP EFER.LMA=1 => exit.9=1 | 0
  entry.host.size32.guest | exit.9=0 => entry.9=0 | 0
  entry.host.size32.pcide | exit.9=0 => CR4.PCIDE=0 | 0
  entry.host.size32.rip | exit.9=0 => RIP[63:32]=0 | 0
  entry.host.size64.pae | exit.9=1 => CR4.PAE=1 | 0
  entry.host.size64.rip | exit.9=1 => RIP canonical | 0
  # 5.7
  entry.guest.cr0.fixed | CR0 agrees with FIXED0/FIXED1; NW and CD not checked; PE and PG not checked against FIXED0 when URG=1 | 0
  entry.guest.cr0.pg_pe | CR0.PG=1 => CR0.PE=1 | 0
  entry.guest.cr4.fixed | CR4 agrees with FIXED0/FIXED1 (VMXE must be 1) | 0
  entry.guest.cr4.cet_wp | CR4.CET=0 or CR0.WP=1 | 0 | -
  entry.guest.debugctl | entry.2=0 or reserved bits of IA32_DEBUGCTL field are 0 | 0
  entry.guest.ia32e.pg | entry.9=1 => CR0.PG=1 | 0
  entry.guest.ia32e.pae | entry.9=1 => CR4.PAE=1 | 0
  entry.guest.legacy.pcide | entry.9=0 => CR4.PCIDE=0 | 0
  entry.guest.legacy.fred | entry.9=0 => CR4.FRED=0 | 0 | -
  entry.guest.cr3.pa | no bit of CR3 at or above PA, in every paging mode (bits 62:61 allowed with LAM); low bits are ignored | 0
  entry.guest.dr7 | entry.2=0 or DR7[63:32]=0 | 0
  entry.guest.sysenter.esp | canonical | 0
  entry.guest.sysenter.eip | canonical | 0
  entry.guest.cet.scet | entry.20=0 or S_CET valid as in entry.host.cet.scet | 0 | -
  entry.guest.cet.ssp | entry.20=0 or SSP[1:0]=0 | 0 | -
  entry.guest.cet.isst | entry.20=0 or interrupt-SSP-table address canonical | 0 | -
  entry.guest.perfglobal | entry.13=0 or reserved bits 0 | 0 | -
  entry.guest.pat | entry.14=0 or each byte in {0,1,4,5,6,7} | 0
  entry.guest.efer.reserved | entry.15=0 or reserved bits 0 | 0
  entry.guest.efer.lma | entry.15=0 or LMA = entry.9 | 0
  entry.guest.efer.lme | entry.15=0 or CR0.PG=0 or LME = LMA | 0
  entry.guest.bndcfgs | entry.16=0 or bits 11:2 are 0 and bits 63:12 canonical | 0 | -
  entry.guest.rtit | entry.18=0 or value of RTIT_CTL writable by WRMSR (with TraceEn rules) | 0 | -
  entry.guest.uinv | entry.19=0 or UINV[15:8]=0 | 0 | -
  entry.guest.lbr | entry.21=0 or reserved bits of LBR_CTL are 0 | 0 | -
  entry.guest.pkrs | entry.22=0 or PKRS[63:32]=0 | 0 | -
  entry.guest.fred.config | entry.23=0 or FRED_CONFIG bits 2, 4, 5, 11 are 0 and address part canonical | 0 | -
  entry.guest.fred.rsp | entry.23=0 or RSP1..3 canonical and 64-byte aligned | 0 | -
  entry.guest.fred.ssp | entry.23=0 or SSP1..3 canonical and 8-byte aligned | 0 | -
  entry.guest.specctrl | entry.24=0 or value writable by WRMSR | 0 | -
  # 5.8
  entry.guest.tr.ti | TR selector TI=0 | 0
  entry.guest.ldtr.ti | LDTR unusable or TI=0 | 0
  entry.guest.ss.rpl_cs | v86 or URG=1 or SS.RPL = CS.RPL (also when SS is unusable) | 0
  # 5.9
  entry.guest.cs.base.v86 | v86 => base = selector<<4 for each R | 0
  entry.guest.ss.base.v86 | v86 => base = selector<<4 for each R | 0
  entry.guest.ds.base.v86 | v86 => base = selector<<4 for each R | 0
  entry.guest.es.base.v86 | v86 => base = selector<<4 for each R | 0
  entry.guest.fs.base.v86 | v86 => base = selector<<4 for each R | 0
  entry.guest.gs.base.v86 | v86 => base = selector<<4 for each R | 0
  entry.guest.tr.base | canonical | 0
  entry.guest.fs.base | canonical (even when unusable) | 0
  entry.guest.gs.base | canonical (even when unusable) | 0
  entry.guest.ldtr.base | unusable or canonical | 0
  entry.guest.cs.base.high | base[63:32]=0 | 0
  entry.guest.ss.base.high | unusable or base[63:32]=0 | 0
  entry.guest.ds.base.high | unusable or base[63:32]=0 | 0
  entry.guest.es.base.high | unusable or base[63:32]=0 | 0
  # 5.10
  entry.guest.cs.limit.v86 | v86 => limit = 0xFFFF | 0
  entry.guest.ss.limit.v86 | v86 => limit = 0xFFFF | 0
  entry.guest.ds.limit.v86 | v86 => limit = 0xFFFF | 0
  entry.guest.es.limit.v86 | v86 => limit = 0xFFFF | 0
  entry.guest.fs.limit.v86 | v86 => limit = 0xFFFF | 0
  entry.guest.gs.limit.v86 | v86 => limit = 0xFFFF | 0
  entry.guest.cs.ar.v86 | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.ss.ar.v86 | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.ds.ar.v86 | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.es.ar.v86 | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.fs.ar.v86 | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  entry.guest.gs.ar.v86 | v86 => AR = 0x000000F3 (all 32 bits; unusable bit 0) | 0
  # 5.11
  entry.guest.cs.ar.type | type in {9,11,13,15}, or 3 when URG=1 | 0
  entry.guest.ss.ar.type | unusable or type in {3,7} | 0
  entry.guest.ds.ar.type.accessed | unusable or type[0]=1 | 0
  entry.guest.es.ar.type.accessed | unusable or type[0]=1 | 0
  entry.guest.fs.ar.type.accessed | unusable or type[0]=1 | 0
  entry.guest.gs.ar.type.accessed | unusable or type[0]=1 | 0
  entry.guest.ds.ar.type.readable | unusable or type[3]=0 or type[1]=1 | 0
  entry.guest.es.ar.type.readable | unusable or type[3]=0 or type[1]=1 | 0
  entry.guest.fs.ar.type.readable | unusable or type[3]=0 or type[1]=1 | 0
  entry.guest.gs.ar.type.readable | unusable or type[3]=0 or type[1]=1 | 0
  entry.guest.cs.ar.s | (CS, or usable) => S=1 | 0
  entry.guest.ss.ar.s | (CS, or usable) => S=1 | 0
  entry.guest.ds.ar.s | (CS, or usable) => S=1 | 0
  entry.guest.es.ar.s | (CS, or usable) => S=1 | 0
  entry.guest.fs.ar.s | (CS, or usable) => S=1 | 0
  entry.guest.gs.ar.s | (CS, or usable) => S=1 | 0
  entry.guest.cs.ar.dpl.real | CS type 3 => CS.DPL=0 | 0
  entry.guest.cs.ar.dpl.nonconf | CS type 9 or 11 => CS.DPL = SS.DPL | 0
  entry.guest.cs.ar.dpl.conf | CS type 13 or 15 => CS.DPL <= SS.DPL | 0
  entry.guest.ss.ar.dpl.rpl | URG=1 or SS.DPL = SS.RPL (checked whether or not SS is usable) | 0
  entry.guest.ss.ar.dpl.zero | CS type 3, or guest CR0.PE=0 => SS.DPL=0 (checked whether or not usable) | 0
  entry.guest.ds.ar.dpl | URG=1, or unusable, or type >= 12, or DPL >= RPL | 0
  entry.guest.es.ar.dpl | URG=1, or unusable, or type >= 12, or DPL >= RPL | 0
  entry.guest.fs.ar.dpl | URG=1, or unusable, or type >= 12, or DPL >= RPL | 0
  entry.guest.gs.ar.dpl | URG=1, or unusable, or type >= 12, or DPL >= RPL | 0
  entry.guest.cs.ar.p | (CS, or usable) => P=1 | 0
  entry.guest.ss.ar.p | (CS, or usable) => P=1 | 0
  entry.guest.ds.ar.p | (CS, or usable) => P=1 | 0
  entry.guest.es.ar.p | (CS, or usable) => P=1 | 0
  entry.guest.fs.ar.p | (CS, or usable) => P=1 | 0
  entry.guest.gs.ar.p | (CS, or usable) => P=1 | 0
  entry.guest.cs.ar.reserved_11_8 | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.ss.ar.reserved_11_8 | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.ds.ar.reserved_11_8 | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.es.ar.reserved_11_8 | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.fs.ar.reserved_11_8 | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.gs.ar.reserved_11_8 | (CS, or usable) => AR[11:8]=0 | 0
  entry.guest.cs.ar.db_l | ia32e and CS.L=1 => CS.D/B=0 | 0
  entry.guest.cs.ar.g.low | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.ss.ar.g.low | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.ds.ar.g.low | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.es.ar.g.low | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.fs.ar.g.low | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.gs.ar.g.low | (CS, or usable) and limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.cs.ar.g.high | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.ss.ar.g.high | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.ds.ar.g.high | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.es.ar.g.high | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.fs.ar.g.high | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.gs.ar.g.high | (CS, or usable) and limit[31:20] != 0 => G=1 | 0
  entry.guest.cs.ar.reserved_31_17 | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.ss.ar.reserved_31_17 | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.ds.ar.reserved_31_17 | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.es.ar.reserved_31_17 | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.fs.ar.reserved_31_17 | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.gs.ar.reserved_31_17 | (CS, or usable) => AR[31:17]=0 | 0
  entry.guest.ss.fred.dpl | CR4.FRED=1 => SS.DPL in {0,3} | 0 | -
  entry.guest.cs.fred.l | CR4.FRED=1 and SS.DPL=0 => CS.L=1 | 0 | -
  # 5.12
  entry.guest.tr.ar.type | ia32e: 11; else 3 or 11 | 0
  entry.guest.tr.ar.s | S=0 | 0
  entry.guest.tr.ar.p | P=1 | 0
  entry.guest.tr.ar.reserved_11_8 | 0 | 0
  entry.guest.tr.ar.g.low | limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.tr.ar.g.high | limit[31:20] != 0 => G=1 | 0
  entry.guest.tr.ar.unusable | AR[16]=0 | 0
  entry.guest.tr.ar.reserved_31_17 | 0 | 0
  entry.guest.ldtr.ar.type | unusable or 2 | 0
  entry.guest.ldtr.ar.s | unusable or S=0 | 0
  entry.guest.ldtr.ar.p | unusable or P=1 | 0
  entry.guest.ldtr.ar.reserved_11_8 | unusable or 0 | 0
  entry.guest.ldtr.ar.g.low | unusable, or limit[11:0] != 0xFFF => G=0 | 0
  entry.guest.ldtr.ar.g.high | unusable, or limit[31:20] != 0 => G=1 | 0
  entry.guest.ldtr.ar.reserved_31_17 | unusable or 0 | 0
  # 5.13
  entry.guest.gdtr.base | canonical | 0
  entry.guest.idtr.base | canonical | 0
  entry.guest.gdtr.limit | limit[31:16]=0 | 0
  entry.guest.idtr.limit | limit[31:16]=0 | 0
  entry.guest.rip.high | (ia32e and CS.L=1) or RIP[63:32]=0 | 0
  entry.guest.rip.wide | ia32e and CS.L=1 => bits 63:N of RIP identical, N = supported linear-address width (weaker than canonical: bit N-1 is free) | 0
  entry.guest.rflags.reserved | bits 63:22, 15, 5, 3 are 0 | 0
  entry.guest.rflags.bit1 | bit 1 is 1 | 0
  entry.guest.rflags.vm | ia32e or CR0.PE=0 => VM=0 | 0
  entry.guest.rflags.if | injecting type 0 => IF=1 | 0
  entry.guest.rflags.iopl.fred | CR4.FRED=1 and SS.DPL=3 => IOPL=0 | 0 | -
  entry.guest.ssp.wide | entry.20=1, ia32e and CS.L=1 => SSP bits 63:N identical | 0 | -
  entry.guest.ssp.high | entry.20=1, not (ia32e and CS.L=1) => SSP[63:32]=0 | 0 | -
  # 5.14
  entry.guest.activity.range | value 0..3 and supported per VMX_MISC[8:6] | 0
  entry.guest.activity.hlt_dpl | HLT => SS.DPL=0 | 0
  entry.guest.activity.blocking | STI or MOV-SS blocking set => active | 0
  entry.guest.activity.inject.hlt | injecting in HLT => type 0; or type 2; or type 3 with vector 1 or 18; or type 7 vector 0 | 0
  entry.guest.activity.inject.shutdown | injecting in shutdown => type 2 vector 2, or type 3 vector 18 | 0
  entry.guest.activity.inject.sipi | wait-for-SIPI => no injection | 0
  entry.guest.activity.smm | entry.10=1 => not wait-for-SIPI | 0 | -
  entry.guest.intr.reserved | bits 31:5 are 0 | 0
  entry.guest.intr.both | not (bit 0 and bit 1) | 0
  entry.guest.intr.sti_if | RFLAGS.IF=0 => bit 0 = 0 | 0
  entry.guest.intr.inject.ext | injecting type 0 => bits 0 and 1 are 0 | 0
  entry.guest.intr.inject.nmi_movss | injecting type 2 => bit 1 = 0 | 0
  entry.guest.intr.inject.nmi_sti | injecting type 2 => bit 0 = 0 (implementation-specific: a processor may require it) | 3
  entry.guest.intr.smi.outside | not in SMM => bit 2 = 0 | 0
  entry.guest.intr.smi.entry | entry.10=1 => bit 2 = 1 | 0 | -
  entry.guest.intr.inject.vnmi | virtual_nmis=1 and injecting type 2 => bit 3 = 0 | 0
  entry.guest.intr.enclave | bit 4 = 1 => bit 1 = 0 and SGX supported | 0
  entry.guest.intr.fred_sti | CR4.FRED=1 and SS.DPL=3 => bit 0 = 0 | 0 | -
  entry.guest.pdbg.reserved | bits 10:4, 13, 15 and 63:17 are 0; bit 11 is 0 unless bus-lock debug exceptions are supported | 0
  entry.guest.pdbg.bs_set | (STI blocking, MOV-SS blocking, or HLT) and RFLAGS.TF=1 and DEBUGCTL.BTF=0 => BS(14)=1 | 0
  entry.guest.pdbg.bs_clear | (same context) and (TF=0 or BTF=1) => BS=0 | 0
  entry.guest.pdbg.rtm.bits | bit 16 = 1 => bits 11:0, 15:13, 63:17 are 0 and bit 12 = 1 | 0 | -
  entry.guest.pdbg.rtm.cpuid | bit 16 = 1 => RTM supported | 0
  entry.guest.pdbg.rtm.movss | bit 16 = 1 => MOV-SS blocking is 0 | 0 | -
  entry.guest.link.addr | link pointer all ones, or pa(link,12) | 4
  entry.guest.link.revision | link all ones, or dword at link bits 30:0 = VMX_BASIC[30:0] | 4
  entry.guest.link.shadow | link all ones, or dword at link bit 31 = vmcs_shadowing | 4
  entry.guest.link.current | link all ones, or (not in SMM or entry.10=1) => link != current VMCS | 4
  entry.guest.link.vmxon | in SMM and entry.10=0 => link != VMXON pointer | 4 | -
  # 5.15
  entry.guest.pdpte.ept | enable_ept=1: each PDPTE field with P=1 has its reserved bits (2:1, 8:5, 63:PA) clear; P=0 entries are not checked | 2
  entry.guest.pdpte.mem | enable_ept=0: same check on the four 8-byte entries read from physical CR3[31:5]<<5 (not checked when CR3 and other relevant state is unchanged is allowed) | 2
  # 5.16
  entry.msr.fsgs | index 0xC0000100 or 0xC0000101 | 0
  entry.msr.x2apic | index[31:8] = 0x000008 (x2APIC range 0x800..0x8FF) | 0
  entry.msr.smm | index writable only in SMM (IA32_SMM_MONITOR_CTL 0x9B) and LP not in SMM | 0 | -
  entry.msr.model | index that the implementation refuses (IA32_BIOS_UPDT_TRIG 0x79, IA32_BIOS_SIGN_ID 0x8B) | 0
  entry.msr.reserved | bits 63:32 of the entry are not 0 | 0
  entry.msr.gp | WRMSR of the value at CPL 0 would #GP (including EFER.LME change with CR0.PG=1) | 0
  entry.msr.count | count beyond the recommended maximum: undefined, may fail with exit 34 and qualification max+1 | 0
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
    const [id, condition, qualification, absent] = text.split(" | ");
    const [phase, title] = SECTIONS[section]!;
    rows.push({
      id: id!,
      phase,
      section: title,
      condition: condition!,
      outcome: { controls: 7, host: 8, guest: 33, msr: 34 }[phase],
      qualification: Number(qualification),
      built: absent === undefined,
    });
  }
  return rows;
}

export const ENTRY_CHECKS: readonly EntryCheckRow[] = parse();
