/** Which device's timer runs first when several come due at the same tick. */

export const TimerOrder = {
  pit: 0x100,
  rtc: 0x200,
  /** Plus the number of the comparator. */
  hpet: 0x300,
  acpiPm: 0x400,
  /** Plus the number of the serial port. */
  uart: 0x500,
  /** Plus the initial APIC ID. */
  localApic: 0x10000,
} as const;
