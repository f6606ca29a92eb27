// Where does each picture lie, in columns below headings? Computed for all, so that only what is in sight need be drawn.

import type { Side } from "../api/client.ts";
import type { Place } from "./moves.ts";

/** Between columns, and between what stands in one; in pixels. */
export const GAP = 14;
const COLUMN = 240;
const PHONE = 600;
const NARROWEST = 0.56;
const WIDEST = 2.2;

/** Keep panoramas and scrolls from ruling a whole column. */
export const shape = (ratio: number): number => Math.min(WIDEST, Math.max(NARROWEST, ratio || 1));

/** How much larger than it is a picture is shown without looking blurred. */
const BLURRED = 1.1;

/** Give the thumbnail that fills a place so high, in the shape that its picture has there, with sharp pixels. */
export function sideFor({ width, height }: { width: number; height: number }, shown: number): Side {
  const scale = Math.max((shown * shape(width / height)) / width, shown / height);
  return Math.max(width, height) * scale * devicePixelRatio <= 256 * BLURRED ? 256 : 512;
}

/** Give how many columns fit, of a width that would be best; on a phone there are always two. */
export const lanesIn = (width: number, column = COLUMN): number =>
  Math.max(innerWidth < PHONE ? 2 : 1, Math.round((width + GAP) / (column + GAP)));

/** Give how wide some columns are together, of as many as fit. */
export const widthOf = (lanes: number, all: number, width: number): number => ((width + GAP) / all) * lanes - GAP;

interface Shape {
  lanes: number;
  gap: number;
  /** What a heading takes, with the space above it. */
  headHeight: number;
}

export interface Layout {
  /** By index; their starts never decrease. */
  places: Place[];
  /** Where each section's heading begins. */
  heads: number[];
  height: number;
}

/** Put each item into the shortest column; a section, named by the index it begins with, begins below all before it. */
export function layOut(heights: readonly number[], sections: readonly number[], { lanes, gap, headHeight }: Shape): Layout {
  const ends = new Array<number>(lanes).fill(0);
  const places: Place[] = [];
  const heads: number[] = [];
  heights.forEach((height, index) => {
    if (sections[heads.length] === index) {
      const top = Math.max(...ends);
      heads.push(top);
      ends.fill(top + headHeight);
    }
    const start = Math.min(...ends);
    const lane = ends.indexOf(start);
    ends[lane] = start + height + gap;
    places.push({ index, lane, start, end: start + height });
  });
  return { places, heads, height: Math.max(0, ...ends) - (places.length ? gap : 0) };
}

/** Give the indices, from and up to, of what may be seen between two heights; none is higher than `tallest`. */
export function inSight(places: readonly Place[], top: number, bottom: number, tallest: number): [number, number] {
  return [firstFrom(places, top - tallest), firstFrom(places, bottom)];
}

/** Find the first item that begins at a height or below it. */
function firstFrom(places: readonly Place[], height: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.start ?? 0) < height) low = middle + 1;
    else high = middle;
  }
  return low;
}
