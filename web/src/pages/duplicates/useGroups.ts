// Which groups of the same picture were found? All of them, page after page, told as they come, but not too often.

import { useCallback, useEffect, useState } from "react";

import { answer, api } from "../../api/client.ts";
import { Problem, isAbort } from "../../api/problem.ts";
import type { Group } from "./keeping.ts";

export interface Found {
  groups: readonly Group[];
  found_at: string;
  may_undo: boolean;
  isComplete: boolean;
  /** How many groups there are of each tier: as they were found, until all of them are here. */
  tiers: Readonly<Record<Group["tier"], number>>;
}

/** Count the groups of each tier that are still there. */
export function countTiers(groups: readonly Group[]): Found["tiers"] {
  const counts = { identical: 0, edited: 0, similar: 0 };
  for (const { tier } of groups) counts[tier] += 1;
  return counts;
}

const PAGE = 200;

/** How long pages gather before what has come is told again: for each telling all of it is looked at. */
const GATHER_MS = 1_000;

/** `found` is null until something is known, and `never` tells that nobody has looked yet. */
export function useGroups(): { found: Found | null; never: boolean; error: unknown; again: () => void } {
  const [found, setFound] = useState<Found | null>(null);
  const [never, setNever] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const load = async () => {
      const groups: Group[] = [];
      let cursor = "";
      let toldAt = -GATHER_MS;
      do {
        const page = await answer(api.GET("/v1/duplicates", { params: { query: { limit: PAGE, cursor } }, signal }));
        groups.push(...page.groups);
        ({ cursor } = page);
        const isComplete = cursor === "";
        if (!isComplete && performance.now() - toldAt < GATHER_MS) continue;
        toldAt = performance.now();
        const tiers = isComplete ? countTiers(groups) : { ...countTiers([]), ...page.tiers };
        setFound({ groups: [...groups], found_at: page.found_at, may_undo: page.may_undo, isComplete, tiers });
        setNever(false);
        setError(null);
      } while (cursor);
    };
    load().catch((reason: unknown) => {
      if (isAbort(reason) || signal.aborted) return;
      if (reason instanceof Problem && reason.kind === "gone") setNever(true);
      else setError(reason);
    });
    return () => leaving.abort();
  }, [attempt]);
  const again = useCallback(() => setAttempt((now) => now + 1), []);
  return { found, never, error, again };
}
