/** One counter of an 8254: its count and output as functions of the cycle, never by ticking. */

/** Access modes of a counter's byte port. */
const ACCESS_LOW = 1;
const ACCESS_HIGH = 2;
const ACCESS_BOTH = 3;

const NONE = -1;

export interface PitChannelState {
  mode: number;
  bcd: boolean;
  access: number;
  /** Whether a count has been written since the control word. */
  armed: boolean;
  /** The initial count in use, 1 to 65536. */
  count: number;
  /** Cycle at which the counting element held `count`. */
  loadCycle: number;
  /** Count that waits for the end of the period or for a trigger; 0 when none does. */
  nextCount: number;
  /** Cycle at which `nextCount` is loaded in the periodic modes. */
  nextCycle: number;
  /** Cycles counted when the gate fell, or NONE while counting. */
  heldElapsed: number;
  gate: boolean;
  /** Modes 1 and 5: the gate has risen since the control word. */
  triggered: boolean;
  /** First byte of a two-byte write, or NONE. */
  writtenLow: number;
  /** The next byte read is the upper one. */
  readHigh: boolean;
  latchedCount: number;
  latchedStatus: number;
}

export function initialPitChannel(gate: boolean): PitChannelState {
  return {
    mode: 0,
    bcd: false,
    access: ACCESS_BOTH,
    armed: false,
    count: 0x10000,
    loadCycle: 0,
    nextCount: 0,
    nextCycle: 0,
    heldElapsed: NONE,
    gate,
    triggered: false,
    writtenLow: NONE,
    readHigh: false,
    latchedCount: NONE,
    latchedStatus: NONE,
  };
}

export class PitChannel {
  state: PitChannelState;

  constructor(gate: boolean) {
    this.state = initialPitChannel(gate);
  }

  /** Level of the OUT pin at `cycle`. */
  output(cycle: number): boolean {
    this.settle(cycle);
    const s = this.state;
    if (!s.armed) return s.mode !== 0;
    const elapsed = this.elapsed(cycle);
    switch (s.mode) {
      case 0:
        return elapsed >= s.count;
      case 1:
        return !s.triggered || elapsed < 0 || elapsed >= s.count;
      case 2:
        return !s.gate || elapsed < 0 || elapsed % s.count !== s.count - 1;
      case 3:
        return !s.gate || elapsed < 0 || elapsed % s.count < Math.ceil(s.count / 2);
      case 4:
        return elapsed !== s.count;
      default:
        return !s.triggered || elapsed !== s.count;
    }
  }

  /** The first cycle after `cycle` at which OUT rises; Infinity when none will. */
  nextRise(cycle: number): number {
    this.settle(cycle);
    const s = this.state;
    if (!s.armed || s.heldElapsed !== NONE) return Number.POSITIVE_INFINITY;
    let rise = Number.POSITIVE_INFINITY;
    switch (s.mode) {
      case 0:
        rise = s.loadCycle + s.count;
        break;
      case 1:
        if (s.triggered) rise = s.loadCycle + s.count;
        break;
      case 2:
      case 3:
        if (!s.gate) break;
        rise = s.loadCycle + (Math.floor((cycle - s.loadCycle) / s.count) + 1) * s.count;
        // The counter has not started over before the first period has passed.
        rise = Math.max(rise, s.loadCycle + s.count);
        break;
      case 4:
        rise = s.loadCycle + s.count + 1;
        break;
      default:
        if (s.triggered) rise = s.loadCycle + s.count + 1;
    }
    return rise > cycle ? rise : Number.POSITIVE_INFINITY;
  }

  /** Whether OUT rises again and again without the guest's doing. */
  isPeriodic(): boolean {
    return this.state.mode === 2 || this.state.mode === 3;
  }

  setGate(gate: boolean, cycle: number): void {
    this.settle(cycle);
    const s = this.state;
    if (gate === s.gate) return;
    s.gate = gate;
    if (s.mode === 0 || s.mode === 4) {
      if (gate) this.resume(cycle);
      else this.hold(cycle);
      return;
    }
    if (!gate) {
      if (this.isPeriodic()) this.hold(cycle);
      return;
    }
    if (s.nextCount !== 0) s.count = s.nextCount;
    s.nextCount = 0;
    s.heldElapsed = NONE;
    s.loadCycle = cycle + 1;
    s.triggered = s.armed;
  }

  writeControl(value: number, cycle: number): void {
    const access = (value >> 4) & 3;
    if (access === 0) {
      this.latchCount(cycle);
      return;
    }
    const mode = (value >> 1) & 7;
    this.state = {
      ...initialPitChannel(this.state.gate),
      mode: mode > 5 ? mode & 3 : mode,
      bcd: (value & 1) !== 0,
      access,
      loadCycle: cycle,
    };
  }

