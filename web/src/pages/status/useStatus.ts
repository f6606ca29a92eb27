// How is it doing, just now? Asked again and again, while somebody looks.

import { useCallback, useEffect, useState } from "react";

import { answer, api, type Schemas } from "../../api/client.ts";
import { isAbort } from "../../api/problem.ts";

const ASK_MS = 5_000;

export function useStatus() {
  const [status, setStatus] = useState<Schemas["Status"] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      if (!document.hidden) {
        await answer(api.GET("/v1/status", { signal: leaving.signal })).then(
          (now) => {
            setStatus(now);
            setError(null);
          },
          (reason: unknown) => isAbort(reason) || setError(reason),
        );
      }
      if (!leaving.signal.aborted) waiting = setTimeout(() => void ask(), ASK_MS);
    };
    void ask();
    return () => {
      leaving.abort();
      clearTimeout(waiting);
    };
  }, [attempt]);
  const again = useCallback(() => setAttempt((now) => now + 1), []);
  return { status, error, again };
}
