// In which order are pictures browsed, and under which headings do they stand?

import type { Image } from "../../api/client.ts";
import { folderOf } from "../../api/naming.ts";

export const ORDERS = ["added", "taken", "earliest", "folder", "largest"] as const;
export type OrderName = (typeof ORDERS)[number];

/** How the service calls them. */
export const SORTS: Record<OrderName, string> = {
  added: "-added",
  taken: "-taken",
  earliest: "taken",
  folder: "path",
  largest: "-bytes",
};

export interface Run {
  /** A month, a day or a folder; empty for pictures that have none. */
  key: string;
  from: number;
  count: number;
}

/** Uploads lie in folders named by their digests, which mean nothing to people. Source: lookalike.service.uploads */
const UPLOADED = /^(.*\/)[0-9a-f]{2}\/[0-9a-f]{64}\.\w+$/;
export const UPLOADS = "uploads";

/** Give the visitor's own day of a moment: `2026-01-31`. */
function dayHere(moment: string): string {
  const at = new Date(moment);
  const digits = (number: number, count: number) => String(number).padStart(count, "0");
  return [digits(at.getFullYear(), 4), digits(at.getMonth() + 1, 2), digits(at.getDate(), 2)].join("-");
}

const KEYS: Record<OrderName, ((image: Image) => string) | null> = {
  added: (image) => dayHere(image.added_at),
  taken: (image) => image.taken_at?.slice(0, 7) ?? "",
  earliest: (image) => image.taken_at?.slice(0, 7) ?? "",
  folder: (image) => (UPLOADED.test(image.path) ? UPLOADS : folderOf(image.path)),
  largest: null,
};

/** Part pictures, in their order, into runs that belong under one heading. */
export function runsOf(images: readonly Image[], order: OrderName): Run[] {
  const keyOf = KEYS[order];
  if (!keyOf) return [];
  const runs: Run[] = [];
  images.forEach((image, index) => {
    const key = keyOf(image);
    const last = runs.at(-1);
    if (last?.key === key) last.count += 1;
    else runs.push({ key, from: index, count: 1 });
  });
  return runs;
}

/** Give the filter that begins the list at a year, in an order by time; `none` is for pictures without a date. */
export function fromYear(order: OrderName, year: string): string {
  if (year === "none") return "-taken:*";
  if (!/^\d{4}$/.test(year)) return "";
  if (order === "taken") return `taken<${String(Number(year) + 1).padStart(4, "0")}`;
  return order === "earliest" ? `taken>=${year}` : "";
}
