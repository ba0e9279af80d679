/**
 * What Bochs (August 2026, model sapphire_rapids, patched so that its local APIC can be enabled
 * again) and QEMU 7.2 TCG (-cpu max) made of the same images: PASS/FAIL/SKIP lines and seconds, as
 * measured by hand on a shared machine, ±25 %. Absent: not measured.
 */
export interface PeerFigures {
  readonly bochs?: string;
  readonly qemu?: string;
}

const row = (bochs: string, qemu: string): PeerFigures => ({
  ...(bochs === "" ? {} : { bochs }),
  ...(qemu === "" ? {} : { qemu }),
});

const PEERS: Readonly<Record<string, PeerFigures>> = {
  realmode: row("127/0/0, 0.8 s", "127/0/0, 0.5 s"),
  x2apic: row("51/4/0, 3.0 s", "aborts"),
  xapic: row("40/27/1, time-out", ""),
  ioapic: row("1/8/0, time-out", "20/0/0, time-out"),
  smptest: row("1/0/0, 1.2 s", "1/0/0, 0.1 s"),
  smptest3: row("1/0/0, 1.2 s", "1/0/0, 0.1 s"),
  idt_test: row("4/0/0, 0.7 s", "hangs"),
  eventinj: row("13/0/0, 0.6 s", "13/0/0, 0.2 s"),
  emulator: row("26/68/1, crash", "144/4/1, crash"),
  access: row("2/0/0 without PKU, 23 s", "466399 FAIL lines, unfinished after 175 s"),
  "pcid-enabled": row("2/0/0, 0.7 s", "1/1/0"),
  smap: row("18/0/0, 0.8 s", "18/0/0, 0.2 s"),
  umip: row("21/0/0, 0.8 s", "21/0/0, 0.2 s"),
  xsave: row("386/0/0, 0.8 s", "386/0/0, 0.2 s"),
  pku: row("hangs", "7/0/0, 0.1 s"),
  pks: row("4/3/0", "7/0/0, 0.1 s"),
  la57: row("43/4/1, crash", "21/5/0, ends early"),
  memory: row("6/0/1, 0.7 s", "7/0/0, 0.1 s"),
  debug: row("22/3/0, 0.7 s", "13/2/0, hangs"),
  sieve: row("done, 71–81 s", "done, 38 s"),
  syscall: row("1/0/1", "2/0/0"),
  tsc: row("6/0/0", "3/0/0"),
  tsc_adjust: row("6/0/0", "skip"),
  msr: row("3/0/0, crash", "7/1/0, ends early"),
  cet: row("4/0/0", "skip"),
  lam: row("17/2/0", "hangs"),
};

const PEERS_I386: Readonly<Record<string, PeerFigures>> = {
  cmpxchg8b: row("pass", "pass"),
  taskswitch: row("pass", "pass"),
  taskswitch2: row("13/0/0", "12/0/0, dies after VM86"),
};

/** The figures for an entry of unittests.cfg. */
export function peerFigures(arch: string, name: string): PeerFigures {
  return (arch === "x86_64" ? PEERS : PEERS_I386)[name] ?? {};
}
