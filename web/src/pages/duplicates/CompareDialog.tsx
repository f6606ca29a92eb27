// How do two pictures of a group differ? Side by side, laid over one another, and in figures.

import { useEffect, useState } from "react";

import { answer, api, type Hit, type Image, type Schemas } from "../../api/client.ts";
import { nameOf } from "../../api/naming.ts";
import { isAbort } from "../../api/problem.ts";
import { translateEdits } from "../../hit/edits.ts";
import { Views } from "../../hit/Views.tsx";
import { useMessages } from "../../messages/Messages.tsx";
import { Button, IconButton } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { useArrowKeys } from "../../parts/useArrowKeys.ts";
import { EMPTY } from "../../query/query.ts";
import styles from "./CompareDialog.module.css";
import { Differences } from "./Differences.tsx";
import { asHit } from "./evidence.ts";

interface CompareDialogProps {
  kept: Image;
  other: Image;
  isSpare: boolean;
  onKeepOther: () => void;
  onStay: () => void;
  onClose: () => void;
  onPrevious: (() => void) | null;
  onNext: (() => void) | null;
}

function useComparison(kept: string, other: string) {
  const [found, setFound] = useState<{ of: string; what: Schemas["Comparison"] } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const of = `${kept} ${other}`;
  useEffect(() => {
    const leaving = new AbortController();
    setError(null);
    const params = { path: { id: other }, query: { query: kept } };
    answer(api.GET("/v1/images/{id}/evidence", { params, signal: leaving.signal })).then(
      (what) => setFound({ of: `${kept} ${other}`, what: what as Schemas["Comparison"] }), // nothing is drawn
      (reason: unknown) => isAbort(reason) || setError(reason),
    );
    return () => leaving.abort();
  }, [kept, other]);
  return { comparison: found?.of === of ? found.what : null, error };
}

export function CompareDialog({ kept, other, isSpare, onKeepOther, onStay, onClose, onPrevious, onNext }: CompareDialogProps) {
  const { duplicates, hit: said } = useMessages();
  const { comparison, error } = useComparison(kept.id, other.id);
  useArrowKeys(onPrevious, onNext);
  const hit: Hit | null = comparison && asHit(other, comparison);
  const names = [duplicates.keptOne, duplicates.otherOne] as const;
  const steps = (
    <>
      <IconButton icon="left" label={said.previous} disabled={!onPrevious} onClick={() => onPrevious?.()} />
      <IconButton icon="right" label={said.next} disabled={!onNext} onClick={() => onNext?.()} />
    </>
  );
  return (
    <Dialog title={duplicates.comparing(nameOf(kept), nameOf(other))} look="whole" onClose={onClose} actions={steps}>
      <div className={styles.compare}>
        {hit ? (
          <Views key={other.id} image={other} hit={hit} query={{ ...EMPTY, picture: { kind: "id", id: kept.id } }} names={names} begin="side" />
        ) : (
          <div className={styles.waiting}>{error === null ? <p>{said.drawing}</p> : <Notice error={error} />}</div>
        )}
        <div className={styles.panel}>
          {comparison?.reverse && (
            <p className={styles.transform} data-transform>
              {translateEdits(comparison.reverse, said.edits)}
            </p>
          )}
          <Differences kept={kept} other={other} />
          <div className={styles.buttons}>
            <Button onClick={onKeepOther}>
              {duplicates.keepOther}
            </Button>
            <Button aria-pressed={!isSpare} onClick={onStay}>
              {duplicates.keepBoth}
            </Button>
          </div>
        </div>
      </div>
    </Dialog>
  );
}
