/** Short sequences: an instruction that sets flags, and one or two that read them. */
import { allForms, type Form, type Mode } from "./forms.ts";
import { Genes } from "./values.ts";

const PRODUCERS =
  /^(ADD|OR|ADC|SBB|AND|SUB|XOR|CMP|TEST|INC|DEC|NEG|XADD|CMPXCHG|CMC|CLC|STC|SAHF|ADCX|ADOX|POPCNT)$/;
const CONSUMERS = /^(J[A-Z]+|SET[A-Z]+|CMOV[A-Z]+|ADC|SBB|RCL|RCR|CMC|INC|DEC|ADCX|ADOX|NOT|LEA)$/;
const NOT_CONDITIONS = /^(JMP|JCXZ)$/;

/** `count` sequences for each mode, the same for the same seed. */
export function sequences(modes: readonly Mode[], count: number, seed: number): Form[][] {
  const result: Form[][] = [];
  for (const mode of modes) {
    const forms = allForms([mode]);
    const producers = forms.filter((f) => PRODUCERS.test(f.row.mnemonic));
    const consumers = forms.filter(
      (f) => CONSUMERS.test(f.row.mnemonic) && !f.memory && !NOT_CONDITIONS.test(f.row.mnemonic),
    );
    // A compare and a conditional jump are joined by the decoder: all such pairs matter.
    const jumps = consumers.filter((f) => f.row.jump === "jcc");
    const genes = new Genes(seed * 3 + mode);
    for (let i = 0; i < count; i++) {
      const first = producers[genes.next() % producers.length]!;
      const list = [first];
      if (i % 2 === 0) list.push(consumers[genes.next() % consumers.length]!);
      list.push(
        (i % 4 < 2 ? jumps : consumers)[genes.next() % (i % 4 < 2 ? jumps : consumers).length]!,
      );
      result.push(list);
    }
  }
  return result;
}
