// What may be changed about a picture that is opened? Offered to those who may.

import { lazy, Suspense, useState } from "react";

import type { Image } from "../api/client.ts";
import { useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { Mending } from "../parts/Mending.tsx";
import { useAccess } from "../session/Session.tsx";
import styles from "./ChangeActions.module.css";

const EditDialog = lazy(() => import("./EditDialog.tsx").then((file) => ({ default: file.EditDialog })));

interface ChangeActionsProps {
  image: Image;
  onDelete: () => void;
}

export function ChangeActions({ image, onDelete }: ChangeActionsProps) {
  const { change } = useMessages();
  const { may } = useAccess();
  const [isEditing, setEditing] = useState(false);
  if (!may("write")) return null;
  return (
    <div className={styles.actions}>
      <Button icon="edit" onClick={() => setEditing(true)}>
        {change.edit}
      </Button>
      <Button look="danger" icon="trash" title={change.deleteHint} onClick={onDelete}>
        {change.delete}
      </Button>
      {isEditing && (
        <Mending>
          <Suspense>
            <EditDialog images={[image]} onClose={() => setEditing(false)} />
          </Suspense>
        </Mending>
      )}
    </div>
  );
}
