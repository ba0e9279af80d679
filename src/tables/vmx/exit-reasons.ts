/** Basic exit reasons (SDM "VMX Basic Exit Reasons"): one row each. */

export interface ExitReasonRow {
  readonly number: number;
  readonly name: string;
  /** False when no control of ours can cause it. */
  readonly built: boolean;
}

const TABLE = `
   0 exception_or_nmi           built
   1 external_interrupt         built
   2 triple_fault               built
   3 init                       built
   4 sipi                       built
   5 io_smi                     -
   6 other_smi                  -
   7 interrupt_window           built
   8 nmi_window                 built
   9 task_switch                built
  10 cpuid                      built
  11 getsec                     -
  12 hlt                        built
  13 invd                       built
  14 invlpg                     built
  15 rdpmc                      built
  16 rdtsc                      built
  17 rsm                        -
  18 vmcall                     built
  19 vmclear                    built
  20 vmlaunch                   built
  21 vmptrld                    built
  22 vmptrst                    built
  23 vmread                     built
  24 vmresume                   built
  25 vmwrite                    built
  26 vmxoff                     built
  27 vmxon                      built
  28 cr_access                  built
  29 dr_access                  built
  30 io_instruction             built
  31 rdmsr                      built
  32 wrmsr                      built
  33 entry_fail_guest_state     built
  34 entry_fail_msr_load        built
  36 mwait                      built
  37 monitor_trap_flag          built
  39 monitor                    built
  40 pause                      built
  41 entry_fail_mce             -
  43 tpr_below_threshold        built
  44 apic_access                built
  45 virtualized_eoi            built
  46 gdtr_idtr_access           built
  47 ldtr_tr_access             built
  48 ept_violation              built
  49 ept_misconfiguration       built
  50 invept                     built
  51 rdtscp                     built
  52 preemption_timer           built
  53 invvpid                    built
  54 wbinvd                     built
  55 xsetbv                     built
  56 apic_write                 built
  57 rdrand                     built
  58 invpcid                    built
  59 vmfunc                     built
  60 encls                      -
  61 rdseed                     built
  62 pml_full                   built
  63 xsaves                     built
  64 xrstors                    built
  65 pconfig                    -
  66 spp_event                  built
  67 umwait                     -
  68 tpause                     -
  69 loadiwkey                  -
  70 enclv                      -
  72 enqcmd_pasid               -
  73 enqcmds_pasid              -
  74 bus_lock                   -
  75 instruction_timeout        -
  76 seamcall                   -
  77 tdcall                     -
  78 rdmsrlist                  -
  79 wrmsrlist                  -
  80 urdmsr                     -
  81 uwrmsr                     -
  84 rdmsr_imm                  -
  85 wrmsrns_imm                -
`;

export const EXIT_REASONS: readonly ExitReasonRow[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [number, name, state] = line.trim().split(/\s+/);
    return { number: Number(number), name: name!, built: state === "built" };
  });
