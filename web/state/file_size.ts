import { language } from "./settings.ts";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** A number of bytes as people read it, in their language: 812 byte, 4.2 MB. */
export function fileSize(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const format = { style: "unit", unit: UNITS[power], maximumFractionDigits: power < 2 ? 0 : 1 } as const;
  return new Intl.NumberFormat(language.value, format).format(bytes / 1000 ** power);
}
