// What happens in a job, just now? Told by the service's events while it runs; asked for now and then where it waits.

import { useEffect, useRef, useState } from "react";

import { answer, api } from "../api/client.ts";
import { eventsOf } from "../api/events.ts";
import { Problem } from "../api/problem.ts";
import { rest } from "../api/rest.ts";
import { isOver, withOutcome, type Job, type Outcome } from "./jobs.ts";

const [ASK_SOON_MS, ASK_MS] = [100, 2_000];

/** How many jobs are streamed at a time: by HTTP/1.1 a browser opens six connections, and all else needs some, too. */
const MOST_STREAMS = 2;
let streams = 0;

interface Listener {
  onJob: (job: Job) => void;
  onOutcome: (one: Outcome) => void;
}

/**
 * Tell of a job until it is over: by its events while it runs, and asked for, soon at first, where there are none.
 *
 * What failed only events tell; so they are heard to their end afterwards where that was not done before.
 */
async function follow(first: Job, signal: AbortSignal, listener: Listener): Promise<void> {
  let [now, last, hasHeardAll] = [first, "", false];
  const onJob = (job: Job) => {
    hasHeardAll = isOver(job);
    listener.onJob(job);
  };
  for (let pause_ms = ASK_SOON_MS; !isOver(now); pause_ms = Math.min(2 * pause_ms, ASK_MS)) {
    if (now.state === "running" && streams < MOST_STREAMS) last = await listen(now.id, last, signal, { ...listener, onJob });
    now = await patiently(now.id, signal);
    listener.onJob(now);
    if (!isOver(now)) await rest(pause_ms, signal);
  }
  if (now.failed > 0 && !hasHeardAll) await listen(now.id, last, signal, { ...listener, onJob: () => undefined });
}

/** Tell of a job by its events behind the last one, until they end or break off; gives the last one then. */
async function listen(id: string, last: string, signal: AbortSignal, { onJob, onOutcome }: Listener): Promise<string> {
  streams += 1;
  try {
    for await (const told of eventsOf(`v1/jobs/${id}/events`, last, signal)) {
      last = told.id;
      if (told.event === "outcome") onOutcome(JSON.parse(told.data) as Outcome);
      else onJob(JSON.parse(told.data) as Job);
    }
  } catch (error) {
    if (!(error instanceof Problem && error.isPassing)) throw error;
  } finally {
    streams -= 1;
  }
  return last;
}

/** Ask how far a job is, again and again while nobody answers. */
async function patiently(id: string, signal: AbortSignal): Promise<Job> {
  for (;;) {
    try {
      return await answer(api.GET("/v1/jobs/{id}", { params: { path: { id } }, signal }));
    } catch (error) {
      if (!(error instanceof Problem && error.isPassing)) throw error;
    }
    await rest(ASK_MS, signal);
  }
}

/** Follow one job until it is over; `first` may tell so, too. `onOver` is called once, if that happens meanwhile. */
export function useJob(first: Job, onOver?: (job: Job) => void): { job: Job; failures: readonly Outcome[] } {
  const [followed, setFollowed] = useState(first);
  const [failures, setFailures] = useState<readonly Outcome[]>([]);
  const [begun] = useState(first);
  const wasOver = isOver(begun);
  useEffect(() => {
    if (isOver(begun) && !begun.failed) return;
    const leaving = new AbortController();
    const onOutcome = (one: Outcome) => setFailures((now) => withOutcome(now, one));
    follow(begun, leaving.signal, { onJob: setFollowed, onOutcome }).catch(() => undefined); // it is forgotten, or nobody may look any longer
    return () => leaving.abort();
  }, [begun]);

  const job = isOver(first) || followed.state === "waiting" ? first : followed;
  const hasEnded = isOver(job) && !wasOver;
  const latest = useRef({ job, onOver });
  useEffect(() => {
    latest.current = { job, onOver };
  });
  useEffect(() => {
    if (hasEnded) latest.current.onOver?.(latest.current.job);
  }, [hasEnded]);
  return { job, failures };
}
