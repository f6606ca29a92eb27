// Can a picture not be shown? That may pass: the service may have been busy, the network down, or the session over.

import { useCallback, useEffect, useRef, useState } from "react";

import { LOGIN_DONE } from "../api/client.ts";

/** After how long it is asked for again by itself, one time after the other; then it counts as one that cannot be shown. */
const WAITS_MS = [3_000, 10_000, 30_000];
/** After how long without a failure all that is forgotten: longer than an answer takes. */
const CALM_MS = 60_000;

/** Give whether a picture is missing, and what is to be called where it is. */
export function useMissing() {
  const [isMissing, setMissing] = useState(false);
  const times = useRef(0);
  useEffect(() => {
    if (!isMissing) {
      const calm = times.current ? setTimeout(() => (times.current = 0), CALM_MS) : undefined;
      return () => clearTimeout(calm);
    }
    const tryAgain = () => setMissing(false);
    const wait = WAITS_MS[times.current];
    const later = () => {
      times.current += 1;
      tryAgain();
    };
    const waiting = wait === undefined ? undefined : setTimeout(later, wait);
    addEventListener(LOGIN_DONE, tryAgain);
    addEventListener("online", tryAgain);
    return () => {
      clearTimeout(waiting);
      removeEventListener(LOGIN_DONE, tryAgain);
      removeEventListener("online", tryAgain);
    };
  }, [isMissing]);
  const onMissing = useCallback(() => setMissing(true), []);
  return { isMissing, onMissing };
}
