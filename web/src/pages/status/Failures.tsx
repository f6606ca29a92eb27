// What could not be taken in, and why? Shown a page at a time, with a way to try all of it again.

import { useCallback, useEffect, useRef, useState } from "react";

import { answer, api, type Schemas } from "../../api/client.ts";
import { isAbort } from "../../api/problem.ts";
import type { Job } from "../../jobs/jobs.ts";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { Reason } from "../../parts/Reason.tsx";
import { useAccess } from "../../session/Session.tsx";
import styles from "./StatusPage.module.css";

interface FailuresProps {
  counts: Readonly<Record<string, number>>;
  onJob: (job: Job) => void;
}

const PAGE = 25;

export function Failures({ counts, onJob }: FailuresProps) {
  const { status, jobs } = useMessages();
  const formats = useFormats();
  const { may } = useAccess();
  const [shown, setShown] = useState<readonly Schemas["FailedImage"][]>([]);
  const [cursor, setCursor] = useState("");
  const [error, setError] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);

  const load = useCallback((from: string) => {
    running.current?.abort(); // what is asked for twice is shown once
    const { signal } = (running.current = new AbortController());
    answer(api.GET("/v1/failures", { params: { query: { limit: PAGE, cursor: from } }, signal })).then(
      (page) => {
        if (signal.aborted) return;
        setShown((now) => (from ? [...now, ...page.failures] : page.failures));
        setCursor(page.cursor);
        setError(null);
      },
      (reason: unknown) => signal.aborted || isAbort(reason) || setError(reason),
    );
  }, []);
  useEffect(() => {
    load("");
    return () => running.current?.abort();
  }, [load, total]);
  const retry = () => void answer(api.POST("/v1/failures/retry")).then(onJob, setError);

  return (
    <section aria-label={status.failures} className={styles.section}>
      <div className={styles.line}>
        <h2>{status.failures}</h2>
        {may("write") && (
          <Button small icon="again" onClick={retry}>
            {status.retry}
          </Button>
        )}
      </div>
      {error !== null && <Notice error={error} again={() => load("")} />}
      <ul className={styles.failures} data-failures>
        {shown.map(({ uri, path, outcome, reason, wording, at }) => (
          <li key={uri}>
            <p className={styles.path}>
              <bdi>{path}</bdi>
            </p>
            <p>
              <span className={styles.outcome}>{jobs.outcomes[outcome as keyof typeof jobs.outcomes] ?? outcome}</span> <Reason outcome={outcome} reason={reason} wording={wording} />
            </p>
            <time dateTime={at}>{formats.moment(at)}</time>
          </li>
        ))}
      </ul>
      {cursor && (
        <Button small onClick={() => load(cursor)}>
          {status.moreFailures(formats.number(total - shown.length))}
        </Button>
      )}
    </section>
  );
}
