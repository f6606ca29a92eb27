// How does the app say that something went wrong? What happened, and what to do about it.

import { Problem, Unaskable } from "../api/problem.ts";
import { Unreadable } from "../api/unreadable.ts";
import { useMessages } from "../messages/Messages.tsx";
import type { Messages } from "../messages/catalogue.ts";
import { en } from "../messages/en/index.ts";
import { say } from "../messages/wordings.ts";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";
import styles from "./Notice.module.css";

export interface Told {
  title: string;
  detail: string;
  fix: string;
  /** What the service itself said, in English, where the visitor reads another language. */
  inItsWords: string;
  /** Whether the same may succeed when it is tried again. */
  mayPass: boolean;
}

/** Give what the catalogue has on a kind of problem; busy is busy, whoever says so. */
function known({ slug, kind }: Problem, { kinds }: Messages["problems"]) {
  if (Object.hasOwn(kinds, slug)) return kinds[slug as keyof typeof kinds];
  return kind === "busy" ? kinds.overloaded : kind === "gone" ? kinds["not-found"] : kinds.other;
}

/** Put whatever was thrown into words: the service's own for those who read English, else those of the catalogue. */
export function tell(error: unknown, messages: Messages): Told {
  const { frame, problems } = messages;
  const inItsWords = "";
  if (error instanceof Unaskable) return { title: error.title, detail: error.message, fix: "", inItsWords, mayPass: false };
  if (error instanceof Unreadable) return { ...frame.unreadable, inItsWords, mayPass: false };
  if (!(error instanceof Problem)) {
    return { ...frame.broken, detail: error instanceof Error ? error.message : String(error), inItsWords, mayPass: true };
  }
  const { detail, fix } = error;
  const mayPass = error.isPassing || error.status >= 500;
  if (error.kind === "silent") return { ...frame.silent, inItsWords, mayPass };
  const said = known(error, problems);
  if (messages === en) return { title: said.title, detail: detail || said.detail, fix: fix || said.fix, inItsWords, mayPass };
  return { ...said, detail: say(error.wording, messages.wordings) || said.detail, inItsWords: [detail, fix].filter(Boolean).join("\n"), mayPass };
}

/** Put it into one line, for where there is no room for more. */
export function tellShortly(error: unknown, messages: Messages): string {
  const { title, detail, fix } = tell(error, messages);
  return [detail || title, fix].filter(Boolean).join(" ");
}

interface NoticeProps {
  error: unknown;
  /** Offered where the same may succeed a little later. */
  again?: () => void;
}

/** An error with its fix. Where the service marks a place with a caret, its lines stay as they are, and in sight. */
export function Notice({ error, again }: NoticeProps) {
  const messages = useMessages();
  const { title, detail, fix, inItsWords, mayPass } = tell(error, messages);
  return (
    <div className={styles.notice} role="alert">
      <Icon name="warning" />
      <div className={styles.said}>
        <strong>{title}</strong>
        {detail.includes("\n") ? <pre>{detail}</pre> : detail && <p>{detail}</p>}
        {fix && <p className={styles.fix}>{fix}</p>}
        {inItsWords && (
          <details open={inItsWords.includes("^")}>
            <summary>{messages.problems.inItsWords}</summary>
            <pre lang="en">{inItsWords}</pre>
          </details>
        )}
        {again && mayPass && (
          <Button small onClick={again}>
            {messages.frame.tryAgain}
          </Button>
        )}
      </div>
    </div>
  );
}
