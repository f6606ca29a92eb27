// How is all of a list chosen, though only its beginning is loaded? The rest is loaded first, page after page.

import { useCallback, useEffect, useRef, useState } from "react";

import type { Run } from "./order.ts";

/** Stands for the whole list. */
export const ALL = "";

interface Loaded {
  ids: readonly string[];
  runs: readonly Run[];
  /** Whether more follow that are not loaded. */
  goesOn: boolean;
}

interface Gathering extends Loaded {
  /** Names the list; in another one nothing is gathered. */
  list: string;
  isAsking: boolean;
  error: unknown;
  more: () => void;
  /** Called with what has come of it. */
  onCome: (ids: readonly string[]) => void;
}

interface Asked {
  list: string;
  wanted: string;
  /** Whether a page failed to come before all was there. */
  brokeOff: boolean;
}

/** Give what is loaded of the whole list, or of the run that begins with an id, and whether more of it may follow. */
export function loadedOf(wanted: string, { ids, runs, goesOn }: Loaded): Omit<Loaded, "runs"> {
  if (wanted === ALL) return { ids, goesOn };
  const n = runs.findIndex(({ from }) => ids[from] === wanted);
  const { from, count } = runs[n] ?? { from: 0, count: 0 };
  return { ids: ids.slice(from, from + count), goesOn: goesOn && n !== -1 && n === runs.length - 1 };
}

/** Gather what is wanted until it is all there, somebody stops that, or a page fails to come; then it can go on. */
export function useGathering({ list, ids, runs, goesOn, isAsking, error, more, onCome }: Gathering) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const told = useRef(new Set<string>());
  const here = asked?.list === list ? asked : null;
  const wanted = here?.brokeOff === false ? here.wanted : null;
  useEffect(() => {
    if (wanted === null) return;
    const loaded = loadedOf(wanted, { ids, runs, goesOn });
    const fresh = loaded.ids.filter((id) => !told.current.has(id)); // what somebody lets go of meanwhile stays so
    for (const id of fresh) told.current.add(id);
    if (fresh.length) onCome(fresh);
    if (!loaded.goesOn) setAsked(null);
    else if (error !== null) setAsked({ list, wanted, brokeOff: true });
    else if (!isAsking) more();
  }, [list, wanted, ids, runs, goesOn, isAsking, error, more, onCome]);
  const gather = useCallback(
    (one: string) => {
      told.current.clear();
      setAsked({ list, wanted: one, brokeOff: false });
    },
    [list],
  );
  const stop = useCallback(() => setAsked(null), []);
  const goOn = useCallback(() => setAsked((now) => now && { ...now, brokeOff: false }), []);
  return { isGathering: wanted !== null, brokeOff: here?.brokeOff === true, gather, goOn, stop };
}
