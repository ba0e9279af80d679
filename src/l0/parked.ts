/** The state of a vCPU that VM exits leave in the processor, while the vCPU is not there. */

const FXSAVE_BYTES = 512;

/** What the processor keeps of a vCPU over VM exits, saved while it is not there. */
export interface ParkedState {
  readonly floating: Uint8Array;
  readonly debug: bigint[];
  readonly msrs: Map<number, bigint>;
  xcr0: number;
  pkru: number;
  cr2: bigint;
}

/** The same after RESET. */
export function initialParked(): ParkedState {
  return {
    floating: initialFloating(),
    debug: [0n, 0n, 0n, 0n, 0n, 0n, 0xffff0ff0n],
    msrs: new Map(),
    xcr0: 1,
    pkru: 0,
    cr2: 0n,
  };
}

/** x87 and SSE after RESET: FCW 0x40, MXCSR 0x1f80. */
function initialFloating(): Uint8Array {
  const image = new Uint8Array(FXSAVE_BYTES);
  image[0] = 0x40;
  image[24] = 0x80;
  image[25] = 0x1f;
  return image;
}
