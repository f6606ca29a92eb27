// How do pictures get in? From this device, by dropping or choosing them, or from a folder of the service's machine.

import { useEffect, useRef, useSyncExternalStore } from "react";

import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { JobCard } from "../../jobs/JobCard.tsx";
import { useJobs } from "../../jobs/useJobs.ts";
import { Button } from "../../parts/Button.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { useToast } from "../../parts/Toasts.tsx";
import { ACCEPTED } from "../../query/intake.ts";
import { useIncoming } from "../../query/useIncoming.ts";
import { useAccess } from "../../session/Session.tsx";
import { droppedFiles, sorted } from "./gather.ts";
import { IndexFolder } from "./IndexFolder.tsx";
import { uploads } from "./sending.ts";
import { SentList } from "./SentList.tsx";
import styles from "./UploadPage.module.css";

const SHOWN_JOBS = 3;

export function UploadPage() {
  const { upload, frame } = useMessages();
  const { may } = useAccess();
  const { jobs, add } = useJobs();
  useEffect(() => {
    document.title = `${frame.pages.upload} · Lookalike`;
  }, [frame]);
  const indexing = jobs.filter(({ kind }) => kind === "index" || kind === "retry").slice(0, SHOWN_JOBS);
  if (!may("write")) {
    return (
      <Empty icon="key" title={upload.mayNot.title}>
        <p>{upload.mayNot.text}</p>
      </Empty>
    );
  }
  return (
    <div className={styles.page}>
      <h1>{upload.title}</h1>
      <Drop />
      <SentList />
      {may("index") && <IndexFolder onJob={add} />}
      {indexing.length > 0 && (
        <section aria-label={upload.jobs} className={styles.jobs}>
          <h2>{upload.jobs}</h2>
          {indexing.map((job) => (
            <JobCard key={job.id} job={job} />
          ))}
        </section>
      )}
    </div>
  );
}

/** Let a chooser offer folders; React does not know the attribute. */
const ofFolders = (ref: { current: HTMLInputElement | null }) => (input: HTMLInputElement | null) => {
  if (input) input.webkitdirectory = true;
  ref.current = input;
};

/** A place to drop files, though anywhere on the page will do. */
function Drop() {
  const isCompact = useSyncExternalStore(uploads.subscribe, uploads.snapshot).length > 0;
  const { upload } = useMessages();
  const formats = useFormats();
  const toast = useToast();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement | null>(null);
  const take = (found: readonly File[], unread = 0) => {
    const { pictures, others } = sorted(found);
    if (unread) toast({ text: upload.unread(formats.number(unread), unread === 1), seconds: 8 });
    if (others) toast({ text: upload.others(formats.number(others), others === 1) });
    uploads.add(pictures);
  };
  const isOver = useIncoming({
    isMeant: (data) => data?.types.includes("Files") === true,
    takesOwn: false,
    take: (data, how) => {
      if (how === "dropped") void droppedFiles(data).then(({ files: found, unread }) => take(found, unread));
      else if (data.files.length) take([...data.files]);
    },
  });
  const chooser = { type: "file", multiple: true, className: "away", tabIndex: -1, "aria-hidden": true } as const;
  const onChange = ({ target }: { target: HTMLInputElement }) => {
    take([...(target.files ?? [])]);
    target.value = "";
  };
  return (
    <div className={styles.drop} data-over={isOver || undefined} data-compact={isCompact || undefined}>
      <span className={styles.sign}>
        <Icon name="upload" size={30} />
      </span>
      <p className={styles.lead}>{isOver ? upload.letGo : upload.drop}</p>
      <p className={styles.note}>{upload.note}</p>
      <div className={styles.buttons}>
        <input {...chooser} ref={files} accept={ACCEPTED} data-files onChange={onChange} />
        <input {...chooser} ref={ofFolders(folder)} onChange={onChange} />
        <Button look="main" icon="image" onClick={() => files.current?.click()}>
          {upload.choose}
        </Button>
        <Button icon="folder" onClick={() => folder.current?.click()}>
          {upload.chooseFolder}
        </Button>
      </div>
    </div>
  );
}
