import { LabContext } from "/work/ext/wt-lab/src/lab/flush/context.ts";
import { runJob } from "/work/ext/wt-lab/src/lab/flush/run-job.ts";
import { defaultsOf } from "/work/ext/wt-lab/src/lab/flush/workload.ts";
const [w, ss, seeds = "2", ...set] = process.argv.slice(2);
const c = await LabContext.create({ version: "x" });
const over: any = {};
for (const s of set) { const [k, v] = s.split("="); over[k!] = Number.isNaN(Number(v)) ? (v==="true"?true:v==="false"?false:v) : Number(v); }
for (const s of ss === "all" ? c.strategies.keys() : ss!.split(","))
for (const wl of w === "all" ? c.workloads.keys() : w!.split(","))
for (let seed = 1; seed <= Number(seeds); seed++) {
  const t = process.cpuUsage();
  const r = runJob({ strategy: s, workload: wl, parameters: { ...defaultsOf(c.workloads.get(wl)!), ...over }, seed }, c);
  const u = process.cpuUsage(t);
  const k = r.counts;
  console.log(s.padEnd(9), wl.padEnd(4), seed, r.verdict.padEnd(7), String(r.cycles).padStart(10), `inv ${k.invalidations}/${k.invalidationsHit} fl ${k.flushRequests} i1 ${k.inveptSingle} ia ${k.inveptAll} iv ${k.invvpid} ipi ${k.ipis} drop ${k.dropped}/${k.droppedStale} refill ${k.refills} walks ${k.walks} ex ${k.vmExits} blk ${k.notifierBlocked} mig ${k.migrations} n ${k.nestedEntries} instr ${k.instructions} ${((u.user) / 1e6).toFixed(2)}s`, r.error ?? r.witness?.message ?? "");
  if (process.env.W && r.witness) console.log(r.witness.timeline);
}
