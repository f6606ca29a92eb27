// How does a job look? What it does, how far it is, what failed, and a way to stop it.

import { useState } from "react";

import { answer, api } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { Notice, tellShortly } from "../parts/Notice.tsx";
import { Progress } from "../parts/Progress.tsx";
import { Reason } from "../parts/Reason.tsx";
import { useToast } from "../parts/Toasts.tsx";
import { useAccess } from "../session/Session.tsx";
import styles from "./JobCard.module.css";
import { isOver, paceOf, shareOf, type Job } from "./jobs.ts";
import { useJob } from "./useJob.ts";

interface JobCardProps {
  job: Job;
  onOver?: (job: Job) => void;
}

const ICONS: Record<Job["state"], IconName> = { waiting: "pause", running: "play", done: "check", failed: "warning", cancelled: "close" };

export function JobCard({ job: first, onOver }: JobCardProps) {
  const messages = useMessages();
  const { jobs, frame } = messages;
  const formats = useFormats();
  const { may } = useAccess();
  const toast = useToast();
  const { job, failures } = useJob(first, onOver);
  const [stopping, setStopping] = useState(false);
  const over = isOver(job);
  const pace = paceOf(job, Date.now());
  const what = jobs.kinds[job.kind];
  const counts = Object.entries(job.counts).filter(([, count]) => count > 0);
  const told = formats.number(failures.length);

  function stop() {
    setStopping(true);
    answer(api.DELETE("/v1/jobs/{id}", { params: { path: { id: job.id } } })).catch((error: unknown) => {
      setStopping(false);
      toast({ text: tellShortly(error, messages), seconds: 8 });
    });
  }

  return (
    <article className={styles.job} data-state={job.state} data-job={job.kind} aria-label={what}>
      <header>
        <span className={styles.sign}>
          <Icon name={ICONS[job.state]} size={18} />
        </span>
        <div className={styles.about}>
          <p className={styles.title}>{what}</p>
          {job.kind === "index" && <p className={styles.path}>{job.about}</p>}
        </div>
        <p className={styles.state}>{stopping && !over ? jobs.stopping : jobs.states[job.state]}</p>
        {!over && may("write") && (
          <Button small disabled={stopping} onClick={stop}>
            {frame.cancel}
          </Button>
        )}
      </header>
      {!over && <Progress label={what} share={shareOf(job)} />}
      <p className={styles.numbers}>
        {job.total === null || over ? jobs.done(formats.number(job.done)) : jobs.doneOf(formats.number(job.done), formats.number(job.total))}
        {pace && !over && pace.rate >= 0.5 && ` · ${jobs.rate(formats.number(Math.round(pace.rate)))}`}
        {pace && pace.left_s !== null && ` · ${jobs.left(formats.span(pace.left_s))}`}
        {over && job.ended_at && ` · ${formats.moment(job.ended_at)}`}
      </p>
      {counts.length > 0 && (
        <ul className={styles.counts}>
          {counts.map(([outcome, count]) => (
            <li key={outcome} data-outcome={outcome}>
              {jobs.outcomes[outcome as keyof typeof jobs.outcomes] ?? outcome} <strong>{formats.number(count)}</strong>
            </li>
          ))}
        </ul>
      )}
      {job.problem && <Notice error={new Problem(500, { type: job.problem, detail: job.detail, fix: job.fix, wording: job.wording })} />}
      {failures.length > 0 && (
        <details className={styles.failures}>
          <summary>{failures.length < job.failed ? jobs.latestFailures(told, formats.number(job.failed)) : jobs.failures(told)}</summary>
          <ul>
            {failures.map(({ path, outcome, reason, wording }, n) => (
              <li key={`${path} ${n}`}>
                <span className={styles.path}>{path}</span>
                <Reason outcome={outcome} reason={reason} wording={wording} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </article>
  );
}
