// How are the gallery and the service doing? What is there, who looks at it, what is under way, what failed, how fast.

import { useEffect } from "react";

import { href } from "../../address/address.ts";
import { Link } from "../../address/Link.tsx";
import { JobCard } from "../../jobs/JobCard.tsx";
import { useJobs } from "../../jobs/useJobs.ts";
import { Skeletons } from "../../masonry/Skeletons.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { Disk } from "./Disk.tsx";
import { Failures } from "./Failures.tsx";
import { Latencies } from "./Latencies.tsx";
import { ModelCard } from "./ModelCard.tsx";
import styles from "./StatusPage.module.css";
import { useStatus } from "./useStatus.ts";

const SHOWN_JOBS = 8;

export function StatusPage() {
  const { status: said, frame } = useMessages();
  const formats = useFormats();
  const { status, error, again } = useStatus();
  const { jobs, add } = useJobs();
  useEffect(() => {
    document.title = `${frame.pages.status} · Lookalike`;
  }, [frame]);
  const failures = Object.values(status?.failures ?? {}).reduce((sum, count) => sum + count, 0);
  return (
    <>
      <header className={styles.head}>
        <h1>{said.title}</h1>
        {status && <p>{said.running(status.version, formats.span(status.up_s))}</p>}
      </header>
      {error !== null && <Notice error={error} again={again} />}
      {!status && error === null && <Skeletons count={8} />}
      {status && (
        <div className={styles.page}>
          <ul className={styles.figures}>
            <Figure value={formats.number(status.images)} name={said.images} to={href("browse")} />
            <Figure value={formats.number(failures)} name={said.failed} warns={failures > 0} />
            {status.queues.map(({ name, running, waiting }) => (
              <Figure
                key={name}
                value={formats.number(running)}
                name={said.queues[name as keyof typeof said.queues] ?? name}
                note={waiting ? said.waiting(formats.number(waiting)) : ""}
              />
            ))}
          </ul>
          <section aria-label={said.models} className={styles.section}>
            <h2>{said.models}</h2>
            <div className={styles.cards}>
              <ModelCard title={said.encoder} model={status.encoder} spaces={status.spaces} />
              {status.captioner ? (
                <ModelCard title={said.captioner} model={status.captioner} spaces={[]} />
              ) : (
                <article className={styles.card}>
                  <h3>{said.captioner}</h3>
                  <p>{said.noCaptioner}</p>
                </article>
              )}
            </div>
          </section>
          <Disk disk={status.disk} />
          {failures > 0 && <Failures counts={status.failures} onJob={add} />}
          <section aria-label={said.jobs} className={styles.section}>
            <h2>{said.jobs}</h2>
            {jobs.length === 0 && <p className={styles.quiet}>{said.noJobs}</p>}
            <div className={styles.jobs}>
              {jobs.slice(0, SHOWN_JOBS).map((job) => (
                <JobCard key={job.id} job={job} onOver={again} />
              ))}
            </div>
          </section>
          <Latencies latencies={status.latencies} />
        </div>
      )}
    </>
  );
}

interface FigureProps {
  value: string;
  name: string;
  note?: string;
  warns?: boolean;
  to?: string;
}

function Figure({ value, name, note = "", warns = false, to }: FigureProps) {
  const inside = (
    <>
      <strong>{value}</strong>
      <span>{name}</span>
      {note && <small>{note}</small>}
    </>
  );
  return (
    <li data-warns={warns || undefined}>
      {to ? <Link to={to}>{inside}</Link> : <div>{inside}</div>}
    </li>
  );
}
