// What does the workbench for duplicates show? A way to look for them, then the groups and what becomes of them.

import { useCallback, useEffect, useState } from "react";

import { forgetLists } from "../../address/places.ts";
import { answer, api } from "../../api/client.ts";
import { JobCard } from "../../jobs/JobCard.tsx";
import { isOver, type Job } from "../../jobs/jobs.ts";
import { useJobs } from "../../jobs/useJobs.ts";
import { Skeletons } from "../../masonry/Skeletons.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Notice, tellShortly } from "../../parts/Notice.tsx";
import { useToast } from "../../parts/Toasts.tsx";
import { useAccess } from "../../session/Session.tsx";
import styles from "./DuplicatesPage.module.css";
import type { PlanRequest } from "./keeping.ts";
import { LookFor } from "./LookFor.tsx";
import { PlanDialog } from "./PlanDialog.tsx";
import { UndoAllDialog } from "./UndoAllDialog.tsx";
import { useGroups } from "./useGroups.ts";
import { Workbench } from "./Workbench.tsx";

const MINE: readonly Job["kind"][] = ["duplicates", "apply", "undo"];
const UNDO_SECONDS = 30;

export function DuplicatesPage() {
  const messages = useMessages();
  const { duplicates, frame } = messages;
  const formats = useFormats();
  const toast = useToast();
  const { may } = useAccess();
  const { found, never, error, again } = useGroups();
  const { jobs, add } = useJobs();
  const [asking, setAsking] = useState(false);
  const [undoing, setUndoing] = useState(false);
  const [plan, setPlan] = useState<PlanRequest | null>(null);
  const [begun, setBegun] = useState<readonly string[]>([]);
  useEffect(() => {
    document.title = `${frame.pages.duplicates} · Lookalike`;
  }, [frame]);

  const remember = useCallback((some: readonly Job[]) => {
    const ids = some.map(({ id }) => id);
    setBegun((now) => (ids.every((id) => now.includes(id)) ? now : [...new Set([...now, ...ids])]));
  }, []);
  useEffect(() => remember(jobs.filter((job) => !isOver(job))), [jobs, remember]); // also those begun before this page was loaded

  const begin = useCallback(
    (job: Job) => {
      forgetLists(); // what is tidied, or put back, is not told picture by picture
      add(job);
      remember([job]);
      setAsking(false);
      if (isOver(job)) again(); // little to do is done at once
    },
    [add, remember, again],
  );
  /** Takes back what one job did, or, without its id, all that was ever done. */
  const undo = useCallback(
    (job?: string) => {
      const query = job ? { job } : {};
      answer(api.POST("/v1/duplicates/undo", { params: { query } })).then(begin, (reason: unknown) => toast({ text: tellShortly(reason, messages) }));
    },
    [begin, toast, messages],
  );
  const sayTidied = useCallback(
    ({ id, kind, counts }: Job) => {
      const count = kind === "apply" && may("write") ? (counts.done ?? 0) : 0;
      if (count) toast({ text: duplicates.applied(formats.number(count)), seconds: UNDO_SECONDS, action: { label: frame.undo, run: () => undo(id) } });
    },
    [toast, duplicates, frame, formats, may, undo],
  );
  const onOver = useCallback(
    (job: Job) => {
      forgetLists();
      add(job);
      again();
      sayTidied(job);
    },
    [add, again, sayTidied],
  );
  const onApply = useCallback(
    (job: Job) => {
      begin(job);
      if (isOver(job)) sayTidied(job);
    },
    [begin, sayTidied],
  );

  const mine = jobs.filter(({ kind }) => MINE.includes(kind));
  const shown = mine.filter((job) => !isOver(job) || begun.includes(job.id)).slice(0, 2);
  const isLooking = mine.some((job) => job.kind === "duplicates" && !isOver(job));
  return (
    <>
      <header className={styles.head}>
        <h1>{duplicates.title}</h1>
        {found && <p>{duplicates.foundAt(formats.moment(found.found_at))}</p>}
        {found?.may_undo && (
          <Button small icon="undo" onClick={() => setUndoing(true)}>
            {duplicates.undoAll}
          </Button>
        )}
        {found && may("write") && (
          <Button small icon="search" disabled={isLooking} onClick={() => setAsking(true)}>
            {duplicates.lookAgain}
          </Button>
        )}
      </header>
      {shown.map((job) => (
        <div key={job.id} className={styles.job}>
          <JobCard key={job.id} job={job} onOver={onOver} />
        </div>
      ))}
      {error !== null && <Notice error={error} again={again} />}
      {!found && !never && error === null && <Skeletons count={6} />}
      {never && !isLooking && (
        <Empty icon="duplicates" title={duplicates.never.title}>
          <p>{duplicates.never.text}</p>
          {may("write") && <LookFor onJob={begin} />}
        </Empty>
      )}
      {found && found.groups.length === 0 && found.isComplete && (
        <Empty icon="check" title={duplicates.none.title}>
          <p>{duplicates.none.text}</p>
        </Empty>
      )}
      {found && found.groups.length > 0 && <Workbench found={found} onPlan={setPlan} />}
      {plan && <PlanDialog asked={plan} onClose={() => setPlan(null)} onBegun={onApply} />}
      {undoing && <UndoAllDialog onUndo={() => undo()} onClose={() => setUndoing(false)} />}
      {asking && (
        <Dialog title={duplicates.lookAgain} onClose={() => setAsking(false)}>
          <LookFor onJob={begin} />
        </Dialog>
      )}
    </>
  );
}