  /** One byte of a count. */
  writeByte(value: number, cycle: number): void {
    this.settle(cycle);
    const s = this.state;
    if (s.access === ACCESS_LOW) this.load(value, cycle);
    else if (s.access === ACCESS_HIGH) this.load(value << 8, cycle);
    else if (s.writtenLow === NONE) {
      s.writtenLow = value;
      // In mode 0 the first byte stops the counter and drops OUT.
      if (s.mode === 0) s.armed = false;
    } else {
      this.load(s.writtenLow | (value << 8), cycle);
      s.writtenLow = NONE;
    }
  }

  readByte(cycle: number): number {
    const s = this.state;
    if (s.latchedStatus !== NONE) {
      const status = s.latchedStatus;
      s.latchedStatus = NONE;
      return status;
    }
    const value = s.latchedCount === NONE ? this.readCount(cycle) : s.latchedCount;
    const high = s.access === ACCESS_HIGH || (s.access === ACCESS_BOTH && s.readHigh);
    if (s.access === ACCESS_BOTH) s.readHigh = !s.readHigh;
    if (s.access !== ACCESS_BOTH || high) s.latchedCount = NONE;
    return high ? value >> 8 : value & 0xff;
  }

  latchCount(cycle: number): void {
    if (this.state.latchedCount === NONE) this.state.latchedCount = this.readCount(cycle);
  }

  latchStatus(cycle: number): void {
    const s = this.state;
    if (s.latchedStatus !== NONE) return;
    const output = this.output(cycle) ? 0x80 : 0;
    const nullCount = this.isCountMissing(cycle) ? 0x40 : 0;
    s.latchedStatus = output | nullCount | (s.access << 4) | (s.mode << 1) | (s.bcd ? 1 : 0);
  }

  /** The count as the guest reads it: 16 bits, in the number system chosen. */
  private readCount(cycle: number): number {
    this.settle(cycle);
    const s = this.state;
    const modulus = s.bcd ? 10000 : 0x10000;
    const elapsed = s.armed ? Math.max(0, this.elapsed(cycle)) : 0;
    let value = s.count;
    if (s.mode === 2) {
      value = s.count - (elapsed % s.count);
    } else if (s.mode === 3) {
      const half = Math.ceil(s.count / 2);
      const position = elapsed % s.count;
      value = (s.count & ~1) - 2 * (position < half ? position : position - half);
    } else {
      value = s.count - (elapsed % modulus);
      if (value < 0) value += modulus;
    }
    value %= modulus;
    return s.bcd ? toBcd(value) : value;
  }

  /** The NULL COUNT bit: the count written has not reached the counting element. */
  private isCountMissing(cycle: number): boolean {
    const s = this.state;
    if (!s.armed || s.nextCount !== 0) return true;
    return cycle < s.loadCycle && s.heldElapsed === NONE;
  }

  private load(written: number, cycle: number): void {
    const s = this.state;
    const count = s.bcd ? fromBcd(written) || 10000 : written || 0x10000;
    const wasArmed = s.armed;
    s.armed = true;
    if (s.mode === 1 || s.mode === 5) {
      s.nextCount = count;
      s.nextCycle = Number.POSITIVE_INFINITY;
      return;
    }
    if (wasArmed && this.isPeriodic()) {
      s.nextCount = count;
      const periods = Math.floor(Math.max(0, cycle - s.loadCycle) / s.count) + 1;
      s.nextCycle = s.loadCycle + periods * s.count;
      return;
    }
    s.count = count;
    s.nextCount = 0;
    s.loadCycle = cycle + 1;
    s.heldElapsed = s.gate ? NONE : 0;
  }

  /** Takes over a count that waited for the end of the period. */
  private settle(cycle: number): void {
    const s = this.state;
    if (s.nextCount === 0 || s.heldElapsed !== NONE || cycle < s.nextCycle) return;
    s.count = s.nextCount;
    s.nextCount = 0;
    s.loadCycle = s.nextCycle;
  }

  private elapsed(cycle: number): number {
    const s = this.state;
    return s.heldElapsed === NONE ? cycle - s.loadCycle : s.heldElapsed;
  }

  private hold(cycle: number): void {
    this.state.heldElapsed = Math.max(0, this.elapsed(cycle));
  }

  private resume(cycle: number): void {
    const s = this.state;
    if (s.heldElapsed === NONE) return;
    s.loadCycle = cycle - s.heldElapsed;
    s.heldElapsed = NONE;
  }
}

function toBcd(value: number): number {
  let result = 0;
  let rest = value;
  for (let shift = 0; shift < 16; shift += 4) {
    result |= (rest % 10) << shift;
    rest = Math.floor(rest / 10);
  }
  return result;
}

/** Digits above 9 count with their weight, as the decimal counter would run through them. */
function fromBcd(value: number): number {
  const digit = (shift: number) => (value >> shift) & 15;
  return (digit(12) * 1000 + digit(8) * 100 + digit(4) * 10 + digit(0)) % 10000;
}
