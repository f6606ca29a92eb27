// Which pictures have come in latest? Asked again and again, so that they appear while they are indexed.

import { useEffect, useLayoutEffect, useRef, useState } from "react";

import { answer, api, type Image } from "../../api/client.ts";
import { isAbort } from "../../api/problem.ts";

const SHOWN = 36;
const LOOK_AGAIN_MS = 4_000;

/** Give the latest pictures, and how many there are; where nobody looks, or one is opened among them, they stay as they are. */
export function useLatest(isOpened: boolean) {
  const [images, setImages] = useState<Image[] | null>(null);
  const [total, setTotal] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const last = useRef<number | null>(null);
  const opened = useRef(isOpened);
  useLayoutEffect(() => {
    opened.current = isOpened;
  });
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const staysAsItIs = () => last.current !== null && (document.hidden || opened.current);
    const look = async () => {
      const info = staysAsItIs() ? null : await answer(api.GET("/v1/info", { signal }));
      if (info && info.images !== last.current) {
        const page = await answer(api.GET("/v1/images", { params: { query: { limit: SHOWN } }, signal }));
        if (staysAsItIs()) return; // somebody was quicker
        last.current = info.images;
        setTotal(info.images);
        setImages(page.images);
      }
      setError(null);
    };
    const again = () => {
      look().then(
        () => (waiting = setTimeout(again, LOOK_AGAIN_MS)),
        (reason: unknown) => {
          if (isAbort(reason)) return;
          setError(reason);
          waiting = setTimeout(again, LOOK_AGAIN_MS); // it comes back with the service
        },
      );
    };
    again();
    return () => {
      leaving.abort();
      clearTimeout(waiting);
    };
  }, [attempt]);
  return { images, total, error, again: () => setAttempt(attempt + 1) };
}
