// What happens in a job, just now? Told by the service's events; asked for now and then where no more streams are given.

import { useEffect, useRef, useState } from "react";

import { answer, api } from "../api/client.ts";
import { eventsOf } from "../api/events.ts";
import { Problem } from "../api/problem.ts";
import { rest } from "../api/rest.ts";
import { isOver, withOutcome, type Job, type Outcome } from "./jobs.ts";

const ASK_MS = 2_000;

/** Tell of a job until it is over: by its events, and asked for where the stream breaks off. */
async function follow(id: string, signal: AbortSignal, onJob: (job: Job) => void, onOutcome: (one: Outcome) => void): Promise<void> {
  let last = "";
  for (;;) {
    try {
      for await (const told of eventsOf(`v1/jobs/${id}/events`, last, signal)) {
        last = told.id;
        if (told.event === "outcome") onOutcome(JSON.parse(told.data) as Outcome);
        else onJob(JSON.parse(told.data) as Job);
      }
    } catch (error) {
      if (!(error instanceof Problem && error.isPassing)) throw error;
    }
    const now = await patiently(id, signal);
    onJob(now);
    if (isOver(now)) return;
    await rest(ASK_MS, signal);
  }
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
  const [wasOver] = useState(isOver(first));
  const { id } = first;
  useEffect(() => {
    if (wasOver) return;
    const leaving = new AbortController();
    const onOutcome = (one: Outcome) => setFailures((now) => withOutcome(now, one));
    follow(id, leaving.signal, setFollowed, onOutcome).catch(() => undefined); // it is forgotten, or nobody may look any longer
    return () => leaving.abort();
  }, [id, wasOver]);

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
