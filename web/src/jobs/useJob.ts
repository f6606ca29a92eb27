// What happens in a job, just now? Told by the service's events; asked for now and then where no more streams are given.

import { useEffect, useRef, useState } from "react";

import { answer, api, fromService } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { isOver, withOutcome, type Job, type Outcome } from "./jobs.ts";

const ASK_MS = 2_000;

/** Follow a job until it is over; `onOver` is called once. */
export function useJob(first: Job, onOver?: (job: Job) => void): { job: Job; failures: readonly Outcome[] } {
  const [job, setJob] = useState(first);
  const [failures, setFailures] = useState<readonly Outcome[]>([]);
  const told = useRef(onOver);
  useEffect(() => {
    told.current = onOver;
  });
  const { id } = first;
  const wasOver = isOver(first);
  useEffect(() => {
    if (wasOver) return;
    let asking: ReturnType<typeof setTimeout> | undefined;
    const events = new EventSource(fromService(`/v1/jobs/${id}/events`), { withCredentials: true });
    const take = (now: Job) => {
      setJob(now);
      if (!isOver(now)) return;
      end();
      told.current?.(now);
    };
    const ask = () => {
      answer(api.GET("/v1/jobs/{id}", { params: { path: { id } } })).then(
        (now) => {
          take(now);
          if (!isOver(now)) asking = setTimeout(ask, ASK_MS);
        },
        (error: unknown) => {
          const passing = error instanceof Problem && error.isPassing;
          if (passing) asking = setTimeout(ask, ASK_MS);
        },
      );
    };
    const end = () => {
      events.close();
      clearTimeout(asking);
    };
    const read = (event: Event): unknown => JSON.parse((event as MessageEvent<string>).data);
    events.addEventListener("progress", (event) => take(read(event) as Job));
    events.addEventListener("done", (event) => take(read(event) as Job));
    events.addEventListener("outcome", (event) => setFailures((now) => withOutcome(now, read(event) as Outcome)));
    events.addEventListener("error", () => events.readyState === EventSource.CLOSED && ask());
    return end;
  }, [id, wasOver]);
  return { job: job.id === id ? job : first, failures };
}
