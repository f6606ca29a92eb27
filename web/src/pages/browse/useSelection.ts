// Which pictures are chosen, as long as they are shown?

import { useCallback, useEffect, useRef, useState } from "react";

import { NONE, extended, kept, toggled, withAll, withMore } from "./selection.ts";

/** Follow what is chosen among ids in their order; another list, named by `list`, begins with nothing chosen. */
export function useSelection(ids: readonly string[], list: string) {
  const [selection, setSelection] = useState(NONE);
  const latest = useRef(ids);
  useEffect(() => {
    latest.current = ids;
    setSelection((now) => (now.ids.size ? kept(now, new Set(ids)) : now));
  }, [ids]);
  useEffect(() => setSelection(NONE), [list]);

  const choose = useCallback((id: string, range: boolean) => setSelection((now) => (range ? extended(now, latest.current, id) : toggled(now, id))), []);
  /** Choose all on the way from one to another. */
  const stretch = useCallback((from: string, to: string) => setSelection((now) => extended(now.anchor ? now : toggled(now, from), latest.current, to)), []);
  const chooseAll = useCallback((some: readonly string[]) => setSelection((now) => withAll(now, some)), []);
  const chooseMore = useCallback((some: readonly string[]) => setSelection((now) => withMore(now, some)), []);
  const clear = useCallback(() => setSelection(NONE), []);
  return { chosenIds: selection.ids, choose, stretch, chooseAll, chooseMore, clear };
}
