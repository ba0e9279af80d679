/** Conditions of the VM-entry checks on guest state, from the manual. */
import { NO_LINK, VMCS_HPA } from "./entry-state.ts";
import {
  bit,
  type Condition,
  type Entry,
  field,
  fixed,
  NW_CD,
  patValid,
  Segment,
} from "./model-entry.ts";

export const GUEST_CONDITIONS = new Map<string, Condition>();

function rows(conditions: Record<string, Condition>): void {
  for (const [id, condition] of Object.entries(conditions)) GUEST_CONDITIONS.set(id, condition);
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
