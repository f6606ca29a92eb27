// What would be done, and shall it be done? Nothing is touched before that is seen; and then it can be undone.

import { useEffect, useState } from "react";

import { answer, api, type Schemas } from "../../api/client.ts";
import { JobCard } from "../../jobs/JobCard.tsx";
import type { Job } from "../../jobs/jobs.ts";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { Reason } from "../../parts/Reason.tsx";
import type { PlanRequest } from "./keeping.ts";
import styles from "./PlanDialog.module.css";

interface PlanDialogProps {
  asked: PlanRequest;
  onClose: () => void;
  /** Called with what then goes on whether or not this stays open, and may be over already. */
  onBegun: (job: Job) => void;
}

const SHOWN = 100;

export function PlanDialog({ asked, onClose, onBegun }: PlanDialogProps) {
  const { duplicates, frame, jobs } = useMessages();
  const formats = useFormats();
  const [plan, setPlan] = useState<Schemas["Plan"] | null>(null);
  const [job, setJob] = useState<Job | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [openedAt] = useState(Date.now);
  useEffect(() => {
    answer(api.POST("/v1/duplicates/plan", { body: asked })).then(setPlan, setError);
  }, [asked]);

  function apply() {
    if (!plan) return;
    setBusy(true);
    setError(null);
    const params = { header: { "Idempotency-Key": `${plan.plan}-${openedAt}` } }; // what was undone may be done again
    answer(api.POST("/v1/duplicates/apply", { params, body: { ...asked, plan: plan.plan } })).then(
      (begun) => {
        setJob(begun);
        onBegun(begun);
      },
      (reason: unknown) => {
        setError(reason);
        setBusy(false);
      },
    );
  }

  const { action } = asked;
  return (
    <Dialog title={job ? jobs.kinds.apply : duplicates.planTitle} onClose={onClose}>
      {job ? (
        <JobCard key={job.id} job={job} />
      ) : (
        plan && (
          <div className={styles.plan}>
            <p className={styles.sum} data-plan>
              {duplicates.planned[action](formats.number(plan.total), plan.total === 1)}{" "}
              {plan.bytes > 0 && action !== "forget" && action !== "move" && duplicates.freed(formats.bytes(plan.bytes))}
            </p>
            <p className={styles.note}>{duplicates.notes[action]}</p>
            {plan.left_alone > 0 && <p className={styles.left}>{duplicates.leftAlone(formats.number(plan.left_alone))}</p>}
            {/* It scrolls, and holds nothing that takes the focus. */}
            {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <ul className={styles.steps} tabIndex={0} aria-label={duplicates.planTitle}>
              {plan.steps.slice(0, SHOWN).map((step) => (
                <li key={step.id} data-obstacle={step.obstacle ? true : undefined}>
                  <span className={styles.path}>{step.path}</span>
                  {step.to && <span className={styles.path}>→ {step.to}</span>}
                  {step.obstacle && <Reason reason={step.obstacle} wording={step.wording} />}
                </li>
              ))}
            </ul>
            {plan.total + plan.left_alone > SHOWN && <p className={styles.note}>{duplicates.andMore(formats.number(plan.total + plan.left_alone - SHOWN))}</p>}
          </div>
        )
      )}
      {!plan && error === null && (
        <p className={styles.note} role="status">
          {duplicates.planning}
        </p>
      )}
      {error !== null && <Notice error={error} />}
      <div className={styles.buttons}>
        <Button onClick={onClose}>{job || (plan && !plan.total) ? frame.close : frame.cancel}</Button>
        {!job && plan && plan.total > 0 && (
          <Button look={action === "delete" ? "danger" : "main"} disabled={busy} onClick={apply}>
            {duplicates.doIt[action](formats.number(plan.total))}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
