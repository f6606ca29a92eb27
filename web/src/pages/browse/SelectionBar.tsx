// What can be done with the pictures that are chosen?

import { useLayoutEffect, useRef, type RefObject } from "react";

import { href } from "../../address/address.ts";
import { Link } from "../../address/Link.tsx";
import type { Image } from "../../api/client.ts";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button, buttonClass, IconButton } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { ITEM } from "../../parts/useModal.ts";
import { EMPTY, sayView } from "../../query/query.ts";
import styles from "./SelectionBar.module.css";

interface SelectionBarProps {
  chosen: readonly Image[];
  mayWrite: boolean;
  onClear: () => void;
  /** Given while more are still being chosen. */
  onStop: (() => void) | null;
  /** Given where not all could be chosen that were to be. */
  onGoOn: (() => void) | null;
  onEdit: () => void;
  onDelete: () => void;
}

/** Have keys go on among the pictures where what is given the ref goes and had the focus. */
function useGivingBack(): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const bar = ref.current;
    return () => {
      if (!bar?.contains(document.activeElement)) return;
      // Once those that were deleted have gone, too.
      queueMicrotask(() => document.querySelector<HTMLElement>(`main ${ITEM}, main:not(:has(${ITEM}))`)?.focus({ preventScroll: true }));
    };
  }, []);
  return ref;
}

export function SelectionBar({ chosen, mayWrite, onClear, onStop, onGoOn, onEdit, onDelete }: SelectionBarProps) {
  const { browse, change, frame, search } = useMessages();
  const formats = useFormats();
  const ref = useGivingBack();
  const [only] = chosen;
  const bytes = chosen.reduce((sum, image) => sum + image.bytes, 0);
  return (
    <div ref={ref} className={styles.bar} role="toolbar" aria-label={browse.chosenTools}>
      <IconButton icon="close" label={browse.clear} onClick={onClear} />
      <p role="status" data-chosen-count>
        <strong>{browse.chosen(formats.number(chosen.length))}</strong>
        <span>{onStop ? browse.choosing : onGoOn ? browse.notAll : formats.bytes(bytes)}</span>
      </p>
      {onStop && (
        <Button look="bare" icon="pause" onClick={onStop}>
          <span>{browse.stop}</span>
        </Button>
      )}
      {onGoOn && (
        <Button look="bare" icon="again" onClick={onGoOn}>
          <span>{frame.tryAgain}</span>
        </Button>
      )}
      {chosen.length === 1 && only && (
        <Link to={href("search", sayView({ ...EMPTY, picture: { kind: "id", id: only.id } }))} className={buttonClass("bare")}>
          <Icon name="similar" />
          <span>{search.similar}</span>
        </Link>
      )}
      {mayWrite && !onStop && (
        <>
          <Button look="bare" icon="edit" onClick={onEdit}>
            <span>{change.edit}</span>
          </Button>
          <Button look="bare" icon="trash" title={change.deleteHint} onClick={onDelete}>
            <span>{change.delete}</span>
          </Button>
        </>
      )}
    </div>
  );
}
