/** Writes the two dispatch switches: assembly/generated/dispatch.ts and dispatch-cold.ts. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { GeneratedFile } from "../generate.ts";
import { FUSED_CONDITIONS, FUSED_KINDS, fusedCase, fusedCondition } from "./fused.ts";
import { COLD_VARIANTS, HOT_VARIANTS, hasForms, SPECIAL_OPS, type Variant } from "./variants.ts";

const HEADER = '/** Written by "npm run generate" from src/tables/opcodes. */';
const SOURCE_FOLDERS = ["assembly/execute", "assembly/cpu", "assembly/fpu", "assembly/vmx"];

/** Where each exported name of the core's sources lives. */
function exportedNames(): Map<string, string> {
  const names = new Map<string, string>();
  for (const folder of SOURCE_FOLDERS) {
    for (const file of readdirSync(folder, { recursive: true }).map(String).sort()) {
      if (!file.endsWith(".ts")) continue;
      const text = readFileSync(join(folder, file), "utf8");
      for (const match of text.matchAll(/^export (?:function|const) (\w+)/gm)) {
        names.set(
          match[1]!,
          `../${join(folder, file)
            .replace(/^assembly\//, "")
            .replace(/\.ts$/, "")}`,
        );
      }
    }
  }
  return names;
}

function call(variant: Variant): string {
  const { row, size, form } = variant;
  const memoryOnly = row.handler.endsWith("M");
  const suffix = hasForms(row) && !memoryOnly ? (form === "register" ? "R" : "M") : "";
  const type = row.generic ? `<u${size}>` : "";
  const operands = ["rec"];
  if (form === "memory") operands.push("effectiveAddress(rec)");
  if (form === "memoryBd") operands.push("effectiveAddressBd(rec)");
  if (row.argument) operands.push(row.argument);
  return `${row.handler}${suffix}${type}(${operands.join(", ")})`;
}

function title(variant: Variant): string {
  const { row, form, size } = variant;
  const sized = row.generic ? ` ${size}` : "";
  return `${row.mnemonic} ${row.operands.join(",")}${sized} ${form === "plain" ? "" : form}`.trim();
}

function hotCase(variant: Variant): string {
  const { row } = variant;
  const head = `      case ${variant.id}: // ${title(variant)}`;
  switch (row.jump) {
    case "jcc":
      return `${head}
        if (${row.handler}() == 0) {
          rec += REC_BYTES;
          continue;
        }
        break;`;
    case "jmp":
      return `${head}
        break;`;
    case "call":
      return `${head}
        if (${call(variant)} != NEXT) return leaveFaulted(rec);
        break;`;
    case "indirect":
      return `${head}
        if (${call(variant)} != NEXT) return leaveFaulted(rec);
        rec = enterAfter(rec);
        if (rec == 0) return;
        remaining = load<i32>(REMAINING);
        continue;`;
    default:
      return `${head}
        if (${call(variant)} != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;`;
  }
}

function fusedCases(): string[] {
  const cases: string[] = [];
  FUSED_KINDS.forEach((kind, index) => {
    for (const { name, code } of FUSED_CONDITIONS) {
      const T = `u${kind.size}`;
      const [a, b] = kind.operands;
      const result = kind.operation === "sub" ? "a - b" : "a & b";
      const flags =
        kind.operation === "sub" ? `setFlagsSub<${T}>(a, b, r)` : `setFlagsLogic<${T}>(r)`;
      cases.push(`      case ${fusedCase(index, code)}: { // ${kind.name} J${name}
        const a = ${a};
        const b = ${b};
        const r = (${result}) as ${T};
        ${flags};
        if (${fusedCondition(kind, name)}) break;
        rec += REC_BYTES;
        continue;
      }`);
    }
  });
  return cases;
}

function imports(body: string, own: Record<string, string[]>): string {
  const names = exportedNames();
  const byFile = new Map<string, Set<string>>();
  for (const [file, list] of Object.entries(own)) byFile.set(file, new Set(list));
  for (const word of new Set(body.match(/\b[A-Za-z]\w*\b/g) ?? [])) {
    const file = names.get(word);
    if (!file || [...byFile.values()].some((set) => set.has(word))) continue;
    const set = byFile.get(file) ?? new Set();
    set.add(word);
    byFile.set(file, set);
  }
  return [...byFile]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, set]) => `import { ${[...set].sort().join(", ")} } from "${file}";`)
    .join("\n");
}

