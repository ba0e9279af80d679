/** The two DMA controllers and page registers of a PC, as latches: nothing here moves data. */
import type { Device, PortRange } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

const PAGE_PORTS = 0x80;
const POST_PORT = 0x80;

/** Registers of one controller, after its eight address and count ports. */
const Register = { status: 0, request: 1, maskBit: 2, mode: 3, clearFlipFlop: 4, masterClear: 5 };
const CLEAR_MASK = 6;
const ALL_MASKS = 7;
const ALL_MASKED = 0x0f;

interface ControllerState {
  /** Address and count of four channels, alternating. */
  registers: Uint16Array;
  modes: Uint8Array;
  mask: number;
  /** The next byte of a 16-bit register is the upper one. */
  upper: boolean;
}

interface DmaState {
  readonly controllers: readonly [ControllerState, ControllerState];
  readonly pages: Uint8Array;
}

function initialState(): DmaState {
  const controller = (): ControllerState => ({
    registers: new Uint16Array(8),
    modes: new Uint8Array(4),
    mask: ALL_MASKED,
    upper: false,
  });
  return { controllers: [controller(), controller()], pages: new Uint8Array(16) };
}

export class Dma8237 implements Device {
  readonly ports: readonly PortRange[];
  /** A power-on self-test code on port 0x80; operating systems also write there to wait. */
  onPostCode: ((code: number) => void) | undefined;
  private s = initialState();

  constructor() {
    this.ports = [
      this.controllerPorts("DMA 1", 0x00, 0, 0),
      // The registers of the second controller lie two ports apart.
      this.controllerPorts("DMA 2", 0xc0, 1, 1),
      {
        first: PAGE_PORTS,
        last: PAGE_PORTS + 15,
        widest: 1,
        name: "DMA pages and POST code",
        readPort: (port) => this.s.pages[port & 15],
        writePort: (port, _size, value) => {
          this.s.pages[port & 15] = value;
          if (port === POST_PORT) this.onPostCode?.(value);
        },
      },
    ];
  }

  reset(): void {
    const { pages } = this.s;
    this.s = initialState();
    this.s.pages.set(pages);
  }

  snapshot(): unknown {
    return sealSnapshot("dma8237", 1, this.s);
  }

  restore(data: unknown): void {
    this.s = openSnapshot<DmaState>(data, "dma8237", 1);
  }

  private controllerPorts(name: string, first: number, index: 0 | 1, shift: number): PortRange {
    return {
      first,
      last: first + (16 << shift) - 1,
      widest: 1,
      name,
      readPort: (port) => this.read(this.s.controllers[index], (port - first) >> shift),
      writePort: (port, _size, value) => {
        this.write(this.s.controllers[index], (port - first) >> shift, value);
      },
    };
  }

  private read(controller: ControllerState, register: number): number {
    if (register < 8) {
      const value = controller.registers[register];
      const byte = controller.upper ? value >> 8 : value & 0xff;
      controller.upper = !controller.upper;
      return byte;
    }
    // No channel ever asks for service or ends; the other registers do not read.
    return register - 8 === ALL_MASKS ? controller.mask : 0;
  }

  private write(controller: ControllerState, register: number, value: number): void {
    if (register < 8) {
      const old = controller.registers[register];
      controller.registers[register] = controller.upper
        ? (old & 0x00ff) | (value << 8)
        : (old & 0xff00) | value;
      controller.upper = !controller.upper;
      return;
    }
    switch (register - 8) {
      case Register.maskBit: {
        const bit = 1 << (value & 3);
        controller.mask = (value & 4) !== 0 ? controller.mask | bit : controller.mask & ~bit;
        break;
      }
      case Register.mode:
        controller.modes[value & 3] = value;
        break;
      case Register.clearFlipFlop:
        controller.upper = false;
        break;
      case Register.masterClear:
        controller.upper = false;
        controller.mask = ALL_MASKED;
        break;
      case CLEAR_MASK:
        controller.mask = 0;
        break;
      case ALL_MASKS:
        controller.mask = value & ALL_MASKED;
        break;
      default:
      // Command and software requests: no device is there to be served.
    }
  }
}
