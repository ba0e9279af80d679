/** The map of the CMOS memory: clock registers, and what firmware looks up in the rest. */

export const CMOS_BYTES = 256;

/** Indices of clock registers and of fields that firmware and operating systems read. */
export const CMOS = {
  second: 0x00,
  secondAlarm: 0x01,
  minute: 0x02,
  minuteAlarm: 0x03,
  hour: 0x04,
  hourAlarm: 0x05,
  weekday: 0x06,
  day: 0x07,
  month: 0x08,
  year: 0x09,
  regA: 0x0a,
  regB: 0x0b,
  regC: 0x0c,
  regD: 0x0d,
  shutdownStatus: 0x0f,
  floppyTypes: 0x10,
  equipment: 0x14,
  baseMemoryLow: 0x15,
  baseMemoryHigh: 0x16,
  extendedMemoryLow: 0x17,
  extendedMemoryHigh: 0x18,
  checksumHigh: 0x2e,
  checksumLow: 0x2f,
  actualExtendedLow: 0x30,
  actualExtendedHigh: 0x31,
  century: 0x32,
  above16MibLow: 0x34,
  above16MibHigh: 0x35,
  bootOrderThird: 0x38,
  bootOrderFirst: 0x3d,
  above4GibLow: 0x5b,
  above4GibMiddle: 0x5c,
  above4GibHigh: 0x5d,
  extraProcessors: 0x5f,
} as const;

const KIB = 1024;
const MIB = 1024 * KIB;
const CHUNK = 64 * KIB;
const BASE_MEMORY_KIB = 640;
/** Coprocessor present, pointing device present. */
const EQUIPMENT = 0x06;

export interface RtcOptions {
  /** Time of day at power-on in seconds since 1970; a fraction sets the phase of the second. */
  readonly epochSeconds?: number;
  /** Bytes of RAM below 4 GiB. */
  readonly lowRamBytes?: number;
  /** Bytes of RAM from 4 GiB on. */
  readonly highRamBytes?: number;
  readonly processors?: number;
  /** First and second boot device, a nibble each (1 floppy, 2 disk, 3 CD-ROM, 4 network). */
  readonly bootOrder?: number;
}

/** The memory as a configured machine has it at power-on. */
export function initialCmos(options: RtcOptions): Uint8Array {
  const cmos = new Uint8Array(CMOS_BYTES);
  const put16 = (index: number, value: number) => {
    const capped = Math.max(0, Math.min(Math.floor(value), 0xffff));
    cmos[index] = capped & 0xff;
    cmos[index + 1] = capped >> 8;
  };
  const low = options.lowRamBytes ?? 0;
  const high = Math.floor((options.highRamBytes ?? 0) / CHUNK);
  cmos[CMOS.equipment] = EQUIPMENT;
  put16(CMOS.baseMemoryLow, BASE_MEMORY_KIB);
  put16(CMOS.extendedMemoryLow, (low - MIB) / KIB);
  put16(CMOS.actualExtendedLow, (low - MIB) / KIB);
  put16(CMOS.above16MibLow, (low - 16 * MIB) / CHUNK);
  cmos[CMOS.above4GibLow] = high & 0xff;
  cmos[CMOS.above4GibMiddle] = (high >> 8) & 0xff;
  cmos[CMOS.above4GibHigh] = (high >> 16) & 0xff;
  cmos[CMOS.bootOrderFirst] = options.bootOrder ?? 0;
  cmos[CMOS.extraProcessors] = Math.max(0, (options.processors ?? 1) - 1);
  let sum = 0;
  for (let index = CMOS.floppyTypes; index < CMOS.checksumHigh; index++) sum += cmos[index];
  cmos[CMOS.checksumHigh] = (sum >> 8) & 0xff;
  cmos[CMOS.checksumLow] = sum & 0xff;
  return cmos;
}
