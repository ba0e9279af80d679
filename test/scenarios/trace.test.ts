/** Chrome's trace of L0: valid JSON, one track for each thread, each stay in the guest has its end. */
import { describe, expect, it } from "vitest";
import { ChromeTrace } from "../../src/l0/chrome-trace.ts";
import { Machine } from "../../src/machine/machine.ts";

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly tid: number;
  readonly ts?: number;
}

/** CPUID four times, then a byte to the exit port. */
const GUEST = [0xb9, 4, 0, 0x66, 0x31, 0xc0, 0x51, 0x0f, 0xa2, 0x59, 0xe2, 0xf7, 0xe6, 0xf4];

describe("Chrome's trace", () => {
  it("of a machine in mode l1 opens and closes what it names", async () => {
    const lines: string[] = [];
    const text: string[] = [];
    const machine = await Machine.create({ mode: "l1", memory: 2 << 20 });
    const trace = new ChromeTrace("test", (line) => lines.push(line));
    machine.l1!.trace((event) => trace.event(event));
    machine.l1!.trace((event) => text.push(event.name));
    machine.load(Uint8Array.from(GUEST), { flat: { address: 0x7000, mode: "real" } });
    expect((await machine.run({ maxInstructions: 1000 })).kind).toBe("exit");
    trace.end();
    machine.dispose();
    const { traceEvents } = JSON.parse(lines.join("\n")) as { traceEvents: Event[] };
    const tracks = traceEvents.filter(({ name }) => name === "thread_name");
    expect(tracks.length).toBe(1);
    const open = new Set<number>();
    let stays = 0;
    let last = 0;
    for (const { ph, tid, ts } of traceEvents) {
      if (ph === "M") continue;
      expect(ts).toBeGreaterThanOrEqual(last);
      last = ts!;
      if (ph === "B") {
        expect(open.has(tid)).toBe(false);
        open.add(tid);
        stays++;
      }
      if (ph === "E") expect(open.delete(tid)).toBe(true);
    }
    expect(open.size).toBe(0);
    expect(stays).toBeGreaterThan(4);
    const cpuids = traceEvents.filter(({ name }) => name === "kvm_cpuid");
    expect(cpuids.length).toBe(4);
    expect(text.filter((name) => name === "kvm_cpuid").length).toBe(4);
  });

  it("ends a stay that is still open", () => {
    const lines: string[] = [];
    const trace = new ChromeTrace("test", (line) => lines.push(line));
    const event = { time: 5000, pcpu: 0, actor: "vCPU 0", name: "kvm_entry", text: "vcpu 0" };
    trace.event(event);
    trace.event({ ...event, time: 6000, name: "kvm_msr" });
    trace.end();
    const { traceEvents } = JSON.parse(lines.join("\n")) as { traceEvents: Event[] };
    expect(traceEvents.at(-1)).toMatchObject({ ph: "E", name: "guest", ts: 6 });
  });
});
