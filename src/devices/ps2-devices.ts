/** What a PS/2 keyboard and mouse answer to commands. */

const ACK = 0xfa;
const RESEND = 0xfe;
const SELF_TEST_PASSED = 0xaa;
const KEYBOARD_ID = [0xab, 0x83] as const;
const MOUSE_ID = 0x00;

const KEYBOARD = {
  setLeds: 0xed,
  echo: 0xee,
  scanCodeSet: 0xf0,
  identify: 0xf2,
  setRate: 0xf3,
  reset: 0xff,
} as const;

const MOUSE = {
  scale1to1: 0xe6,
  scale2to1: 0xe7,
  setResolution: 0xe8,
  getStatus: 0xe9,
  streamMode: 0xea,
  readData: 0xeb,
  remoteMode: 0xf0,
  identify: 0xf2,
  setRate: 0xf3,
  enable: 0xf4,
  disable: 0xf5,
  defaults: 0xf6,
  reset: 0xff,
} as const;
const MOUSE_ENABLED = 0x20;

export interface Ps2State {
  /** Command whose parameter the keyboard or the mouse waits for; 0 for none. */
  keyboardCommand: number;
  mouseCommand: number;
  scanCodeSet: number;
  resolution: number;
  rate: number;
  mouseEnabled: boolean;
}

export function initialPs2(): Ps2State {
  return {
    keyboardCommand: 0,
    mouseCommand: 0,
    scanCodeSet: 2,
    resolution: 2,
    rate: 100,
    mouseEnabled: false,
  };
}

/** The bytes a keyboard sends back for one byte sent to it. */
export function answerKeyboard(state: Ps2State, byte: number): readonly number[] {
  const command = state.keyboardCommand;
  state.keyboardCommand = 0;
  if (command === KEYBOARD.scanCodeSet) {
    if (byte === 0) return [ACK, state.scanCodeSet];
    state.scanCodeSet = byte & 3;
    return [ACK];
  }
  if (command !== 0) return [ACK];
  switch (byte) {
    case KEYBOARD.setLeds:
    case KEYBOARD.scanCodeSet:
    case KEYBOARD.setRate:
      state.keyboardCommand = byte;
      return [ACK];
    case KEYBOARD.echo:
      return [KEYBOARD.echo];
    case KEYBOARD.identify:
      return [ACK, ...KEYBOARD_ID];
    case KEYBOARD.reset:
      state.scanCodeSet = 2;
      return [ACK, SELF_TEST_PASSED];
    default:
      // Enable, disable, defaults and the modes of single keys need no more than this.
      return byte >= KEYBOARD.setRate ? [ACK] : [RESEND];
  }
}

/** The bytes a mouse sends back for one byte sent to it. */
export function answerMouse(state: Ps2State, byte: number): readonly number[] {
  const command = state.mouseCommand;
  state.mouseCommand = 0;
  if (command === MOUSE.setResolution) state.resolution = byte & 3;
  if (command === MOUSE.setRate) state.rate = byte;
  if (command !== 0) return [ACK];
  switch (byte) {
    case MOUSE.setResolution:
    case MOUSE.setRate:
      state.mouseCommand = byte;
      return [ACK];
    case MOUSE.getStatus:
      return [ACK, state.mouseEnabled ? MOUSE_ENABLED : 0, state.resolution, state.rate];
    case MOUSE.readData:
      return [ACK, 0x08, 0, 0];
    case MOUSE.identify:
      return [ACK, MOUSE_ID];
    case MOUSE.reset:
      resetMouse(state);
      return [ACK, SELF_TEST_PASSED, MOUSE_ID];
    case MOUSE.defaults:
      resetMouse(state);
      return [ACK];
    case MOUSE.enable:
    case MOUSE.disable:
      state.mouseEnabled = byte === MOUSE.enable;
      return [ACK];
    case MOUSE.scale1to1:
    case MOUSE.scale2to1:
    case MOUSE.streamMode:
    case MOUSE.remoteMode:
      return [ACK];
    default:
      return [RESEND];
  }
}

function resetMouse(state: Ps2State): void {
  state.resolution = 2;
  state.rate = 100;
  state.mouseEnabled = false;
}
