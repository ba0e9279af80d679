/**
 * The language of the opcode tables.
 *
 * A row is a line of five or more columns:
 *
 *   MNEMONIC  OPERANDS  ENCODING  HANDLER  [ATTRIBUTE ...]
 *
 * OPERANDS are those of the SDM's opcode map (Eb, Gv, Iz, ...; "-" for none). ENCODING is an
 * optional mandatory prefix (NP, 66, F3, F2), an optional VEX.map, the opcode bytes without spaces,
 * and how ModRM is used: /r, /0 to /7, or !XX for one whole ModRM byte; +r puts a register in the
 * opcode. The operands tell the rest: E takes a register or memory, M memory only, R, U and N a
 * register only, Z the register in the opcode.
 *
 * HANDLER names the execute function. `name<>` is instantiated once for each operand size, `name(X)`
 * gets X as a further argument. With the attribute `hot` or `warm` a row with a register-or-memory
 * operand has two functions, nameR(rec) and nameM(rec, gla); without, the one function serves both
 * forms and looks at the record.
 *
 * A line that starts with # is the heading of the rows below it.
 */

export type OperandSize = 8 | 16 | 32 | 64;

/** How the operand size follows from mode and prefixes. */
export type SizePolicy =
  | "b" // always 8
  | "w" // always 16
  | "d" // always 32
  | "q" // always 64
  | "v" // 16, 32, 64
  | "y" // 32, 64
  | "z" // 16, 32
  | "d64" // v, but 64 in place of 32 in 64-bit mode
  | "f64"; // v, but always 64 in 64-bit mode

export interface OpcodeRow {
  readonly mnemonic: string;
  readonly operands: readonly string[];
  readonly encoding: string;
  readonly handler: string;
  readonly generic: boolean;
  readonly argument: string;
  /** hot: in the main switch; warm: in the second one, per size; cold: one function. */
  readonly heat: "hot" | "warm" | "cold";

  readonly map: "1" | "0F" | "0F38" | "0F3A" | "VEX0F" | "VEX0F38" | "VEX0F3A";
  readonly opcode: number;
  readonly lowRegister: boolean;
  readonly prefix: "any" | "NP" | "66" | "F3" | "F2";
  /** ModRM.reg that selects the row, or undefined. */
  readonly digit: number | undefined;
  /** Whole ModRM byte that selects the row, or undefined. */
  readonly modrm: number | undefined;
  readonly hasModrm: boolean;
  /** Which ModRM.mod values select the row. */
  readonly form: "both" | "memory" | "register";
  readonly mode: "any" | "only64" | "not64";

  readonly size: SizePolicy;
  readonly lock: boolean;
  readonly end: boolean;
  /** Adds handler variants for the plain base + displacement address. */
  readonly bd: boolean;
  readonly memoryAccess: "read" | "write" | "update" | "none";
  readonly jump: string | undefined;
  readonly feature: string | undefined;
  /** Flags that the SDM leaves undefined after the instruction, as letters of "oszapc". */
  readonly undefinedFlags: string;
  readonly group: string;
  /** What the rows around it are about: the comment above them. */
  readonly section: string;
}

const MAPS = ["VEX.0F38", "VEX.0F3A", "VEX.0F", "0F38", "0F3A", "0F"] as const;

const SIZE_LETTERS: Record<string, SizePolicy> = {
  b: "b",
  w: "w",
  d: "d",
  q: "q",
  v: "v",
  y: "y",
  z: "z",
};

function parseEncoding(encoding: string) {
  const tokens = encoding.split(".");
  let prefix: OpcodeRow["prefix"] = "any";
  let text = encoding;
  if (["NP", "66", "F3", "F2"].includes(tokens[0]!)) {
    prefix = tokens[0] as OpcodeRow["prefix"];
    text = tokens.slice(1).join(".");
  }
  let map: OpcodeRow["map"] = "1";
  for (const candidate of MAPS) {
    // "0F" alone is the start of a longer map's name: take it only before a two-digit opcode.
    if (text.startsWith(candidate) && /^[0-9A-F]{2}/.test(text.slice(candidate.length))) {
      map = candidate.replace(".", "") as OpcodeRow["map"];
      text = text.slice(candidate.length);
      break;
    }
  }
  const match = /^([0-9A-F]{2})(\+r)?(?:\/([r0-7])|!([0-9A-F]{2}))?$/.exec(text);
  if (!match) throw new Error(`encoding "${encoding}"`);
  const [, opcode, low, digit, modrm] = match;
  return {
    prefix,
    map,
    opcode: Number.parseInt(opcode!, 16),
    lowRegister: low !== undefined,
    digit: digit !== undefined && digit !== "r" ? Number(digit) : undefined,
    modrm: modrm !== undefined ? Number.parseInt(modrm, 16) : undefined,
    hasModrm: digit !== undefined || modrm !== undefined,
  };
}

