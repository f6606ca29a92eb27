// How are duplicates looked for? By saying how alike pictures must be.

import { useState } from "react";

import { answer, api, partly, type Schemas } from "../../api/client.ts";
import type { Job } from "../../jobs/jobs.ts";
import { useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Notice } from "../../parts/Notice.tsx";
import styles from "./LookFor.module.css";

const TIERS = ["identical", "edited", "similar"] as const;

export function LookFor({ onJob }: { onJob: (job: Job) => void }) {
  const { duplicates } = useMessages();
  const [tier, setTier] = useState<(typeof TIERS)[number]>("edited");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  function start() {
    setBusy(true);
    setError(null);
    const body = partly<Schemas["DuplicatesRequest"]>({ kind: "duplicates", tier });
    void answer(api.POST("/v1/jobs", { body })).then(onJob, setError).finally(() => setBusy(false));
  }

  return (
    <div className={styles.look}>
      <fieldset className={styles.tiers}>
        <legend className="away">{duplicates.which}</legend>
        {TIERS.map((one) => (
          <label key={one} data-checked={one === tier || undefined}>
            <input type="radio" name="tier" value={one} checked={one === tier} onChange={() => setTier(one)} />
            <span>
              <strong>{duplicates.looking[one].title}</strong>
              {duplicates.looking[one].text}
            </span>
          </label>
        ))}
      </fieldset>
      {error !== null && <Notice error={error} />}
      <Button look="main" icon="search" disabled={busy} onClick={start}>
        {duplicates.look}
      </Button>
    </div>
  );
}
