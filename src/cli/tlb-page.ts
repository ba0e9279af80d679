/** A view of the caches of translations as one HTML page that asks for nothing from elsewhere. */
import type { CacheArray, CacheTag, ProcessorCaches } from "../tlb/snapshot-types.ts";
import type { Walk, WalkStep } from "../tlb/walk-types.ts";
import { duration } from "./statistics.ts";
import { hexAddress } from "./symbols.ts";
import { arrayMap, escapeText, kindSign, signDefinitions, signOf } from "./tlb-map.ts";
import type { TlbView } from "./tlb-view.ts";
import {
  contextWords,
  flagWords,
  placeWords,
  resultWords,
  rightsWords,
  shapeWords,
  type TagRow,
  targetWords,
  walkHead,
} from "./tlb-words.ts";

const GROUPS: readonly (readonly [CacheArray["group"], string])[] = [
  ["tlb", "TLB: translations of linear addresses"],
  ["guest-physical", "Guest-physical mappings: translations by the EPT"],
  ["structure", "Paging-structure caches: entries that lead to tables"],
];

const KINDS: readonly (readonly [CacheTag["kind"], string])[] = [
  ["linear", "linear: without EPT, tagged by VPID and PCID"],
  ["combined", "combined: through guest tables and EPT, tagged by VPID, PCID and EP4TA"],
  ["guest-physical", "guest-physical: through the EPT alone, tagged by EP4TA"],
];

const STYLE = `
body { font: 14px/1.45 system-ui, "DejaVu Sans", sans-serif; color: #1f2937; background: #fff;
  margin: 0 auto; max-width: 1240px; padding: 20px 24px 48px; }
h1 { font-size: 22px; margin: 0 0 2px; } h2 { font-size: 18px; margin: 30px 0 8px;
  border-bottom: 2px solid #d1d5db; padding-bottom: 4px; }
h3 { font-size: 15px; margin: 18px 0 6px; color: #374151; } p { margin: 4px 0; }
.lead, .shape { color: #4b5563; } .shape { font-size: 12px; margin-bottom: 4px; }
.warn { background: #fef3c7; padding: 6px 10px; border-radius: 4px; }
.panels { display: flex; flex-wrap: wrap; gap: 14px 26px; align-items: flex-start; }
figure { margin: 0; } figcaption b { font-size: 14px; }
.map { display: block; } .map text { font-size: 10px; fill: #6b7280; }
.map .empty { fill: #f3f4f6; } .map .grid { stroke: #d1d5db; stroke-width: .6; fill: none; }
.map .now rect { fill: none; stroke: #111827; stroke-width: 1.4; }
.map .now .thin { stroke-width: .9; } .signs { position: absolute; }
svg.sign { display: inline-block; vertical-align: -3px; margin-right: 6px; }
.keys { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 8px 0; font-size: 13px; }
.tables { display: flex; flex-wrap: wrap; gap: 14px 36px; align-items: flex-start; }
table { border-collapse: collapse; font-size: 13px; }
caption { text-align: left; font-weight: 600; padding-bottom: 4px; }
th, td { padding: 2px 10px 2px 0; text-align: left; border-bottom: 1px solid #e5e7eb; }
th { color: #4b5563; font-weight: 600; } td.n, th.n { text-align: right; }
code, td.a { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px; }
tr.ept td:nth-child(2) { padding-left: 18px; color: #4b5563; } tr.bad td { background: #fee2e2; }
.result { font-weight: 600; margin-top: 6px; }
`;

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function cells(tag: "td" | "th", values: readonly (string | number)[], numeric = 1): string {
  return values
    .map((value, i) => {
      const text = typeof value === "number" ? number(value) : value;
      return `<${tag}${i >= numeric ? ' class="n"' : ""}>${text}</${tag}>`;
    })
    .join("");
}

/** A table whose columns from `numeric` on hold numbers. */
function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  numeric = 1,
): string {
  if (rows.length === 0) return "";
  const body = rows.map((row) => `<tr>${cells("td", row, numeric)}</tr>`).join("\n");
  return (
    `<table><caption>${caption}</caption><thead><tr>${cells("th", head, numeric)}</tr></thead>` +
    `<tbody>\n${body}\n</tbody></table>`
  );
}

export function tlbPage(view: TlbView): string {
  const { snapshot, tags, places } = view;
  const title = `Caches of translations: ${escapeText(view.image)}`;
  const where = view.reached ? `at ${escapeText(view.point)}` : "at the end of the run";
  const parts = [
    `<h1>${title}</h1>`,
    `<p class="lead">${where} &middot; ${number(view.instructions)} instructions &middot; ` +
      `virtual time ${duration(view.virtualTimeNs)} &middot; processor ${escapeText(view.cpuModel)} ` +
      `&middot; geometry <b>${escapeText(snapshot.profile)}</b></p>`,
    view.reached
      ? ""
      : `<p class="warn">The run ended before it came to ${escapeText(view.point)}.</p>`,
    signDefinitions(tags),
    legend(tags),
    ...snapshot.processors.map((processor, i) => processorSection(processor, places[i]!, tags)),
    view.walk ? walkSection(view.walk) : "",
    countersSection(view),
  ];
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    `<title>${title}</title>\n<style>${STYLE}</style></head>\n<body>\n` +
    `${parts.filter((part) => part !== "").join("\n")}\n</body></html>\n`
  );
}

