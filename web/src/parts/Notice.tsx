// How does the app say that something went wrong? What happened, and what to do about it.

import { Problem } from "../api/problem.ts";
import { useMessages } from "../messages/Messages.tsx";
import type { Messages } from "../messages/catalogue.ts";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";
import styles from "./Notice.module.css";

export interface Told {
  title: string;
  detail: string;
  fix: string;
  isPassing: boolean;
}

function titleOf({ slug, kind, title }: Problem, frame: Messages["frame"]): string {
  if (Object.hasOwn(frame.problems, slug)) return frame.problems[slug as keyof typeof frame.problems];
  return title || (kind === "busy" ? frame.busy : frame.refused);
}

/** Put whatever was thrown into words. */
export function tell(error: unknown, { frame }: Messages): Told {
  if (error instanceof Problem) {
    if (error.kind === "silent") return { ...frame.silent, isPassing: true };
    const title = titleOf(error, frame);
    return { title, detail: error.detail, fix: error.fix, isPassing: error.isPassing };
  }
  return { ...frame.broken, detail: error instanceof Error ? error.message : String(error), isPassing: false };
}

interface NoticeProps {
  error: unknown;
  /** Offered where the same may succeed a little later. */
  again?: () => void;
}

/** An error with its fix. Where the service marks a place with a caret, its lines stay as they are. */
export function Notice({ error, again }: NoticeProps) {
  const messages = useMessages();
  const { title, detail, fix, isPassing } = tell(error, messages);
  return (
    <div className={styles.notice} role="alert">
      <Icon name="warning" />
      <div className={styles.said}>
        <strong>{title}</strong>
        {detail.includes("\n") ? <pre>{detail}</pre> : detail && <p>{detail}</p>}
        {fix && <p className={styles.fix}>{fix}</p>}
        {again && isPassing && (
          <Button small onClick={again}>
            {messages.frame.tryAgain}
          </Button>
        )}
      </div>
    </div>
  );
}
