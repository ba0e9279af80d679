/** Calendar arithmetic of the CMOS clock: seconds since 1970 to date fields and back. */

const DAYS_PER_ERA = 146_097;
/** Days from 1 March of year 0 to 1 January 1970, in the proleptic Gregorian calendar. */
const DAYS_TO_1970 = 719_468;
export const SECONDS_PER_DAY = 86_400;

export interface DateFields {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 1 is Sunday, as the MC146818 counts. */
  readonly weekday: number;
}

/** Fields of the moment `seconds` after 1 January 1970, 0:00; negative ones are moments before. */
export function dateOf(seconds: number): DateFields {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - days * SECONDS_PER_DAY;
  // Years are counted from March so that the leap day is the last one of its year.
  const sinceMarch0 = days + DAYS_TO_1970;
  const era = Math.floor(sinceMarch0 / DAYS_PER_ERA);
  const dayOfEra = sinceMarch0 - era * DAYS_PER_ERA;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - daysBeforeYear(yearOfEra);
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - daysBeforeMonth(monthFromMarch) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: ((((days + 4) % 7) + 7) % 7) + 1,
  };
}

/** Seconds from 1970 to the moment given; fields out of range carry over. */
export function secondsOf(fields: Omit<DateFields, "weekday">): number {
  const months = fields.month - 1;
  const carriedYear = fields.year + Math.floor(months / 12);
  const month = (((months % 12) + 12) % 12) + 1;
  const year = month <= 2 ? carriedYear - 1 : carriedYear;
  const era = Math.floor(year / 400);
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfEra = daysBeforeYear(year - era * 400) + daysBeforeMonth(monthFromMarch);
  const days = era * DAYS_PER_ERA + dayOfEra - DAYS_TO_1970 + fields.day - 1;
  return days * SECONDS_PER_DAY + fields.hour * 3600 + fields.minute * 60 + fields.second;
}

function daysBeforeYear(yearOfEra: number): number {
  return yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
}

/** Days from 1 March to the first of a month; 153 days make five months. */
function daysBeforeMonth(monthFromMarch: number): number {
  return Math.floor((153 * monthFromMarch + 2) / 5);
}
