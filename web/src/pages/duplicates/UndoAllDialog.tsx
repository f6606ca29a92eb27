// Shall all that was ever tidied come back? That is asked once more, as it may be the work of many days.

import { useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import styles from "./PlanDialog.module.css";

export function UndoAllDialog({ onUndo, onClose }: { onUndo: () => void; onClose: () => void }) {
  const { duplicates, frame } = useMessages();
  function confirm() {
    onClose();
    onUndo();
  }
  return (
    <Dialog title={duplicates.undoAll} onClose={onClose}>
      <p className={styles.note}>{duplicates.undoAllText}</p>
      <div className={styles.buttons}>
        <Button onClick={onClose}>{frame.cancel}</Button>
        <Button look="main" onClick={confirm}>
          {duplicates.undoAllNow}
        </Button>
      </div>
    </Dialog>
  );
}
