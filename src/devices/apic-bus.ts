/** What connects local APICs with each other and with the I/O APICs: messages and their routing. */
import { BROADCAST_8, BROADCAST_32, Delivery } from "./apic-registers.ts";
import type { Device } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

/** Local APICs one bus can carry. */
export const BUS_APICS_MAX = 64;

/** What the bus asks of a local APIC. */
export interface ApicTarget {
  matchesPhysical(destination: number): boolean;
  matchesLogical(destination: number): boolean;
  /** Whether the APIC takes part in the bus at all. */
  isPresent(): boolean;
  /** Whether fixed interrupts are accepted: the APIC is enabled by software. */
  acceptsFixed(): boolean;
  /** The lower, the likelier to be chosen for a lowest-priority interrupt. */
  arbitrationPriority(): number;
  /** Takes a message; false when the APIC does not accept it. `mode` is of `Delivery`. */
  receive(mode: number, vector: number, level: boolean): boolean;
}

/** What the bus asks of an I/O APIC. */
export interface EoiListener {
  endOfInterrupt(vector: number): void;
}

export class ApicBus implements Device {
  private readonly targets: ApicTarget[] = [];
  private readonly listeners: EoiListener[] = [];
  /** Winner of the last lowest-priority arbitration: equals are served in turn. */
  private lastLowest = 0;

  /** @throws RangeError when the bus is full. */
  attach(target: ApicTarget): void {
    if (this.targets.length === BUS_APICS_MAX) {
      throw new RangeError(`an APIC bus carries ${BUS_APICS_MAX} local APICs`);
    }
    this.targets.push(target);
  }

  attachIoApic(listener: EoiListener): void {
    this.listeners.push(listener);
  }

  /**
   * Sends a message to the APICs that `destination` names. `wide` says that the field has 32 bits
   * (x2APIC); it decides which value is the broadcast. Returns how many APICs accepted.
   */
  send(
    destination: number,
    wide: boolean,
    logical: boolean,
    mode: number,
    vector: number,
    level: boolean,
  ): number {
    const broadcast = destination === (wide ? BROADCAST_32 : BROADCAST_8);
    if (mode === Delivery.lowestPriority) {
      const target = this.arbitrate(destination, broadcast, logical);
      return target?.receive(mode, vector, level) ? 1 : 0;
    }
    let accepted = 0;
    for (const target of this.targets) {
      if (!target.isPresent()) continue;
      if (!broadcast && !matches(target, destination, logical)) continue;
      if (target.receive(mode, vector, level)) accepted++;
    }
    return accepted;
  }

  /** Sends to every APIC but `except`; to all when that is undefined. */
  sendToAll(except: ApicTarget | undefined, mode: number, vector: number): number {
    let accepted = 0;
    for (const target of this.targets) {
      if (target === except || !target.isPresent()) continue;
      if (target.receive(mode, vector, false)) accepted++;
    }
    return accepted;
  }

  /**
   * Delivers a message-signalled interrupt: a write of `data` to 0xFEExxxxx. Returns how many APICs
   * accepted (SDM "Message Signalled Interrupts").
   */
  messageSignalled(addressLow: number, data: number): number {
    const destination = (addressLow >>> 12) & 0xff;
    // The destination-mode bit counts only together with the redirection hint.
    const logical = (addressLow & 0x0c) === 0x0c;
    const level = (data & 0xc000) === 0xc000;
    return this.send(destination, false, logical, (data >>> 8) & 7, data & 0xff, level);
  }

  /** Tells the I/O APICs that a level-triggered interrupt has been served. */
  broadcastEoi(vector: number): void {
    for (const listener of this.listeners) listener.endOfInterrupt(vector);
  }

  reset(): void {
    this.lastLowest = 0;
  }

  snapshot(): unknown {
    return sealSnapshot("apic-bus", 1, { lastLowest: this.lastLowest });
  }

  restore(data: unknown): void {
    this.lastLowest = openSnapshot<{ lastLowest: number }>(data, "apic-bus", 1).lastLowest;
  }

  private arbitrate(
    destination: number,
    broadcast: boolean,
    logical: boolean,
  ): ApicTarget | undefined {
    let winner: ApicTarget | undefined;
    let winnerIndex = this.lastLowest;
    let lowest = Number.POSITIVE_INFINITY;
    const count = this.targets.length;
    for (let turn = 1; turn <= count; turn++) {
      const index = (this.lastLowest + turn) % count;
      const target = this.targets[index];
      if (!target.isPresent() || !target.acceptsFixed()) continue;
      if (!broadcast && !matches(target, destination, logical)) continue;
      const priority = target.arbitrationPriority();
      if (priority >= lowest) continue;
      lowest = priority;
      winner = target;
      winnerIndex = index;
    }
    this.lastLowest = winnerIndex;
    return winner;
  }
}

function matches(target: ApicTarget, destination: number, logical: boolean): boolean {
  return logical ? target.matchesLogical(destination) : target.matchesPhysical(destination);
}
