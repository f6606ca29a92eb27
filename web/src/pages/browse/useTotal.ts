// How many pictures pass a filter, and how many have come since they were shown? Each has a format, so those are counted.

import { useCallback, useEffect, useState } from "react";

import { answer, api } from "../../api/client.ts";
import { onTheMove } from "../../change/moving.ts";

const ASK_MS = 6_000;

interface Counted {
  /** In the list, as far as is known. */
  listed: number;
  now: number;
}

interface Total {
  total: number | null;
  /** How many are there that the list does not show. */
  come: number;
  /** Say that the list shows all there are. */
  seen: () => void;
  /** Say that somebody here took so many out of the list, or put them back. */
  shift: (by: number) => void;
}

export function useTotal(where: string): Total {
  const [counted, setCounted] = useState<Counted | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    let waiting: ReturnType<typeof setTimeout> | undefined;
    setCounted(null);
    const count = async () => {
      if (!document.hidden && !onTheMove().size) {
        const asked = api.GET("/v1/facets", { params: { query: { field: "format", where } }, signal: leaving.signal });
        const facets = await answer(asked).catch(() => null); // the list of pictures says what is wrong
        const now = facets?.values.reduce((sum, one) => sum + one.count, 0);
        if (leaving.signal.aborted) return;
        if (now !== undefined && !onTheMove().size) setCounted((before) => ({ listed: before?.listed ?? now, now }));
      }
      waiting = setTimeout(() => void count(), ASK_MS);
    };
    void count();
    return () => {
      leaving.abort();
      clearTimeout(waiting);
    };
  }, [where]);
  const seen = useCallback(() => setCounted((before) => before && { ...before, listed: before.now }), []);
  const shift = useCallback((by: number) => setCounted((before) => before && { listed: before.listed + by, now: before.now + by }), []);
  return { total: counted?.now ?? null, come: counted ? Math.max(0, counted.now - counted.listed) : 0, seen, shift };
}
