/**
 * Short sequences: an instruction that sets flags and one or two that read them; x87 instructions
 * that meet each other's exceptions; SSE instructions that meet each other's MXCSR.
 */
import { traitsOf } from "./floating-state.ts";
import { allForms, type Form, type Mode } from "./forms.ts";
import { Genes } from "./values.ts";

const PRODUCERS =
  /^(ADD|OR|ADC|SBB|AND|SUB|XOR|CMP|TEST|INC|DEC|NEG|XADD|CMPXCHG|CMC|CLC|STC|SAHF|ADCX|ADOX|POPCNT)$/;
const CONSUMERS = /^(J[A-Z]+|SET[A-Z]+|CMOV[A-Z]+|ADC|SBB|RCL|RCR|CMC|INC|DEC|ADCX|ADOX|NOT|LEA)$/;
const NOT_CONDITIONS = /^(JMP|JCXZ)$/;
/** Their differences between processors would show in what follows. */
const UNEVEN =
  /^(FU?COM.*|FICOM.*|FTST|F2XM1|FYL2X.*|FP?TAN|FPATAN|FSIN|FCOS|FSINCOS|FN?STENV|FN?SAVE|FLDENV|FRSTOR|FX.*|R(CP|SQRT)[PS]S|MASKMOV.*|SHA.*|LDMXCSR)$/;

type Choose = (i: number) => Form[];

/** `count` sequences of each kind for each mode, the same for the same seed. */
export function sequences(modes: readonly Mode[], count: number, seed: number): Form[][] {
  const result: Form[][] = [];
  for (const mode of modes) {
    const forms = allForms([mode]);
    const kinds = [flagSequence(forms, new Genes(seed * 3 + mode))];
    for (const floating of ["x87", "mmx", "vector"] as const) {
      kinds.push(floatingSequence(forms, floating, new Genes(seed * 5 + mode + floating.length)));
    }
    for (const kind of kinds) for (let i = 0; i < count; i++) result.push(kind(i));
  }
  return result;
}

function flagSequence(forms: readonly Form[], genes: Genes): Choose {
  const producers = forms.filter((f) => PRODUCERS.test(f.row.mnemonic));
  const consumers = forms.filter(
    (f) => CONSUMERS.test(f.row.mnemonic) && !f.memory && !NOT_CONDITIONS.test(f.row.mnemonic),
  );
  // A compare and a conditional jump are joined by the decoder: all such pairs matter.
  const jumps = consumers.filter((f) => f.row.jump === "jcc");
  const one = (list: readonly Form[]) => list[genes.next() % list.length]!;
  return (i) => {
    const list = [one(producers)];
    if (i % 2 === 0) list.push(one(consumers));
    list.push(one(i % 4 < 2 ? jumps : consumers));
    return list;
  };
}

/** Three instructions; the last two work on registers, half of the MMX ones are x87's. */
function floatingSequence(
  forms: readonly Form[],
  kind: "x87" | "mmx" | "vector",
  genes: Genes,
): Choose {
  const even = forms.filter((f) => !UNEVEN.test(f.row.mnemonic));
  const firsts = even.filter((f) => traitsOf(f.row)[kind]);
  const others = even.filter((f) => !f.memory && traitsOf(f.row)[kind === "mmx" ? "x87" : kind]);
  const own = firsts.filter((f) => !f.memory);
  const one = (list: readonly Form[]) => list[genes.next() % list.length]!;
  return (i) => [one(firsts), one(i % 2 === 0 ? others : own), one(others)];
}
