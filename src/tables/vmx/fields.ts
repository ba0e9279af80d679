/**
 * VMCS fields: one row each (SDM "Field Encoding in VMCS"). Behind the name stand the controls any of
 * which brings the field into being; none means that every processor with VMX has it, `-` that no
 * model has it.
 */
import { type ControlRow, controlNamed, hasControl, type VmxGeneration } from "./controls.ts";

export type FieldGroup = "control" | "read-only" | "guest" | "host";
/** Bits of a field; natural width is 64 in the region. */
export type FieldWidth = 16 | 32 | 64 | "natural";

export interface VmcsField {
  readonly name: string;
  /** Encoding of the full access. */
  readonly encoding: number;
  readonly group: FieldGroup;
  readonly width: FieldWidth;
  /** Any of these makes the field exist; empty: it always exists. */
  readonly controls: readonly ControlRow[];
  /** False for fields of features that no model has. */
  readonly built: boolean;
}

const GROUPS: readonly FieldGroup[] = ["control", "read-only", "guest", "host"];
const WIDTHS: readonly FieldWidth[] = [16, 64, 32, "natural"];

const TABLE = `
  0x0000 vpid                               secondary.enable_vpid
  0x0002 posted_intr_notification_vector    pin.process_posted_interrupts
  0x0004 eptp_index                         secondary.ept_violation_ve
  0x0006 hlat_prefix_size                   tertiary.enable_hlat
  0x0008 last_pid_pointer_index             tertiary.ipi_virtualization
  0x000a virtual_timer_vector               tertiary.apic_timer_virtualization
  0x0800 guest_es_selector
  0x0802 guest_cs_selector
  0x0804 guest_ss_selector
  0x0806 guest_ds_selector
  0x0808 guest_fs_selector
  0x080a guest_gs_selector
  0x080c guest_ldtr_selector
  0x080e guest_tr_selector
  0x0810 guest_interrupt_status             secondary.virtual_interrupt_delivery
  0x0812 pml_index                          secondary.enable_pml
  0x0814 guest_uinv                         entry.load_uinv exit.clear_uinv
  0x0c00 host_es_selector
  0x0c02 host_cs_selector
  0x0c04 host_ss_selector
  0x0c06 host_ds_selector
  0x0c08 host_fs_selector
  0x0c0a host_gs_selector
  0x0c0c host_tr_selector
  0x2000 io_bitmap_a
  0x2002 io_bitmap_b
  0x2004 msr_bitmap                         primary.use_msr_bitmaps
  0x2006 vmexit_msr_store_addr
  0x2008 vmexit_msr_load_addr
  0x200a vmentry_msr_load_addr
  0x200c executive_vmcs_pointer
  0x200e pml_address                        secondary.enable_pml
  0x2010 tsc_offset
  0x2012 virtual_apic_addr                  primary.use_tpr_shadow
  0x2014 apic_access_addr                   secondary.virtualize_apic_accesses
  0x2016 posted_intr_desc_addr              pin.process_posted_interrupts
  0x2018 vm_function_controls               secondary.enable_vm_functions
  0x201a eptp                               secondary.enable_ept
  0x201c eoi_exit_bitmap0                   secondary.virtual_interrupt_delivery
  0x201e eoi_exit_bitmap1                   secondary.virtual_interrupt_delivery
  0x2020 eoi_exit_bitmap2                   secondary.virtual_interrupt_delivery
  0x2022 eoi_exit_bitmap3                   secondary.virtual_interrupt_delivery
  0x2024 eptp_list_addr                     secondary.enable_vm_functions
  0x2026 vmread_bitmap_addr                 secondary.vmcs_shadowing
  0x2028 vmwrite_bitmap_addr                secondary.vmcs_shadowing
  0x202a ve_info_addr                       secondary.ept_violation_ve
  0x202c xss_exiting_bitmap                 secondary.enable_xsaves_xrstors
  0x202e encls_exiting_bitmap               secondary.encls_exiting
  0x2030 sppt_pointer                       secondary.subpage_write_permissions
  0x2032 tsc_multiplier                     secondary.use_tsc_scaling
  0x2034 tertiary_exec_controls             primary.activate_tertiary_controls
  0x2036 enclv_exiting_bitmap               secondary.enclv_exiting
  0x2038 low_pasid_directory_addr           secondary.enable_pasid_translation
  0x203a high_pasid_directory_addr          secondary.enable_pasid_translation
  0x203c shared_eptp                        -
  0x203e pconfig_exiting_bitmap             secondary.enable_pconfig
  0x2040 hlatp                              tertiary.enable_hlat
  0x2042 pid_pointer_table_addr             tertiary.ipi_virtualization
  0x2044 secondary_exit_controls            exit.activate_secondary_exit_controls
  0x204a spec_ctrl_mask                     tertiary.virtualize_ia32_spec_ctrl
  0x204c spec_ctrl_shadow                   tertiary.virtualize_ia32_spec_ctrl
  0x204e guest_deadline_shadow              tertiary.apic_timer_virtualization
  0x2052 injected_event_data                -
  0x2400 guest_physical_address             secondary.enable_ept
  0x2402 msr_data                           tertiary.enable_msr_list_instructions
  0x2404 original_event_data                -
  0x2800 vmcs_link_pointer
  0x2802 guest_ia32_debugctl
  0x2804 guest_ia32_pat                     entry.load_ia32_pat exit.save_ia32_pat
  0x2806 guest_ia32_efer                    entry.load_ia32_efer exit.save_ia32_efer
  0x2808 guest_ia32_perf_global_ctrl        entry.load_ia32_perf_global_ctrl exit.save_ia32_perf_global_ctrl
  0x280a guest_pdpte0                       secondary.enable_ept
  0x280c guest_pdpte1                       secondary.enable_ept
  0x280e guest_pdpte2                       secondary.enable_ept
  0x2810 guest_pdpte3                       secondary.enable_ept
  0x2812 guest_ia32_bndcfgs                 entry.load_ia32_bndcfgs exit.clear_ia32_bndcfgs
  0x2814 guest_ia32_rtit_ctl                entry.load_ia32_rtit_ctl exit.clear_ia32_rtit_ctl
  0x2816 guest_ia32_lbr_ctl                 entry.load_ia32_lbr_ctl exit.clear_ia32_lbr_ctl
  0x2818 guest_ia32_pkrs                    entry.load_pkrs
  0x281a guest_ia32_fred_config             entry.load_guest_fred
  0x281c guest_ia32_fred_rsp1               entry.load_guest_fred
  0x281e guest_ia32_fred_rsp2               entry.load_guest_fred
  0x2820 guest_ia32_fred_rsp3               entry.load_guest_fred
  0x2822 guest_ia32_fred_stklvls            entry.load_guest_fred
  0x2824 guest_ia32_fred_ssp1               entry.load_guest_fred
  0x2826 guest_ia32_fred_ssp2               entry.load_guest_fred
  0x2828 guest_ia32_fred_ssp3               entry.load_guest_fred
  0x282e guest_ia32_spec_ctrl               entry.load_guest_ia32_spec_ctrl
  0x2830 guest_deadline                     tertiary.apic_timer_virtualization
  0x2c00 host_ia32_pat                      exit.load_ia32_pat
  0x2c02 host_ia32_efer                     exit.load_ia32_efer
  0x2c04 host_ia32_perf_global_ctrl         exit.load_ia32_perf_global_ctrl
  0x2c06 host_ia32_pkrs                     exit.load_pkrs
  0x2c08 host_ia32_fred_config              exit2.load_host_fred
  0x2c0a host_ia32_fred_rsp1                exit2.load_host_fred
  0x2c0c host_ia32_fred_rsp2                exit2.load_host_fred
  0x2c0e host_ia32_fred_rsp3                exit2.load_host_fred
  0x2c10 host_ia32_fred_stklvls             exit2.load_host_fred
  0x2c12 host_ia32_fred_ssp1                exit2.load_host_fred
  0x2c14 host_ia32_fred_ssp2                exit2.load_host_fred
  0x2c16 host_ia32_fred_ssp3                exit2.load_host_fred
  0x2c1a host_ia32_spec_ctrl                exit2.load_host_ia32_spec_ctrl
  0x4000 pin_based_controls
  0x4002 primary_proc_controls
  0x4004 exception_bitmap
  0x4006 pf_error_code_mask
  0x4008 pf_error_code_match
  0x400a cr3_target_count
  0x400c vmexit_controls
  0x400e vmexit_msr_store_count
  0x4010 vmexit_msr_load_count
  0x4012 vmentry_controls
  0x4014 vmentry_msr_load_count
  0x4016 vmentry_intr_info
  0x4018 vmentry_exception_error_code
  0x401a vmentry_instruction_length
  0x401c tpr_threshold                      primary.use_tpr_shadow
  0x401e secondary_proc_controls            primary.activate_secondary_controls
  0x4020 ple_gap                            secondary.pause_loop_exiting
  0x4022 ple_window                         secondary.pause_loop_exiting
  0x4024 instruction_timeout                secondary.instruction_timeout
  0x4026 seam_guest_keyid                   -
  0x4400 vm_instruction_error
  0x4402 exit_reason
  0x4404 exit_intr_info
  0x4406 exit_intr_error_code
  0x4408 idt_vectoring_info
  0x440a idt_vectoring_error_code
  0x440c exit_instruction_length
  0x440e exit_instruction_info
  0x4800 guest_es_limit
  0x4802 guest_cs_limit
  0x4804 guest_ss_limit
  0x4806 guest_ds_limit
  0x4808 guest_fs_limit
  0x480a guest_gs_limit
  0x480c guest_ldtr_limit
  0x480e guest_tr_limit
  0x4810 guest_gdtr_limit
  0x4812 guest_idtr_limit
  0x4814 guest_es_ar
  0x4816 guest_cs_ar
  0x4818 guest_ss_ar
  0x481a guest_ds_ar
  0x481c guest_fs_ar
  0x481e guest_gs_ar
  0x4820 guest_ldtr_ar
  0x4822 guest_tr_ar
  0x4824 guest_interruptibility
  0x4826 guest_activity_state
  0x4828 guest_smbase
  0x482a guest_ia32_sysenter_cs
  0x482e vmx_preemption_timer_value         pin.activate_preemption_timer
  0x4c00 host_ia32_sysenter_cs
  0x6000 cr0_guest_host_mask
  0x6002 cr4_guest_host_mask
  0x6004 cr0_read_shadow
  0x6006 cr4_read_shadow
  0x6008 cr3_target0
  0x600a cr3_target1
  0x600c cr3_target2
  0x600e cr3_target3
  0x6400 exit_qualification
  0x6402 io_rcx
  0x6404 io_rsi
  0x6406 io_rdi
  0x6408 io_rip
  0x640a guest_linear_address
  0x6800 guest_cr0
  0x6802 guest_cr3
  0x6804 guest_cr4
  0x6806 guest_es_base
  0x6808 guest_cs_base
  0x680a guest_ss_base
  0x680c guest_ds_base
  0x680e guest_fs_base
  0x6810 guest_gs_base
  0x6812 guest_ldtr_base
  0x6814 guest_tr_base
  0x6816 guest_gdtr_base
  0x6818 guest_idtr_base
  0x681a guest_dr7
  0x681c guest_rsp
  0x681e guest_rip
  0x6820 guest_rflags
  0x6822 guest_pending_debug
  0x6824 guest_ia32_sysenter_esp
  0x6826 guest_ia32_sysenter_eip
  0x6828 guest_ia32_s_cet                   entry.load_cet_state
  0x682a guest_ssp                          entry.load_cet_state
  0x682c guest_ia32_intr_ssp_table_addr     entry.load_cet_state
  0x6c00 host_cr0
  0x6c02 host_cr3
  0x6c04 host_cr4
  0x6c06 host_fs_base
  0x6c08 host_gs_base
  0x6c0a host_tr_base
  0x6c0c host_gdtr_base
  0x6c0e host_idtr_base
  0x6c10 host_ia32_sysenter_esp
  0x6c12 host_ia32_sysenter_eip
  0x6c14 host_rsp
  0x6c16 host_rip
  0x6c18 host_ia32_s_cet                    exit.load_cet_state
  0x6c1a host_ssp                           exit.load_cet_state
  0x6c1c host_ia32_intr_ssp_table_addr      exit.load_cet_state
`;

