// Into which groups do answers fall, and in which order do they stand?

import type { Hit } from "../api/client.ts";
import { mostOf, type Sort, type View } from "../query/query.ts";

/** Confidence from which on a hit is an answer rather than merely the nearest there is, as the service counts. */
export const LIKELY = 0.5;

export interface Groups {
  identical: Hit[];
  edited: Hit[];
  similar: Hit[];
  /** What merely comes nearest. */
  far: Hit[];
}

type Shown = Pick<View, "least" | "most" | "sort">;

/** Tell whether a hit is another picture that has something in common with the query. */
export const sharesRegion = (hit: Hit): boolean => hit.evidence.relation === "shares_region";

const isFar = (hit: Hit): boolean => hit.confidence < LIKELY && !sharesRegion(hit);

const when = (hit: Hit): string => hit.taken_at ?? hit.added_at;

const ORDERS: Record<Exclude<Sort, "best">, (a: Hit, b: Hit) => number> = {
  newest: (a, b) => when(b).localeCompare(when(a)),
  oldest: (a, b) => when(a).localeCompare(when(b)),
  largest: (a, b) => b.width * b.height - a.width * a.height,
  name: (a, b) => a.path.localeCompare(b.path, undefined, { numeric: true }),
};

/** Group hits, which come best first; leave out what is below the least confidence, and what is too many. */
export function groupHits(hits: readonly Hit[], { least, most, sort }: Shown): Groups {
  const kept = hits.slice(0, mostOf({ most, sort })).filter((hit) => hit.confidence * 100 >= least || sharesRegion(hit));
  const inOrder = (some: Hit[]) => (sort === "best" ? some : some.toSorted(ORDERS[sort]));
  return {
    identical: inOrder(kept.filter((hit) => hit.tier === "identical")),
    edited: inOrder(kept.filter((hit) => hit.tier === "edited")),
    similar: inOrder(kept.filter((hit) => hit.tier === "similar" && !isFar(hit))),
    far: inOrder(kept.filter((hit) => hit.tier === "similar" && isFar(hit))),
  };
}

/** Tell whether further pages may still hold something to show: hits come best first. */
export function mayHoldMore(hits: readonly Hit[], { least, most, sort }: Shown): boolean {
  const last = hits.at(-1);
  return hits.length < mostOf({ most, sort }) && !(last && last.confidence * 100 < least && !sharesRegion(last));
}
