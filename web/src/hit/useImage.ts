// Which picture is opened? The one of the list it is opened from; where it is not, or no longer, there, the service's.

import { useEffect, useState } from "react";

import { answer, api, type Hit, type Image } from "../api/client.ts";
import { isAbort } from "../api/problem.ts";

/** Give a picture by its id; asked for where the list does not have it, and until then the one that it had. */
export function useImage(id: string, known: Image | Hit | undefined) {
  const [last, setLast] = useState<Image | Hit | null>(null);
  const [error, setError] = useState<unknown>(null);
  if (known && known !== last) setLast(known); // were it gone for a moment, so would be what somebody types about it
  const isKnown = known !== undefined;
  useEffect(() => {
    if (isKnown) return;
    const leaving = new AbortController();
    setError(null);
    answer(api.GET("/v1/images/{id}", { params: { path: { id } }, signal: leaving.signal })).then(
      (image) => setLast(image),
      (reason: unknown) => isAbort(reason) || setError(reason),
    );
    return () => leaving.abort();
  }, [id, isKnown]);
  return { image: known ?? (last?.id === id ? last : null), error };
}