export const VMCS_FIELDS: readonly VmcsField[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [encoding, name, ...controls] = line.trim().split(/\s+/);
    const value = Number(encoding);
    const rows = controls[0] === "-" ? [] : controls.map(controlNamed);
    return {
      name: name!,
      encoding: value,
      group: GROUPS[(value >> 10) & 3]!,
      width: WIDTHS[(value >> 13) & 3]!,
      controls: rows,
      built:
        controls[0] !== "-" &&
        (rows.length === 0 || rows.some((control) => control.since !== null)),
    };
  });

/** Offset of a field in the VMCS region; each has eight bytes behind the header. */
export function fieldOffset(field: VmcsField): number {
  return VMCS_HEADER_BYTES + 8 * VMCS_FIELDS.indexOf(field);
}

/** Revision identifier, abort indicator, launch state. */
export const VMCS_HEADER_BYTES = 16;

/** True when models of `generation` have the field. */
export function hasField(field: VmcsField, generation: VmxGeneration): boolean {
  return fieldExists(field, (control) => hasControl(control, generation));
}

/** True when a processor with the controls that `has` tells of has the field. */
export function fieldExists(field: VmcsField, has: (control: ControlRow) => boolean): boolean {
  return field.built && (field.controls.length === 0 || field.controls.some(has));
}
