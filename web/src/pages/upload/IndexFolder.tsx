// How is a folder of the service's own machine taken in? By naming its path; nothing is copied or changed.

import { useId, useState, type FormEvent } from "react";

import { answer, api } from "../../api/client.ts";
import type { Job } from "../../jobs/jobs.ts";
import { useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Notice } from "../../parts/Notice.tsx";
import styles from "./UploadPage.module.css";

export function IndexFolder({ onJob }: { onJob: (job: Job) => void }) {
  const { upload } = useMessages();
  const id = useId();
  const [path, setPath] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function start(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    await answer(api.POST("/v1/jobs", { body: { kind: "index", path: path.trim() } })).then((job) => {
      onJob(job);
      setPath("");
    }, setError);
    setBusy(false);
  }

  return (
    <section className={styles.index} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{upload.indexTitle}</h2>
      <p className={styles.note}>{upload.indexNote}</p>
      <form onSubmit={(event) => void start(event)}>
        <label htmlFor={id} className="away">
          {upload.path}
        </label>
        <input id={id} value={path} required autoComplete="off" autoCapitalize="none" spellCheck={false} placeholder={upload.pathExample} onChange={({ target }) => setPath(target.value)} />
        <Button type="submit" disabled={busy || !path.trim()}>
          {upload.index}
        </Button>
      </form>
      {error !== null && <Notice error={error} />}
    </section>
  );
}
