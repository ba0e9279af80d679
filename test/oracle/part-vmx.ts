/** The VMX oracle: guests that show each control and exit reason, under our machine and under Bochs. */
import { imageOf, runVmxGuest, stepsOf, VMX_GUESTS, type VmxGuest } from "../guests/vmx-guests.ts";
import { hasBochs, runBochs } from "./emulators.ts";
import { VMX_DIFFERENCES } from "./known-vmx.ts";

/** CPU models of both that have about the same VMX. */
const MODELS = [
  { ours: "haswell", bochs: "corei7_haswell_4770" },
  { ours: "icelake", bochs: "corei7_icelake_u" },
] as const;

/** A Bochs that is built without support of several processors starts with one only. */
async function underBochs(guest: VmxGuest, model: string): Promise<string> {
  const image = `${guest}.elf`;
  const count = guest === "vmx-events" ? 2 : 1;
  const text = await runBochs(image, `${guest}: `, { model, count });
  if (text !== "" || count === 1) return text;
  return runBochs(image, `${guest}: `, { model, count: 1 });
}

/** Compares step by step; true when each difference has a row of its own. */
function compare(title: string, ours: string, theirs: string, used: Set<string>): boolean {
  const others = new Map(stepsOf(theirs).map((step) => [step.head, step.line]));
  let [known, different] = [0, 0];
  const steps = stepsOf(ours);
  for (const { head, line } of steps) {
    const other = others.get(head) ?? "(nothing)";
    if (other === line) continue;
    const rule = VMX_DIFFERENCES.find((d) => d.head.test(head) && d.bochs.test(other));
    if (rule) {
      known++;
      used.add(rule.id);
      continue;
    }
    different++;
    console.log(`--- core:  ${line}\n    Bochs: ${other}`);
  }
  console.log(
    `vmx: ${title}: ${steps.length} steps, ${known} known differences, ${different} others`,
  );
  return different === 0;
}

/** Runs and prints; true when no line differs but for a documented reason. */
export async function vmxPart(): Promise<boolean> {
  if (!hasBochs()) {
    console.log("vmx: skipped, Bochs is not installed");
    return true;
  }
  let sound = true;
  const used = new Set<string>();
  for (const { ours, bochs } of MODELS) {
    for (const guest of VMX_GUESTS) {
      const { text } = await runVmxGuest(imageOf(guest), { cpuModel: ours });
      const theirs = await underBochs(guest, bochs);
      sound = compare(`${guest} as ${ours} and ${bochs}`, text, theirs, used) && sound;
    }
  }
  const idle = VMX_DIFFERENCES.filter(({ id }) => !used.has(id)).map(({ id }) => id);
  console.log(`vmx: known differences that did not show: ${idle.join(", ") || "none"}`);
  return sound;
}
