/**
 * VMX controls: one row a bit (SDM "VM-Execution Control Fields", "VM-Exit Controls", "VM-Entry
 * Controls"). The last column names the first CPU model that has the control; `-` marks a control
 * that no model advertises, since the core does not have it.
 */

export type ControlWord = "pin" | "primary" | "secondary" | "tertiary" | "exit" | "exit2" | "entry";

/** CPU models with VMX, oldest first; each has what the ones before it have. */
export const VMX_GENERATIONS = [
  "penryn",
  "nehalem",
  "westmere",
  "haswell",
  "skylake",
  "icelake",
  "sapphire-rapids",
] as const;

export type VmxGeneration = (typeof VMX_GENERATIONS)[number];

export interface ControlWordRow {
  readonly word: ControlWord;
  /** Capability MSR; 64-bit words have a mask of allowed bits there. */
  readonly msr: number;
  /** The MSR that tells which of the default1 bits may be cleared. */
  readonly trueMsr?: number;
  readonly default1: number;
  /** Bits of `default1` that may be cleared. */
  readonly clearable: number;
  readonly bits: 32 | 64;
}

export const CONTROL_WORDS: readonly ControlWordRow[] = [
  { word: "pin", msr: 0x481, trueMsr: 0x48d, default1: 0x16, clearable: 0, bits: 32 },
  {
    word: "primary",
    msr: 0x482,
    trueMsr: 0x48e,
    default1: 0x0401e172,
    clearable: 0x00018000,
    bits: 32,
  },
  { word: "secondary", msr: 0x48b, default1: 0, clearable: 0, bits: 32 },
  { word: "tertiary", msr: 0x492, default1: 0, clearable: 0, bits: 64 },
  { word: "exit", msr: 0x483, trueMsr: 0x48f, default1: 0x00036dff, clearable: 4, bits: 32 },
  { word: "exit2", msr: 0x493, default1: 0, clearable: 0, bits: 64 },
  { word: "entry", msr: 0x484, trueMsr: 0x490, default1: 0x000011ff, clearable: 4, bits: 32 },
];

export interface ControlRow {
  readonly word: ControlWord;
  readonly bit: number;
  readonly name: string;
  readonly since: VmxGeneration | null;
}

