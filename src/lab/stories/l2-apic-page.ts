/** S5, S12, S14, bugs 9 and 10: the APIC-access page of L0 and that of L1, while L2 runs. */
import { FIELD } from "../../generated/vmx.ts";
import { REQ } from "../../l0/requests.ts";
import {
  getField,
  l1,
  launch,
  resumeBehindCall,
  resumeBehindExit,
  tellReason,
} from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld } from "../l2-world.ts";
import {
  type Code,
  halt,
  pause,
  program,
  read,
  ready,
  tell,
  times,
  until,
  vmcall,
} from "../program.ts";
import type { OwnPromise, Scenario } from "../scenario.ts";
import { APIC_ANSWER } from "../world.ts";
import { moveApicPage } from "./apic-page-moves.ts";
import {
  APIC_ID,
  beginVmx,
  DATA,
  FLAG,
  NMI_HANDLER,
  prepareNmi,
  reachesApic,
  reads,
  remap,
} from "./common.ts";

const RELOAD = "vmx_set_apic_access_page_addr";
const eptp = eptpOf(ept12At(0));
const vpid = 5;
/** The page that L1 gives its guest as APIC-access page. */
const PAGE_OF_L1 = 0x24000;
const APIC_PAGE = 0xfee00000;
const EXIT_APIC_ACCESS = 44;
const EXIT_VMCALL = 18;
const promises = ["I1", "I2", "I3", "I4", "I5", "I7", "I8", "I9"] as const;
/** L1 reads its APIC when L2 has run: the first load of vmcs02 flushes everything. */
const cacheApic = [launch, l1.read(APIC_ID), resumeBehindCall];
const readApic = [l1.read(APIC_ID), l1.tell, pause];

const lateAddress = {
  breaks: ["DropWhenGuestMode"],
  expect: "I3",
  why: "nobody asks again when L1 is back, which runs with the old address",
} as const;
const redundantReload = {
  breaks: ["FlushOnReload"],
  expect: "redundant-flush",
  site: RELOAD,
  why: "the notifier has flushed all contexts long before the address is written",
} as const;

export const apicPageMovesUnderL2: Scenario = {
  name: "apic-page-moves-under-l2",
  ids: ["S5"],
  title: "L0's APIC-access page migrates while L2 runs",
  story:
    "The address of the page is a field of vmcs01, and vmcs02 is loaded: the reload waits for the nested " +
    "exit, behind which L1 runs with the new address.",
  world: hypervisorWorld({
    apic: true,
    programs: [program(...beginVmx(), ...cacheApic, ...readApic, ...readApic, halt)],
    guests: [{ code: program(vmcall, ready, times(2, pause), vmcall), eptp, vpid }],
    ept12s: [{}],
  }),
  threads: { notifier: moveApicPage },
  promises,
  own: [reachesApic],
  variants: [
    {
      breaks: ["WriteCurrentVmcs"],
      expect: "I3",
      why: "vmcs02 does not virtualize accesses, so that nothing is written, and vmcs01 keeps the old",
    },
    lateAddress,
    redundantReload,
  ],
};

export const apicPageMovesBeforeReset: Scenario = {
  name: "apic-page-moves-before-reset",
  ids: ["S5"],
  title: "L0's APIC-access page migrates while L2 runs, then L1 is reset",
  story:
    "A RESET takes the vCPU out of L2 without a nested exit. What has been put off until then is due all " +
    "the same: L1 begins anew with the address of the page as it is.",
  world: hypervisorWorld({
    apic: true,
    programs: [program(...beginVmx(), ...cacheApic, halt)],
    guests: [{ code: program(vmcall, ready, until(FLAG, pause)), eptp, vpid }],
    ept12s: [{}],
    words: { [FLAG]: 0 },
    prepare: (world) => prepareNmi(world, halt),
  }),
  threads: {
    *userspace(world) {
      const vcpu = world.l0.vcpus[0]!;
      yield* moveApicPage(world);
      yield "RESET";
      vcpu.requestReset(NMI_HANDLER);
    },
  },
  promises,
  variants: [
    {
      breaks: ["FlagNotConsumedOnForcedLeave"],
      expect: "I3",
      why: "L1 begins with the address that the page had before",
    },
  ],
};

/** L2's accesses to its APIC's page are L1's business. */
const exitsToL1: OwnPromise = reads(
  "L2's accesses to its APIC exit to L1, those of L1 reach its own",
  EXIT_APIC_ACCESS,
  EXIT_VMCALL,
  APIC_ANSWER,
);

export const apicPageMovesUnderVirtualApic: Scenario = {
  name: "apic-page-moves-under-l2-with-apic",
  ids: ["S5"],
  title: "The same, and L1 virtualizes the APIC for L2",
  story:
    "vmcs02 names the page that L1 gives L2. L0's own page must not come to stand there, whoever asks " +
    "for the reload.",
  world: hypervisorWorld({
    apic: true,
    programs: [
      program(
        ...[...beginVmx(), ...cacheApic, tellReason, resumeBehindExit],
        ...[tellReason, ...readApic, halt],
      ),
    ],
    guests: [
      {
        code: program(vmcall, ready, times(2, pause), read(APIC_ID), vmcall),
        eptp,
        vpid,
        apicAccess: PAGE_OF_L1,
      },
    ],
    ept12s: [{ apicPage: PAGE_OF_L1 }],
  }),
  threads: { notifier: moveApicPage },
  promises,
  own: [exitsToL1],
  variants: [
    {
      breaks: ["WriteCurrentVmcs"],
      expect: "I8",
      why: "the handler finds accesses virtualized, and writes L0's page to vmcs02",
    },
    lateAddress,
    redundantReload,
  ],
};

