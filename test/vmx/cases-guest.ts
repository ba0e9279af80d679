/** Cases of the VM-entry checks on guest state. */
import {
  BEYOND,
  canonical,
  type EntryCase,
  EPT,
  injected,
  LEFT_4G,
  NOT_CANONICAL,
  pat,
  set,
} from "./cases-common.ts";
import {
  type Changes,
  LINK_HPA,
  PAE_GUEST,
  PDPT_HPA,
  REAL_GUEST,
  V86_GUEST,
  VMCS_HPA,
} from "./entry-state.ts";

const GUEST_EFER: Changes = { on: "entry.load_ia32_efer" };
const LOAD_DEBUG: Changes = { on: "entry.load_debug_controls" };

export const REGISTER_CASES: Record<string, EntryCase> = {
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

export const SEGMENT_CASES: Record<string, EntryCase> = {
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

export const STATE_CASES: Record<string, EntryCase> = {
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

export const MEMORY_CASES: Record<string, EntryCase> = {
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
