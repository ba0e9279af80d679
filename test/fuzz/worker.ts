/** A thread that fuzzes seed after seed and tells how far it is through shared memory. */
import { parentPort, workerData } from "node:worker_threads";
import { FuzzMachine } from "./machine.ts";

export interface FuzzOrder {
  /** Next seed, stop flag, seeds done, instructions in thousands: of all threads. */
  readonly shared: Int32Array;
  /** The seed at hand, and a count that grows as long as the thread lives. */
  readonly own: Int32Array;
  readonly ticks: number;
}

export interface FuzzMessage {
  readonly seeds: number;
  readonly executed: number;
  /** The last seed; with `failure` the one that failed. */
  readonly seed: number;
  readonly failure?: string;
}

const { shared, own, ticks } = workerData as FuzzOrder;
const machine = await FuzzMachine.create();
let seeds = 0;
let seed = 0;
let failure: string | undefined;
let told = 0;
while (Atomics.load(shared, 1) === 0) {
  seed = Atomics.add(shared, 0, 1);
  Atomics.store(own, 0, seed);
  try {
    machine.run(seed, ticks);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    break;
  }
  seeds++;
  Atomics.add(own, 1, 1);
  Atomics.add(shared, 2, 1);
  const thousands = Math.floor(machine.executed / 1000);
  Atomics.add(shared, 3, thousands - told);
  told = thousands;
}
const message: FuzzMessage = { seeds, executed: machine.executed, seed };
parentPort!.postMessage(failure === undefined ? message : { ...message, failure });
