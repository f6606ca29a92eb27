// Which picture is opened? The one of the list it is opened from; where it is not, or no longer, there, the service's.

import { useEffect, useState } from "react";

import { answer, api, type Hit, type Image } from "../api/client.ts";
import { isAbort, Problem } from "../api/problem.ts";

/** Whoever goes past a picture sooner has not looked at it. */
const LOOKED_AT_MS = 300;

/**
 * Give a picture by its id; asked for where the list does not have it, and until then the one that it had. One that is looked
 * at is asked for, too, as its list may be from long ago: one that is gone is said to be.
 */
export function useImage(id: string, known: Image | Hit | undefined) {
  const [last, setLast] = useState<Image | Hit | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [gone, setGone] = useState("");
  if (known && known !== last) setLast(known); // were it gone for a moment, so would be what somebody types about it
  const isKnown = known !== undefined;
  useEffect(() => {
    const leaving = new AbortController();
    setError(null);
    setGone("");
    const ask = () => {
      answer(api.GET("/v1/images/{id}", { params: { path: { id } }, signal: leaving.signal })).then(
        (image) => isKnown || setLast(image),
        (reason: unknown) => {
          const isGone = reason instanceof Problem && reason.kind === "gone";
          if (isAbort(reason) || (isKnown && !isGone)) return;
          if (isGone) setGone(id);
          setError(reason);
        },
      );
    };
    const waiting = setTimeout(ask, isKnown ? LOOKED_AT_MS : 0);
    return () => {
      clearTimeout(waiting);
      leaving.abort();
    };
  }, [id, isKnown]);
  const image = known ?? (last?.id === id ? last : null);
  return { image: gone === id ? null : image, error };
}
