// Why was a picture not taken in? Told in the visitor's language, with the service's own words, which say most.

import { problemOfOutcome } from "../api/problem.ts";
import { useMessages } from "../messages/Messages.tsx";
import { en } from "../messages/en/index.ts";
import { tell } from "../parts/Notice.tsx";

export function Reason({ outcome, reason }: { outcome: string; reason: string }) {
  const messages = useMessages();
  const { slug } = problemOfOutcome({ outcome, reason });
  if (messages === en || !slug) return <span lang="en">{reason}</span>;
  return (
    <span title={reason}>
      {tell(problemOfOutcome({ outcome, reason }), messages).detail} <small lang="en">({reason})</small>
    </span>
  );
}
