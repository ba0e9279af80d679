/**
 * Rows of the table of VM-entry checks whose feature no model has: a state that asks for the feature,
 * and the row that refuses it in their place.
 */
import { set } from "./cases-common.ts";
import type { Changes } from "./entry-state.ts";

export interface AbsentCase {
  readonly asks: Changes;
  /** The row that fails; null when the state is one that only SMM would refuse. */
  readonly refusedBy: string | null;
}

const by = (refusedBy: string | null, asks: Changes): AbsentCase => ({ asks, refusedBy });
const on = (control: string): AbsentCase => {
  const words = {
    secondary: "entry.ctl.proc2.reserved",
    tertiary: "entry.ctl.proc3.reserved",
    exit: "entry.exit.reserved",
    entry: "entry.entry.reserved",
  };
  return by(words[control.split(".")[0] as keyof typeof words], { on: control });
};

const CR4_CET = 1 << 23;
const CR4_FRED = 1n << 32n;
const PAGING = 0x2020;
const guestFred = by("entry.guest.cr4.fixed", set("guest_cr4", CR4_FRED | BigInt(PAGING)));
const rtm = (value: number) => by("entry.guest.pdbg.rtm.cpuid", set("guest_pending_debug", value));

const VMXON_HPA = 0x101000;
const REVISION = 0x00764d58;

export const ABSENT_CASES: Readonly<Record<string, AbsentCase>> = {
  "entry.ctl.pt.gpa": on("secondary.pt_uses_guest_physical"),
  "entry.ctl.pasid.low": on("secondary.enable_pasid_translation"),
  "entry.ctl.pasid.high": on("secondary.enable_pasid_translation"),
  "entry.ctl.hlat.ept": on("tertiary.enable_hlat"),
  "entry.ctl.hlat.ptr": on("tertiary.enable_hlat"),
  "entry.ctl.hlat.prefix": on("tertiary.enable_hlat"),
  "entry.ctl.pagingwrite.ept": on("tertiary.ept_paging_write_control"),
  "entry.ctl.pagingverify.ept": on("tertiary.guest_paging_verification"),
  "entry.ctl.vtimer.vector": on("tertiary.apic_timer_virtualization"),
  "entry.ctl.executive": by(null, set("executive_vmcs_pointer", 1)),
  "entry.exit2.reserved": on("exit.activate_secondary_exit_controls"),
  "entry.entry.smm.outside": on("entry.entry_to_smm"),
  "entry.entry.smm.both": on("entry.entry_to_smm entry.deactivate_dual_monitor"),
  "entry.host.cr4.cet.wp": by("entry.host.cr4.fixed", set("host_cr4", CR4_CET | PAGING)),
  "entry.host.perfglobal": on("exit.load_ia32_perf_global_ctrl"),
  "entry.host.cet.scet": on("exit.load_cet_state"),
  "entry.host.cet.ssp": on("exit.load_cet_state"),
  "entry.host.cet.isst": on("exit.load_cet_state"),
  "entry.host.cet.width": on("exit.load_cet_state"),
  "entry.host.pkrs": on("exit.load_pkrs"),
  "entry.host.fred.config": on("exit.activate_secondary_exit_controls"),
  "entry.host.fred.rsp": on("exit.activate_secondary_exit_controls"),
  "entry.host.fred.ssp": on("exit.activate_secondary_exit_controls"),
  "entry.host.fred.mode": by("entry.host.cr4.fixed", set("host_cr4", CR4_FRED | BigInt(PAGING))),
  "entry.host.specctrl": on("exit.activate_secondary_exit_controls"),
  "entry.guest.cr4.cet_wp": by("entry.guest.cr4.fixed", set("guest_cr4", CR4_CET | PAGING)),
  "entry.guest.legacy.fred": guestFred,
  "entry.guest.cet.scet": on("entry.load_cet_state"),
  "entry.guest.cet.ssp": on("entry.load_cet_state"),
  "entry.guest.cet.isst": on("entry.load_cet_state"),
  "entry.guest.perfglobal": on("entry.load_ia32_perf_global_ctrl"),
  "entry.guest.bndcfgs": on("entry.load_ia32_bndcfgs"),
  "entry.guest.rtit": on("entry.load_ia32_rtit_ctl"),
  "entry.guest.uinv": on("entry.load_uinv"),
  "entry.guest.lbr": on("entry.load_ia32_lbr_ctl"),
  "entry.guest.pkrs": on("entry.load_pkrs"),
  "entry.guest.fred.config": on("entry.load_guest_fred"),
  "entry.guest.fred.rsp": on("entry.load_guest_fred"),
  "entry.guest.fred.ssp": on("entry.load_guest_fred"),
  "entry.guest.specctrl": on("entry.load_guest_ia32_spec_ctrl"),
  "entry.guest.ss.fred.dpl": guestFred,
  "entry.guest.cs.fred.l": guestFred,
  "entry.guest.rflags.iopl.fred": guestFred,
  "entry.guest.ssp.wide": on("entry.load_cet_state"),
  "entry.guest.ssp.high": on("entry.load_cet_state"),
  "entry.guest.activity.smm": on("entry.entry_to_smm"),
  "entry.guest.intr.smi.entry": on("entry.entry_to_smm"),
  "entry.guest.intr.fred_sti": guestFred,
  // With bit 12 and no other bit, as RTM would have it, and with MOV-SS blocking.
  "entry.guest.pdbg.rtm.bits": rtm(0x11001),
  "entry.guest.pdbg.rtm.movss": {
    ...rtm(0x11000),
    asks: { fields: { guest_pending_debug: 0x11000, guest_interruptibility: 2 } },
  },
  "entry.guest.link.vmxon": by(null, {
    fields: { vmcs_link_pointer: VMXON_HPA },
    memory: { [VMXON_HPA]: REVISION },
  }),
};
