// What lies over the page until it is closed? The browser's own dialog keeps the focus in and Escape working.

import { useRef, type ReactNode } from "react";

import { useMessages } from "../messages/Messages.tsx";
import { IconButton } from "./Button.tsx";
import styles from "./Dialog.module.css";
import { useModal } from "./useModal.ts";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** `panel` in the middle, or `whole` over all of the window. */
  look?: "panel" | "whole";
  /** Shown beside the title. */
  actions?: ReactNode;
}

/** A dialog that is open for as long as it is rendered; the focus then goes back to where it was. */
export function Dialog({ title, onClose, children, look = "panel", actions }: DialogProps) {
  const { frame } = useMessages();
  const ref = useModal();
  const pressedBeside = useRef(false);
  return (
    // The keys of a dialog are the browser's; a click beside it only repeats what Escape does.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={ref}
      className={[styles.dialog, styles[look]].join(" ")}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // Whoever selects text and lets go beside the dialog has not clicked there.
      onPointerDown={(event) => (pressedBeside.current = event.target === ref.current)}
      onClick={(event) => event.target === ref.current && pressedBeside.current && onClose()}
    >
      <div className={styles.inside}>
        <header className={styles.head}>
          <h2>{title}</h2>
          {actions}
          <IconButton icon="close" label={frame.close} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