/** L2 reads L1's APIC at `gpa`, before L1 does and behind it. */
const passedThrough = (gpa: number): Code =>
  program(ready, read(gpa), tell, pause, vmcall, read(gpa), tell, vmcall);
const readsOwnApic = [launch, l1.read(APIC_ID), l1.tell, resumeBehindCall];

export const apicPassedThrough: Scenario = {
  name: "apic-passed-through-to-l2",
  ids: ["S12"],
  title: "L1 maps its own APIC into L2's memory",
  story:
    "EPT12 leads a page of L2 to L1's APIC. vmcs02 does not virtualize that page: L0 never maps its own " +
    "page for L2, and emulates the accesses with L1's APIC.",
  world: hypervisorWorld({
    apic: true,
    programs: [program(...beginVmx(), ...readsOwnApic, ...readApic, halt)],
    guests: [{ code: passedThrough(DATA + 0x20), eptp, vpid }],
    ept12s: [{ pages: { [DATA]: APIC_PAGE } }],
  }),
  threads: { notifier: moveApicPage },
  promises,
  own: [reachesApic],
  variants: [
    {
      breaks: ["MapIntoL2"],
      expect: "I8",
      why: "L2 reads the memory of L0's page, and no APIC",
    },
  ],
};

export const apicPassedWithoutEpt12: Scenario = {
  name: "apic-passed-through-without-ept",
  ids: ["S12"],
  title: "The same without EPT of L1's: L2 has L1's physical addresses",
  story:
    "L1 and L2 see the same memory, but not the same page at the APIC's address: memory for L1, where " +
    "the processor virtualizes it, a device for L2. So they never share tables.",
  world: hypervisorWorld({
    apic: true,
    programs: [program(...beginVmx(), l1.read(APIC_ID), ...readsOwnApic, ...readApic, halt)],
    guests: [{ code: passedThrough(APIC_ID), vpid }],
  }),
  threads: {},
  promises,
  own: [reachesApic],
  variants: [
    {
      breaks: ["MapIntoL2"],
      expect: "I8",
      why: "L2 reads the memory of L0's page, and no APIC",
    },
    {
      breaks: ["SharedDirectRoot"],
      expect: "apic",
      why: "L2 finds the entry by which L1 reaches the page, and reads plain memory",
    },
  ],
};

export const virtualApicPageReplaced: Scenario = {
  name: "page-of-l2s-apic-replaced",
  ids: ["S14"],
  title: "Userspace replaces the page that L1 has made L2's APIC-access page",
  story:
    "vmcs02 names the frame from nested entry to nested exit, and L0 holds a reference as long. Userspace " +
    "may take the page away meanwhile: until the next nested entry L2 may find plain memory there, but " +
    "the frame is nobody else's.",
  world: hypervisorWorld({
    apic: true,
    programs: [
      program(
        ...[...beginVmx(), launch],
        ...[tellReason, resumeBehindExit, tellReason, resumeBehindExit],
        ...[tellReason, resumeBehindExit, tellReason, resumeBehindExit, halt],
      ),
    ],
    guests: [
      {
        code: program(
          ...[read(APIC_ID), ready, times(2, pause), read(APIC_ID), tell, pause],
          ...[vmcall, read(APIC_ID), halt],
        ),
        eptp,
        vpid,
        apicAccess: PAGE_OF_L1,
      },
    ],
    ept12s: [{ apicPage: PAGE_OF_L1 }],
  }),
  threads: { userspace: (world) => remap(world, PAGE_OF_L1) },
  promises,
  own: [
    {
      id: "healed",
      text: "behind the next nested entry L2's accesses exit to L1 again",
      when: "end",
      check: ({ readings }) => {
        const told = readings.filter(({ level }) => level === 1).map(({ value }) => value);
        const call = told.indexOf(EXIT_VMCALL);
        return told[call + 1] === EXIT_APIC_ACCESS ? undefined : "L2's access has not left L2";
      },
    },
  ],
  variants: [
    {
      breaks: ["NoRef"],
      expect: "I9",
      why: "the frame is free while the processor takes it for L2's APIC",
    },
  ],
};

const rounds = (count: number) => Array.from({ length: count }, () => resumeBehindCall);

export const needlessFlushes: Scenario = {
  name: "round-trips-with-apic-page",
  ids: ["bug 9", "bug 10"],
  title: "L1 and L2 take turns; L1 has an APIC-access page for L2, and no EPT",
  story:
    "Neither has the APIC-access page of L0 moved, nor has anything of L2 changed: nothing is to be " +
    "flushed, and no address to be written, at any of the nested switches.",
  world: hypervisorWorld({
    apic: true,
    programs: [
      program(...beginVmx(), launch, ready, ...rounds(5), getField(FIELD.exit_reason), halt),
    ],
    guests: [{ code: program(times(6, read(DATA), vmcall), halt), vpid, apicAccess: PAGE_OF_L1 }],
  }),
  threads: {},
  promises,
  own: [
    {
      id: "no-reload",
      text: "the APIC-access address is not asked for",
      when: "step",
      check: ({ requests }) =>
        requests.some((request) => (request & REQ.apicPageReload) !== 0)
          ? "a nested exit has asked for a reload"
          : undefined,
    },
  ],
  variants: [
    {
      breaks: ["FlushOnTransition"],
      expect: "redundant-flush",
      site: "nested_get_vmcs12_pages",
      why: "L2 has tables of its own, in which no translation can be one from before",
    },
    {
      breaks: ["ReloadOnEveryExit"],
      expect: "no-reload",
      why: "each nested exit looks the page up and writes the address that is there already",
    },
  ],
};