function sizePolicy(operands: readonly string[], attributes: readonly string[]): SizePolicy {
  if (attributes.includes("d64")) return "d64";
  if (attributes.includes("f64")) return "f64";
  const explicit = attributes.find((a) => a.startsWith("size:"));
  if (explicit) return explicit.slice(5) as SizePolicy;
  for (const operand of operands) {
    if (operand === "rAX") return "v";
    if (operand === "AL") return "b";
    const match = /^[EGZMRXYOJI]([bwdqvyz])$/.exec(operand);
    if (match && !(operand.startsWith("I") || operand.startsWith("J")))
      return SIZE_LETTERS[match[1]!]!;
  }
  const wide = operands.find((o) => /^[IJ][zv]$/.test(o));
  return wide ? "v" : "d";
}

function memoryAccess(operands: readonly string[], attributes: readonly string[]) {
  const explicit = attributes.find((a) => a.startsWith("m:"));
  if (explicit) return { r: "read", w: "write", rw: "update", "-": "none" }[explicit.slice(2)]!;
  const first = operands[0] ?? "";
  return /^[EWQM]/.test(first) ? "update" : "read";
}

const KNOWN = new Set(["hot", "warm", "lock", "end", "bd", "only64", "not64", "d64", "f64"]);

/** Parses the rows of one group. Throws on the first line that is not understood. */
export function rows(group: string, text: string): OpcodeRow[] {
  const result: OpcodeRow[] = [];
  let section = "";
  for (const line of text.split("\n")) {
    if (line.trim().startsWith("#")) section = line.trim().slice(1).trim();
    const columns = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (columns.length === 1 && columns[0] === "") continue;
    if (columns.length < 4) throw new Error(`opcode row "${line.trim()}": too few columns`);
    const [mnemonic, operandText, encoding, handlerText, ...attributes] = columns as [
      string,
      string,
      string,
      string,
      ...string[],
    ];
    for (const attribute of attributes) {
      if (!KNOWN.has(attribute) && !/^(m|u|f|jump|size):/.test(attribute)) {
        throw new Error(`opcode row "${line.trim()}": unknown attribute "${attribute}"`);
      }
    }
    const operands = operandText === "-" ? [] : operandText.split(",");
    const handler = /^(\w+)(<>)?(?:\((.*)\))?$/.exec(handlerText);
    if (!handler) throw new Error(`opcode row "${line.trim()}": handler "${handlerText}"`);
    const value = (key: string) =>
      attributes.find((a) => a.startsWith(`${key}:`))?.slice(key.length + 1);
    const parsed = parseEncoding(encoding);
    const registerOnly = operands.some((o) => /^(R[bwdqvy]|U\w*|N\w*|STi)$/.test(o));
    const memoryOnly = operands.some((o) => /^M\w*$/.test(o));
    result.push({
      mnemonic,
      operands,
      encoding,
      handler: handler[1]!,
      generic: handler[2] !== undefined,
      argument: handler[3] ?? "",
      heat: attributes.includes("hot") ? "hot" : attributes.includes("warm") ? "warm" : "cold",
      ...parsed,
      form: memoryOnly ? "memory" : registerOnly ? "register" : "both",
      mode: attributes.includes("only64")
        ? "only64"
        : attributes.includes("not64")
          ? "not64"
          : "any",
      size: sizePolicy(operands, attributes),
      lock: attributes.includes("lock"),
      end: attributes.includes("end"),
      bd: attributes.includes("bd"),
      memoryAccess: memoryAccess(operands, attributes) as OpcodeRow["memoryAccess"],
      jump: value("jump"),
      feature: value("f"),
      undefinedFlags: value("u") ?? "",
      group,
      section,
    });
  }
  return result;
}
