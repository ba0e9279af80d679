/** docs/vmx-entry-checks.md and docs/vmx-capabilities.md. */
import { VMX_MSR, vmxCapabilities, vmxOf } from "../../src/machine/vmx-capabilities.ts";
import { CPU_MODELS } from "../../src/tables/cpu-models.ts";
import { CONTROL_WORDS } from "../../src/tables/vmx/controls.ts";
import {
  type CheckPhase,
  ENTRY_CHECKS,
  type EntryCheckRow,
} from "../../src/tables/vmx/entry-checks.ts";
import type { GeneratedFile } from "../generate.ts";
import { markdownTable } from "./markdown.ts";

const PHASES: Readonly<Record<CheckPhase, string>> = {
  controls: "Control fields: VMfailValid with error 7",
  host: "Host state: VMfailValid with error 8",
  guest: "Guest state: exit reason 0x80000021 (33)",
  msr: "MSR-load list: exit reason 0x80000022 (34)",
};

function stateOf(row: EntryCheckRow): string {
  return row.built ? "built" : "no model has the feature";
}

function phase(name: CheckPhase): string {
  const rows = ENTRY_CHECKS.filter((row) => row.phase === name);
  const sections = [...new Set(rows.map(({ section }) => section))];
  const parts = sections.map((section) => {
    const lines = rows
      .filter((row) => row.section === section)
      .map((row) => [
        `\`${row.id}\``,
        `\`${row.field}\``,
        row.condition.replaceAll("|", "\\|"),
        ...(name === "guest" ? [`${row.qualification}`] : []),
        stateOf(row),
      ]);
    const head = [
      "check",
      "field",
      "must hold",
      ...(name === "guest" ? ["qualification"] : []),
      "state",
    ];
    return `### ${section}\n\n${markdownTable(head, lines)}`;
  });
  return `## ${PHASES[name]}\n\n${parts.join("\n\n")}`;
}

function entryChecks(): string {
  const built = ENTRY_CHECKS.filter((row) => row.built).length;
  return `# VM-entry checks

Written by \`npm run generate\` from src/tables/vmx/entry-checks.ts; do not edit.

A VM entry goes through these checks from top to bottom, and the first that fails decides. The
architecture leaves the order within a phase open. ${built} of ${ENTRY_CHECKS.length} are built; of the
others no CPU model has the feature, and the reserved bits of the control that would bring it in are
checked instead. Headings are sections of the manual. "field": the VMCS field that events, traces and
reports show with a failure. \`pa(x,n)\`: bits n-1:0 of x are 0 and none at or
above the physical-address width (PA) is set. v86: RFLAGS.VM of the guest. ia32e: the entry control
\`ia32e_mode_guest\`. URG: \`unrestricted_guest\`. VID: \`virtual_interrupt_delivery\`. Controls of a word
that is not activated count as 0. Canonical means canonical for the widest linear addresses of the
processor.

${(["controls", "host", "guest", "msr"] as const).map(phase).join("\n\n")}
`;
}

/** The bits of CR4 come from the core; here a dash stands for them. */
const MSRS: readonly (readonly [string, number])[] = [
  ["IA32_VMX_BASIC", VMX_MSR.BASIC],
  ["IA32_VMX_MISC", VMX_MSR.MISC],
  ["IA32_VMX_CR0_FIXED0", VMX_MSR.CR0_FIXED0],
  ["IA32_VMX_CR0_FIXED1", VMX_MSR.CR0_FIXED1],
  ["IA32_VMX_CR4_FIXED0", VMX_MSR.CR4_FIXED0],
  ["IA32_VMX_VMCS_ENUM", VMX_MSR.VMCS_ENUM],
  ["IA32_VMX_EPT_VPID_CAP", VMX_MSR.EPT_VPID_CAP],
  ["IA32_VMX_VMFUNC", VMX_MSR.VMFUNC],
  ...CONTROL_WORDS.flatMap(({ word, msr, trueMsr }) => [
    [`controls, ${word}`, msr] as const,
    ...(trueMsr === undefined ? [] : [[`controls, ${word}, TRUE`, trueMsr] as const]),
  ]),
];

function capabilities(): string {
  const models = CPU_MODELS.flatMap((model) => {
    const vmx = vmxOf(model);
    return vmx === undefined ? [] : [{ name: model.name, ...vmxCapabilities(vmx, 0n) }];
  });
  const rows = [...MSRS]
    .sort(([, a], [, b]) => a - b)
    .map(([name, msr]) => [
      `0x${msr.toString(16)}`,
      name,
      ...models.map(({ values, present }) =>
        present.has(msr) ? `0x${values.get(msr)!.toString(16)}` : "",
      ),
    ]);
  return `# VMX capability MSRs

Written by \`npm run generate\` from src/tables; do not edit.

What RDMSR reads on each CPU model with VMX. An empty cell: the MSR is not there and RDMSR raises
#GP(0). IA32_VMX_CR4_FIXED1 (0x489) holds the bits of CR4 that the model's features bring. Taking a
feature or a control away (\`--cpu-model NAME,-FEATURE\`) changes the words that depend on it.

${markdownTable(["MSR", "name", ...models.map(({ name }) => name)], rows)}
`;
}

export function generateVmxDocs(): GeneratedFile[] {
  return [
    { path: "docs/vmx-entry-checks.md", text: entryChecks() },
    { path: "docs/vmx-capabilities.md", text: capabilities() },
  ];
}
