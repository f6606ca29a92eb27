// When must more pictures come, so that one can go on from the one that is opened?

import { useEffect } from "react";

/** How few may be left to go on to. */
const NEAR = 5;
/** How many are loaded at most to find one that was opened by a link and lies further down. */
const SOUGHT = 1_000;

/** Call for more where few are left behind a place, and where it is not known yet (-1) among so many that are loaded. */
export function useGoingOn(place: number, count: number, onMore: (() => void) | undefined): void {
  const isSought = place === -1 && count > 0 && count < SOUGHT;
  const isNearEnd = place !== -1 && place >= count - NEAR;
  const wantsMore = isSought || isNearEnd;
  useEffect(() => {
    if (wantsMore) onMore?.();
  }, [wantsMore, onMore, count]);
}
