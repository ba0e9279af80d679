/** `vmxlab info`: version, CPU models, TLB profiles, columns of the cost model, limits. */
import { LAYOUT } from "../core/core.ts";
import { VERSION } from "../generated/version.ts";
import { MEMORY_DEFAULT, MEMORY_MAX, MEMORY_MIN } from "../machine/options.ts";
import { COST_PRESETS } from "../tables/costs.ts";
import { CPU_MODELS, DEFAULT_CPU_MODEL } from "../tables/cpu-models.ts";
import { TLB_PROFILES } from "../tables/tlb-profiles.ts";

const MIB = 2 ** 20;
const TEXT_WIDTH = 92;
const INDENT = "    ";

/** The shape that `info --json` prints. */
export function collectInfo() {
  return {
    vmxlab: VERSION,
    node: process.version,
    cpuModels: CPU_MODELS.map(({ name, brand, physicalAddressBits, features, tlb }) => ({
      name,
      default: name === DEFAULT_CPU_MODEL,
      brand,
      physicalAddressBits,
      tlb,
      features,
    })),
    tlbProfiles: TLB_PROFILES,
    costPresets: COST_PRESETS,
    limits: {
      memoryBytes: { min: MEMORY_MIN, max: MEMORY_MAX, default: MEMORY_DEFAULT },
      cpus: { min: 1, max: LAYOUT.CPUS_MAX, default: 1 },
      seed: { min: 0, max: Number.MAX_SAFE_INTEGER, default: 1 },
      tlbArrays: LAYOUT.TLB_ARRAYS_MAX,
    },
    imageFormats: ["multiboot1", "elf", "bzimage", "pvh", "flat", "bios"],
  };
}

export function printInfo(json: boolean): void {
  const info = collectInfo();
  process.stdout.write(json ? `${JSON.stringify(info, null, 2)}\n` : infoText(info));
}

function infoText(info: ReturnType<typeof collectInfo>): string {
  const { limits } = info;
  const lines = [
    `vmxlab ${info.vmxlab} on Node ${info.node}`,
    "",
    "CPU models (--cpu-model):",
    ...info.cpuModels.flatMap((model) => [
      `  ${model.name}${model.default ? " (default)" : ""}: "${model.brand}", ` +
        `${model.physicalAddressBits} physical address bits, TLB ${model.tlb}`,
      ...wrap(model.features),
    ]),
    `  max: the model with the most features, here "${info.cpuModels.at(-1)?.name}"`,
    "",
    "TLB profiles (--tlb):",
    ...info.tlbProfiles.flatMap((profile) => [
      `  ${profile.name}: ${profile.note}`,
      ...[...profile.arrays, ...(profile.guestPhysical ?? [])].map(
        ({ name, pages, sets, ways }) =>
          `${INDENT}${name.padEnd(20)} ${String(sets * ways).padStart(5)} entries, ` +
          `${sets} x ${ways} (sets x ways), pages ${pages.join(" ")}`,
      ),
      ...(profile.structures ?? []).map(
        ({ tables, entry, sets, ways }) =>
          `${INDENT}${`${tables} ${entry}`.padEnd(20)} ${String(sets * ways).padStart(5)} entries, ` +
          `${sets} x ${ways} (sets x ways)`,
      ),
    ]),
    "",
    "Columns of the cost model (--costs):",
    ...info.costPresets.flatMap(({ name, note, cells, references = {} }) => [
      `  ${name}: ${note}`,
      ...wrap(
        Object.entries({ ...references, ...cells }).map(([what, cell]) => `${what}=${cell.cycles}`),
      ),
    ]),
    "",
    "Limits:",
    `  memory      ${limits.memoryBytes.min / MIB} MiB to ${limits.memoryBytes.max / MIB} MiB`,
    `  processors  ${limits.cpus.min} to ${limits.cpus.max}`,
    `  seed        ${limits.seed.min} to ${limits.seed.max}`,
    "",
    `Image formats: ${info.imageFormats.join(", ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function wrap(words: readonly string[]): string[] {
  const lines: string[] = [];
  let line = INDENT;
  for (const word of words) {
    if (line.length + word.length > TEXT_WIDTH) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
