// Which jobs are there? Asked for now and then, as others may start some.

import { useCallback, useEffect, useRef, useState } from "react";

import { answer, api } from "../api/client.ts";
import type { Job } from "./jobs.ts";

const ASK_MS = 5_000;

const withJob = (jobs: readonly Job[], job: Job): readonly Job[] => [job, ...jobs.filter(({ id }) => id !== job.id)];

/** Give the service's jobs, the newest first, and a function that puts a job of one's own among them at once. */
export function useJobs(): { jobs: readonly Job[]; add: (job: Job) => void } {
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  const added = useRef<readonly Job[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      if (!document.hidden) {
        added.current = []; // what is added from now on may be newer than the answer
        const found = await answer(api.GET("/v1/jobs", { signal: leaving.signal })).catch(() => null);
        if (found && !leaving.signal.aborted) setJobs(added.current.reduceRight(withJob, found.jobs));
      }
      if (!leaving.signal.aborted) waiting = setTimeout(() => void ask(), ASK_MS);
    };
    void ask();
    return () => {
      leaving.abort();
      clearTimeout(waiting);
    };
  }, []);
  const add = useCallback((job: Job) => {
    added.current = withJob(added.current, job);
    setJobs((now) => withJob(now, job));
  }, []);
  return { jobs, add };
}