const TABLE = `
  pin        0 external_interrupt_exiting           penryn
  pin        3 nmi_exiting                          penryn
  pin        5 virtual_nmis                         penryn
  pin        6 activate_preemption_timer            nehalem
  pin        7 process_posted_interrupts            haswell
  primary    2 interrupt_window_exiting             penryn
  primary    3 use_tsc_offsetting                   penryn
  primary    7 hlt_exiting                          penryn
  primary    9 invlpg_exiting                       penryn
  primary   10 mwait_exiting                        penryn
  primary   11 rdpmc_exiting                        penryn
  primary   12 rdtsc_exiting                        penryn
  primary   15 cr3_load_exiting                     penryn
  primary   16 cr3_store_exiting                    penryn
  primary   17 activate_tertiary_controls           sapphire-rapids
  primary   19 cr8_load_exiting                     penryn
  primary   20 cr8_store_exiting                    penryn
  primary   21 use_tpr_shadow                       penryn
  primary   22 nmi_window_exiting                   penryn
  primary   23 mov_dr_exiting                       penryn
  primary   24 unconditional_io_exiting             penryn
  primary   25 use_io_bitmaps                       penryn
  primary   27 monitor_trap_flag                    nehalem
  primary   28 use_msr_bitmaps                      penryn
  primary   29 monitor_exiting                      penryn
  primary   30 pause_exiting                        penryn
  primary   31 activate_secondary_controls          penryn
  secondary  0 virtualize_apic_accesses             penryn
  secondary  1 enable_ept                           nehalem
  secondary  2 descriptor_table_exiting             nehalem
  secondary  3 enable_rdtscp                        nehalem
  secondary  4 virtualize_x2apic_mode               nehalem
  secondary  5 enable_vpid                          nehalem
  secondary  6 wbinvd_exiting                       penryn
  secondary  7 unrestricted_guest                   westmere
  secondary  8 apic_register_virtualization         haswell
  secondary  9 virtual_interrupt_delivery           haswell
  secondary 10 pause_loop_exiting                   westmere
  secondary 11 rdrand_exiting                       haswell
  secondary 12 enable_invpcid                       haswell
  secondary 13 enable_vm_functions                  haswell
  secondary 14 vmcs_shadowing                       haswell
  secondary 15 encls_exiting                        -
  secondary 16 rdseed_exiting                       skylake
  secondary 17 enable_pml                           skylake
  secondary 18 ept_violation_ve                     skylake
  secondary 19 conceal_vmx_from_pt                  -
  secondary 20 enable_xsaves_xrstors                skylake
  secondary 21 enable_pasid_translation             -
  secondary 22 mode_based_execute_ept               skylake
  secondary 23 subpage_write_permissions            icelake
  secondary 24 pt_uses_guest_physical               -
  secondary 25 use_tsc_scaling                      skylake
  secondary 26 enable_user_wait_pause               -
  secondary 27 enable_pconfig                       -
  secondary 28 enclv_exiting                        -
  secondary 30 vmm_bus_lock_detection               -
  secondary 31 instruction_timeout                  -
  tertiary   0 loadiwkey_exiting                    -
  tertiary   1 enable_hlat                          -
  tertiary   2 ept_paging_write_control             -
  tertiary   3 guest_paging_verification            -
  tertiary   4 ipi_virtualization                   sapphire-rapids
  tertiary   5 seam_guest_physical_address_width    -
  tertiary   6 enable_msr_list_instructions         -
  tertiary   7 virtualize_ia32_spec_ctrl            -
  tertiary   8 apic_timer_virtualization            -
  tertiary   9 enable_pbndkb                        -
  exit       2 save_debug_controls                  penryn
  exit       9 host_address_space_size              penryn
  exit      12 load_ia32_perf_global_ctrl           -
  exit      15 acknowledge_interrupt_on_exit        penryn
  exit      18 save_ia32_pat                        nehalem
  exit      19 load_ia32_pat                        nehalem
  exit      20 save_ia32_efer                       nehalem
  exit      21 load_ia32_efer                       nehalem
  exit      22 save_preemption_timer                nehalem
  exit      23 clear_ia32_bndcfgs                   -
  exit      24 conceal_vmx_from_pt                  -
  exit      25 clear_ia32_rtit_ctl                  -
  exit      26 clear_ia32_lbr_ctl                   -
  exit      27 clear_uinv                           -
  exit      28 load_cet_state                       -
  exit      29 load_pkrs                            -
  exit      30 save_ia32_perf_global_ctrl           -
  exit      31 activate_secondary_exit_controls     -
  exit2      0 save_guest_fred                      -
  exit2      1 load_host_fred                       -
  exit2      2 load_host_ia32_spec_ctrl             -
  exit2      3 prematurely_busy_shadow_stack        -
  entry      2 load_debug_controls                  penryn
  entry      9 ia32e_mode_guest                     penryn
  entry     10 entry_to_smm                         -
  entry     11 deactivate_dual_monitor              -
  entry     13 load_ia32_perf_global_ctrl           -
  entry     14 load_ia32_pat                        nehalem
  entry     15 load_ia32_efer                       nehalem
  entry     16 load_ia32_bndcfgs                    -
  entry     17 conceal_vmx_from_pt                  -
  entry     18 load_ia32_rtit_ctl                   -
  entry     19 load_uinv                            -
  entry     20 load_cet_state                       -
  entry     21 load_ia32_lbr_ctl                    -
  entry     22 load_pkrs                            -
  entry     23 load_guest_fred                      -
  entry     24 load_guest_ia32_spec_ctrl            -
`;

export const CONTROLS: readonly ControlRow[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [word, bit, name, since] = line.trim().split(/\s+/);
    return {
      word: word as ControlWord,
      bit: Number(bit),
      name: name!,
      since: since === "-" ? null : (since as VmxGeneration),
    };
  });

/** True when models of `generation` have the control. */
export function hasControl(row: ControlRow, generation: VmxGeneration): boolean {
  if (row.since === null) return false;
  return VMX_GENERATIONS.indexOf(row.since) <= VMX_GENERATIONS.indexOf(generation);
}

/** The control `word.name`, as other tables refer to it. */
export function controlNamed(reference: string): ControlRow {
  const row = CONTROLS.find((control) => `${control.word}.${control.name}` === reference);
  if (row === undefined) throw new Error(`no VMX control ${reference}`);
  return row;
}
