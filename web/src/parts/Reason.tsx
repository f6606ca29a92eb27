// Why was something not done? Told in the visitor's language; where that has no words for it, by its kind and as the service says it.

import { problemOfOutcome } from "../api/problem.ts";
import { useMessages } from "../messages/Messages.tsx";
import { en } from "../messages/en/index.ts";
import { say, type Wording } from "../messages/wordings.ts";
import { tell } from "./Notice.tsx";

interface ReasonProps {
  reason: string;
  wording: Wording | null | undefined;
  /** What became of a picture; says of which kind the reason is. */
  outcome?: string;
}

export function Reason({ reason, wording, outcome = "" }: ReasonProps) {
  const messages = useMessages();
  const said = say(wording, messages.wordings);
  if (said) return <span title={reason}>{said}</span>;
  const problem = problemOfOutcome({ outcome, reason });
  if (messages === en || !problem.slug) return <span lang="en">{reason}</span>;
  return (
    <span title={reason}>
      {tell(problem, messages).detail} <small lang="en">({reason})</small>
    </span>
  );
}
