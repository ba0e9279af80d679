/** Differences between AMD and Intel processors in x87, MMX and SSE instructions. */
import type { Mismatch } from "./compare.ts";
import type { Form } from "./forms.ts";
import { type CaseInput, type KnownDifference, vectors } from "./known-rule.ts";

const COMPARE = /^FU?COM|^FICOM|^FTST/;
const TRANSCENDENTAL = /^F(2XM1|YL2X|YL2XP1|PTAN|PATAN|SIN|COS|SINCOS)$/;
const IE = 1;
const C1 = 0x200n;
const C0_C2_C3 = 0x4500n;
const CODES = C1 | C0_C2_C3;

const differ = (m: Mismatch): bigint => BigInt(m.native) ^ BigInt(m.ours);
const isVector = (form: Form): boolean =>
  form.row.operands.some((o) => /^[VWU]|^M(dq|p[sd])$/.test(o));

/** Distance in units of the last place between two extended reals of the same sign; -1 if far. */
function lastPlaces(a: bigint, b: bigint): bigint {
  if (a >> 79n !== b >> 79n) return -1n;
  // Consecutive values are consecutive numbers but for the explicit integer bit.
  const order = (v: bigint) => ((v >> 64n) << 63n) | (v & 0x7fffffffffffffffn);
  const distance = order(a) - order(b);
  return distance < 0n ? -distance : distance;
}

const single = new DataView(new ArrayBuffer(4));
function toSingle(bits: bigint): number {
  single.setUint32(0, Number(bits));
  return single.getFloat32(0);
}

/** True when all lanes are equal or both within the relative error that the SDM permits. */
function lanesNear(m: Mismatch): boolean {
  if (!m.what.startsWith("XMM")) return false;
  for (let lane = 0n; lane < 4n; lane++) {
    const native = (BigInt(m.native) >> (lane * 32n)) & 0xffffffffn;
    const ours = (BigInt(m.ours) >> (lane * 32n)) & 0xffffffffn;
    if (native === ours) continue;
    const [a, b] = [toSingle(native), toSingle(ours)];
    if (!Number.isFinite(a) || !Number.isFinite(b) || a === 0) return false;
    if (Math.abs(a - b) > 2 * 1.5 * 2 ** -12 * Math.abs(a)) return false;
  }
  return true;
}

function pendingInvalid(input: CaseInput): boolean {
  return (input.controlWord() & IE) === 0;
}

export const KNOWN_FLOATING: readonly KnownDifference[] = [
  {
    id: "x87-unmasked-compare",
    reason:
      'FCOM: "If the invalid-arithmetic-operand exception is unmasked, the condition code flags ' +
      'are not set"; FCOMI: "the status flags in the EFLAGS register are set only if the exception ' +
      'is masked". AMD processors set them.',
    applies: (forms, mismatches, input) =>
      forms.some((form) => COMPARE.test(form.row.mnemonic)) &&
      pendingInvalid(input) &&
      mismatches.every(
        (m) => m.what === "RFLAGS" || (m.what === "FSW" && (differ(m) & ~CODES) === 0n),
      ),
  },
  {
    id: "fcomi-c1",
    reason: 'FCOMI and its kin: "C1 Set to 0". AMD processors leave it.',
    applies: (forms, mismatches) =>
      forms.some((form) => /^FU?COMI/.test(form.row.mnemonic)) &&
      mismatches.every((m) => m.what === "FSW" && differ(m) === C1),
  },
  {
    id: "x87-transcendental",
    reason:
      "Transcendental Instruction Accuracy: the worst case is below 1 ulp; C1 says which way a " +
      "result was rounded. Processors differ in the last place; the core rounds correctly.",
    applies: ([form], mismatches) =>
      TRANSCENDENTAL.test(form!.row.mnemonic) &&
      mismatches.every((m) => {
        if (m.what === "FSW") return differ(m) === C1;
        if (!/^ST[01]$/.test(m.what)) return false;
        const distance = lastPlaces(BigInt(m.native), BigInt(m.ours));
        return distance >= 0n && distance <= 1n;
      }),
  },
  {
    id: "approximate-reciprocal",
    reason:
      'RCPPS, RSQRTPS: "The relative error for this approximation is: |Relative Error| <= 1.5 * ' +
      "2^-12\"; the tables behind it are each maker's own.",
    applies: ([form], mismatches) =>
      /^R(CP|SQRT)[PS]S$/.test(form!.row.mnemonic) && mismatches.every(lanesNear),
  },
  {
    id: "state-image-fault",
    reason:
      "FNSTENV, FNSAVE, FLDENV, FRSTOR, FXSAVE, FXRSTOR: which byte of an operand in two pages is " +
      'reached first is nowhere said; AMD processors probe the last one. FXSAVE, FXRSTOR: "signaling ' +
      'of #AC is not guaranteed and may vary with implementation".',
    applies: ([form], mismatches) =>
      /^(FN?STENV|FN?SAVE|FLDENV|FRSTOR|FXSAVE|FXRSTOR)$/.test(form!.row.mnemonic) &&
      (vectors(mismatches, /^1[2347]$/, "1[2347]") ||
        mismatches.every((m) => /^(CR2|error code|memory.*)$/.test(m.what))),
  },
  {
    id: "unaligned-vector-ac",
    reason:
      '"If alignment checking is enabled, alignment-check exceptions (#AC) may or may not be ' +
      "generated depending on processor implementation when data addresses are not aligned on an " +
      '8-byte boundary": AMD processors generate them for operands of 16 bytes.',
    applies: ([form], mismatches) => isVector(form!) && vectors(mismatches, /^17$/, ".*"),
  },
  {
    id: "misaligned-at-the-edge",
    reason:
      "A misaligned operand of 16 bytes that is also not canonical or beyond a limit: which fault " +
      "goes first is nowhere said.",
    applies: ([form], mismatches) =>
      isVector(form!) && mismatches.length === 1 && vectors(mismatches, /^13$/, "12"),
  },
  {
    id: "m80-at-the-edge",
    reason:
      "An operand of 10 bytes whose last ones are not canonical or beyond a limit: AMD processors " +
      "read its two parts one by one.",
    applies: ([form], mismatches) =>
      form!.row.operands.includes("Mt") &&
      (vectors(mismatches, /^1[2347]$/, "1[2347]") || mismatches.every((m) => m.what === "CR2")),
  },
  {
    id: "sha-alignment",
    reason:
      'SHA instructions: "Exceptions Type 4", that is #GP for a misaligned operand of 16 bytes. ' +
      "AMD processors permit it.",
    applies: ([form], _mismatches, input) =>
      form!.row.mnemonic.startsWith("SHA") && (input.operand() & 15n) !== 0n,
  },
  {
    id: "maskmov-unselected",
    reason:
      'MASKMOVQ, MASKMOVDQU: with a mask of 0 "exceptions associated with addressing memory and ' +
      'page faults may still be signaled (implementation dependent)"; AMD processors look at all ' +
      "bytes, and reset the x87 tags before a fault.",
    applies: ([form], mismatches) =>
      form!.row.mnemonic.startsWith("MASKMOV") &&
      (vectors(mismatches, /^1[2347]$/, ".*") ||
        mismatches.every((m) => /^(FSW|FTW|ST.|CR2|error code|RIP)$/.test(m.what))),
  },
];
