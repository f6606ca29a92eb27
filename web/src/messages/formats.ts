// How are numbers, sizes and dates written in a language?

export interface Formats {
  number: (value: number) => string;
  /** A share from 0 to 1 as whole per cent, never rounded to a certainty: between 1 % and 99 %. */
  share: (value: number) => string;
  bytes: (value: number) => string;
  /** A day, from ISO 8601 as the service writes it; a camera's clock has no zone, and gets none. */
  day: (iso: string) => string;
  /** A month, from `2021-07`. */
  month: (iso: string) => string;
  moment: (iso: string) => string;
  /** A length of time in the unit that fits, rounded up: `4 min`. */
  span: (seconds: number) => string;
  /** A language's name, from its code in ISO 639-1. */
  languageName: (code: string) => string;
}

const UNITS = [
  [1e9, "gigabyte", 1],
  [1e6, "megabyte", 1],
  [1e3, "kilobyte", 0],
] as const;

const SPANS = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

export function formatsFor(language: string): Formats {
  const whole = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const month = new Intl.DateTimeFormat(language, { month: "long", year: "numeric" });
  const names = new Intl.DisplayNames(language, { type: "language" });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return {
    number: (value) => whole.format(value),
    share: (value) => percent.format(Math.min(0.99, Math.max(0.01, value))),
    bytes: (value) => {
      const [size, unit, digits] = UNITS.find(([least]) => value >= least) ?? UNITS[2];
      const written = new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: digits });
      return written.format(value > 0 ? Math.max(value / size, 1) : 0);
    },
    day: (iso) => day.format(new Date(iso.includes("T") ? iso : `${iso}T00:00:00`)),
    month: (iso) => month.format(new Date(`${iso.slice(0, 7)}-01T00:00:00`)),
    moment: (iso) => moment.format(new Date(iso)),
    languageName: (code) => names.of(code) ?? code,
    span: (seconds) => {
      const [size, unit] = SPANS.find(([least]) => seconds >= least) ?? SPANS[3];
      return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(Math.ceil(seconds / size));
    },
  };
}
