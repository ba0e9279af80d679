/** Reports of flushes that were never needed, one for each place that flushes on purpose. */
import { type FlushSite, type Ledger, verdictOf } from "./ledger.ts";
import type { SanitizerReport } from "./types.ts";

/** What the ledger has at this moment. */
export function redundantFlushes(ledger: Ledger): SanitizerReport[] {
  return ledger
    .all()
    .filter((site) => site.rule.explicit && verdictOf(site) === "needless")
    .map(reportOf);
}

function reportOf(site: FlushSite): SanitizerReport {
  const { rule, actor, times, dropped, refills, refillReferences, last } = site;
  const often = times === 1 ? "once" : `${times} times`;
  return {
    kind: "redundant-flush",
    level: "note",
    message:
      `${rule.text} was executed ${often} and removed nothing that had changed; ` +
      `${dropped} entries went, ${refills} translations were walked for again ` +
      `(${refillReferences} paging-structure entries read)`,
    sdm: rule.sdm,
    access: undefined,
    entry: undefined,
    store: undefined,
    reuse: undefined,
    flushes: [
      {
        operation: rule.name,
        text: rule.text,
        site: { ...last, actor },
        miss: undefined,
        why: "nothing that it reaches had changed",
      },
    ],
    count: times,
  };
}
