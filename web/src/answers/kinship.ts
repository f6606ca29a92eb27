// How are a hit and a query related, in words and a number?

import type { Hit } from "../api/client.ts";
import type { Formats } from "../messages/formats.ts";
import type { Messages } from "../messages/catalogue.ts";
import { sharesRegion } from "./groups.ts";

type Grade = keyof Messages["search"]["kinship"]["grades"];

const GRADES: readonly (readonly [least: number, grade: Grade])[] = [
  [0.9, "most"],
  [0.5, "alike"],
  [0.1, "faint"],
  [0, "hardly"],
];

/** Ends words that are written from right to left, so that the number stays behind them. */
const LEFT_TO_RIGHT = "\u200e";

export function gradeOf(confidence: number): Grade {
  return GRADES.find(([least]) => confidence >= least)?.[1] ?? "hardly";
}

/** Say how a hit is related to a query that held words, or none. */
export function kinship(hit: Hit, byWords: boolean, { kinship: said }: Messages["search"], { share }: Formats): string {
  if (hit.tier === "identical") return said.identical;
  const number = share(hit.confidence);
  if (hit.tier === "edited") return said.edited(number);
  if (sharesRegion(hit)) return said.part;
  if (hit.evidence.words.length) return said.says(hit.evidence.words.join(", ") + LEFT_TO_RIGHT, number);
  return said.alike((byWords ? said.fits : said.grades)[gradeOf(hit.confidence)], number);
}