function legend(tags: readonly TagRow[]): string {
  const kinds = KINDS.map(([kind, words]) => `<span>${kindSign(kind)}${words}</span>`);
  const now =
    '<span><svg class="sign map" width="16" height="16"><rect class="empty" width="16" height="16"/>' +
    '<g class="now"><rect x="1" y="1" width="14" height="14"/></g></svg>' +
    "dark edge: the processor would use it now</span>";
  if (tags.length === 0) return `<h2>Tags</h2><p>Nothing is cached.</p>`;
  const rows = tags.map(({ tag, counts, current }, i) => [
    `${signOf(i)}${tag.kind}`,
    String(tag.vpid ?? "&ndash;"),
    String(tag.pcid ?? "&ndash;"),
    tag.ep4ta === undefined ? "&ndash;" : `<code>${hexAddress(tag.ep4ta)}</code>`,
    counts.tlb,
    counts["guest-physical"],
    counts.structure,
    current.length === 0 ? "" : `CPU ${current.join(", ")}`,
  ]);
  const head = ["kind", "VPID", "PCID", "EP4TA", "TLB", "guest-physical", "structure", "in use by"];
  return (
    `<h2>Tags</h2>\n<div class="keys">${kinds.join("")}${now}</div>\n` +
    table("Entries by tag", head, rows, 1)
  );
}

function processorSection(
  { cpu, context, arrays }: ProcessorCaches,
  place: string,
  tags: readonly TagRow[],
): string {
  const groups = GROUPS.map(([group, heading]) => {
    const members = arrays.filter((array) => array.group === group);
    if (members.length === 0) return "";
    const panels = members.map(
      (array) =>
        `<figure><figcaption><b>${escapeText(array.name)}</b>` +
        `<div class="shape">${escapeText(shapeWords(array))}</div></figcaption>` +
        `${arrayMap(array, tags)}</figure>`,
    );
    return `<h3>${heading}</h3>\n<div class="panels">\n${panels.join("\n")}\n</div>`;
  });
  const none = arrays.length === 0 ? "<p>This geometry caches nothing.</p>" : "";
  return (
    `<h2>CPU ${cpu}</h2>\n<p class="lead">at <code>${escapeText(place)}</code> &middot; ` +
    `${contextWords(context)}</p>${none}\n${groups.join("\n")}`
  );
}

function walkSection(walk: Walk): string {
  const rows = walk.steps.map((step, i) => walkRow(step, i));
  const head = ["", "entry", "read at", "value", "grants", "A/D", "all grant", "leads to"];
  const body =
    rows.length === 0
      ? "<p>No table is read.</p>"
      : `<table><thead><tr>${cells("th", head, head.length)}</tr></thead><tbody>\n${rows.join("\n")}\n` +
        "</tbody></table>";
  return (
    `<h2>Walk</h2>\n<p class="lead">${escapeText(walkHead(walk))}; ` +
    `${walk.steps.length} entries read with empty caches</p>\n${body}\n` +
    `<p class="result">&rarr; ${escapeText(resultWords(walk.result))}</p>`
  );
}

function walkRow(step: WalkStep, index: number): string {
  const { tables, entry, value, bytes, translates } = step;
  const name =
    tables === "ept" ? `EPT ${entry} for gpa ${hexAddress(translates!)}` : `guest ${entry}`;
  const values = [
    String(index + 1),
    name,
    placeWords(step),
    `0x${value.toString(16).padStart(bytes * 2, "0")}`,
    rightsWords(step.rights, tables),
    flagWords(step),
    rightsWords(step.granted, tables),
    targetWords(step),
  ];
  const kind = `${tables}${step.present ? "" : " bad"}`;
  const row = values.map((text, i) => `<td${i >= 2 ? ' class="a"' : ""}>${escapeText(text)}</td>`);
  return `<tr class="${kind}">${row.join("")}</tr>`;
}

function countersSection({ counters, bill }: TlbView): string {
  const arrays = counters.caches
    .filter(({ hits, fills }) => hits + fills > 0)
    .map(({ name, hits, fills, evictions }) => [escapeText(name), hits, fills, evictions]);
  const walks: (readonly [string, number])[] = [
    ["walks for loads", counters.missLoad],
    ["walks for stores", counters.missStore],
    ["walks for fetches", counters.missFetch],
    ["guest entries read", counters.walkReference],
    ["EPT entries read", counters.eptReference],
    ["linear and combined fills", counters.tlbFill],
    ["of them combined", counters.fillCombined],
    ["guest-physical fills", counters.guestPhysicalFill],
    ["VM entries", counters.vmEntry],
    ["VM exits", counters.vmExit],
  ];
  const flushes = counters.flushes.map(({ operation, times, dropped }) => [
    operation,
    times,
    dropped,
  ]);
  const cycles = bill.events.map(({ title, count, cyclesEach, cycles: all }) => [
    escapeText(title),
    count,
    cyclesEach ?? "no figure",
    all ?? "&ndash;",
  ]);
  const level = bill.referenceLevel === null ? "" : `, walks read from ${bill.referenceLevel}`;
  const caption = `Modelled cycles by the preset &ldquo;${escapeText(bill.preset)}&rdquo;${level}`;
  const total = ["<b>sum of what has a figure</b>", "", "", `<b>${number(bill.total)}</b>`];
  return (
    '<h2>Counted since power-up, on all processors</h2>\n<div class="tables">\n' +
    [
      table("Arrays", ["array", "hits", "fills", "evictions"], arrays),
      table(
        "Walks",
        ["event", "count"],
        walks.filter(([, count]) => count > 0),
      ),
      table("Invalidations", ["operation", "times", "entries dropped"], flushes),
      table(caption, ["event", "count", "cycles each", "cycles"], [...cycles, total]),
    ].join("\n") +
    '\n</div>\n<p class="shape">Hits of the first level that the front caches of the emulator ' +
    "served are not among the hits. Cycles are those of translation alone, as if nothing overlapped.</p>"
  );
}