const special = Object.fromEntries(SPECIAL_OPS.map((name, i) => [name, i])) as Record<
  (typeof SPECIAL_OPS)[number],
  number
>;

function hotSwitch(): string {
  const body = `/** Executes records from \`first\` until a block must be left; RIP and REMAINING are then set. */
export function execute(first: u32): void {
  let rec = first;
  let remaining = load<i32>(REMAINING);
  for (;;) {
    switch (load<u16>(rec) as u32) {
      case ${special.STALE}:
        return leaveAgain(rec);
      case ${special.PATCH}:
        return leavePatched(rec);
      case ${special.END_CHAIN}:
        break;
      case ${special.END_LEAVE}:
        return leaveAgain(rec);
      case ${special.EA_LINEAR}:
        if (computeLinear(rec) != NEXT) return leaveFaulted(rec);
        rec += REC_BYTES;
        continue;
      case ${special.EA_OFFSET}:
        computeOffset(rec);
        rec += REC_BYTES;
        continue;
      case ${special.UNDEFINED}:
        undefinedOpcode(rec);
        return leaveFaulted(rec);
      case ${special.TOO_LONG}:
        raiseGp(0);
        return leaveFaulted(rec);
${HOT_VARIANTS.map(hotCase).join("\n")}
${fusedCases().join("\n")}
      default: {
        const status = executeCold(rec);
        if (status != NEXT) return leave(rec, status);
        rec += REC_BYTES;
        continue;
      }
    }
    // A taken jump, or the end of a block that another one follows.
    remaining += leftOf(rec) - (load<u8>(rec, REC_COUNT) as i32);
    let target = load<u32>(rec, REC_TARGET);
    if (target == 0) {
      store<i32>(REMAINING, remaining);
      target = resolveJump(rec);
      if (target == 0) return;
      remaining = load<i32>(REMAINING);
    }
    remaining -= leftOf(target);
    if (remaining < 0) return leaveUnstarted(target, remaining);
    store<i32>(REMAINING, remaining);
    rec = target;
  }
}
`;
  const lines = imports(body, {
    "../decode/record": [
      "NEXT",
      "REC_BYTES",
      "REC_COUNT",
      "REC_TARGET",
      "imm32Of",
      "leftOf",
      "r1Of",
      "r2Of",
    ],
    "./state": ["REMAINING"],
    "./dispatch-cold": ["executeCold"],
  });
  return `${HEADER}\n${lines}\n\n${body}`;
}

function coldSwitch(): string {
  const cases = COLD_VARIANTS.map((variant) => {
    const { row } = variant;
    const head = `    case ${variant.id}: // ${title(variant)}`;
    if (row.jump === "indirect") {
      return `${head}\n      return ${call(variant)} != NEXT ? FAULTED : DONE;`;
    }
    if (row.jump === "call") {
      return `${head}
      if (${call(variant)} != NEXT) return FAULTED;
      return resolveNear(rec) ? DONE : FAULTED;`;
    }
    return `${head}\n      return ${call(variant)};`;
  });
  const body = `/** Executes one record that is not worth a place in the main switch. */
export function executeCold(rec: u32): u32 {
  store<u32>(CUR_REC, rec);
  switch (load<u16>(rec) as u32) {
${cases.join("\n")}
    default:
      return undefinedOpcode(rec);
  }
}
`;
  const lines = imports(body, {
    "../decode/record": ["DONE", "FAULTED", "NEXT"],
    "./state": ["CUR_REC"],
  });
  return `${HEADER}\n${lines}\n\n${body}`;
}

export function generateDispatch(): GeneratedFile[] {
  return [
    { path: "assembly/generated/dispatch.ts", text: hotSwitch() },
    { path: "assembly/generated/dispatch-cold.ts", text: coldSwitch() },
  ];
}
