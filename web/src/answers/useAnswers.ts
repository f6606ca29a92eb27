// What does the service answer to a view? Page after page, and what was there before until the next answer comes.

import { useCallback, useEffect, useLayoutEffect, useReducer, useRef } from "react";

import { usePlace } from "../address/places.ts";
import type { Hit, SearchAnswer } from "../api/client.ts";
import { isAbort } from "../api/problem.ts";
import { isEmpty, questionOf, samePicture, type View } from "../query/query.ts";
import { search } from "./asking.ts";
import { mayHoldMore } from "./groups.ts";

export interface Answers {
  hits: readonly Hit[];
  /** The first page, with what it says besides hits; null until it is there. */
  first: SearchAnswer | null;
  cursor: string;
  isAsking: boolean;
  error: unknown;
  /** The question that the hits answer; another one while the next answer is awaited. */
  question: string;
}

type Step =
  | { kind: "ask"; question: string; anew: boolean }
  | { kind: "answer"; question: string; answer: SearchAnswer; isFirst: boolean }
  | { kind: "fail"; error: unknown; question: string }
  | { kind: "return"; answers: Answers }
  | { kind: "clear" };

export const NOTHING: Answers = { hits: [], first: null, cursor: "", isAsking: false, error: null, question: "" };

const FIRST_PAGE = 40;
const NEXT_PAGE = 120;

export function step(now: Answers, taken: Step): Answers {
  switch (taken.kind) {
    case "clear":
      return NOTHING;
    case "return":
      return { ...taken.answers, isAsking: false, error: null }; // what was under way then, or failed, is asked for again
    case "ask":
      return taken.anew ? { ...NOTHING, isAsking: true } : { ...now, isAsking: true, error: null };
    case "fail":
      if (taken.question === now.question) return { ...now, isAsking: false, error: taken.error };
      return { ...NOTHING, error: taken.error, question: taken.question };
    case "answer": {
      const { answer, isFirst, question } = taken;
      const known = new Set(isFirst ? [] : now.hits.map((hit) => hit.id));
      const fresh = answer.hits.filter((hit) => !known.has(hit.id));
      return {
        hits: isFirst ? answer.hits : [...now.hits, ...fresh],
        first: isFirst ? answer : now.first,
        cursor: answer.cursor,
        isAsking: false,
        error: null,
        question,
      };
    }
  }
}

export function useAnswers(view: View): Answers & { more: () => void; again: () => void } {
  const [answers, take] = useReducer(step, NOTHING);
  const running = useRef<AbortController | null>(null);
  const last = useRef(view);
  const question = questionOf(view);
  const now = useRef({ view, answers });
  useLayoutEffect(() => {
    now.current = { view, answers }; // before the effects of what is drawn with them
  });

  const shown = answers.first && answers.question === question ? answers : null;
  const isBack = usePlace({ question, shown, size: answers.hits.length }, (kept) => take({ kind: "return", answers: kept }));

  const ask = useCallback((asked: View, cursor: string, anew: boolean) => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    const about = questionOf(asked);
    const limit = Math.min(cursor ? NEXT_PAGE : FIRST_PAGE, asked.most);
    take({ kind: "ask", question: about, anew });
    search(asked, { cursor, limit }, signal).then(
      (answer) => signal.aborted || take({ kind: "answer", question: about, answer, isFirst: !cursor }),
      (error: unknown) => signal.aborted || isAbort(error) || take({ kind: "fail", error, question: about }),
    );
  }, []);

  useEffect(() => {
    const asked = now.current.view;
    const anew = !samePicture(last.current.picture, asked.picture) || now.current.answers.first === null;
    last.current = asked;
    if (isEmpty(asked)) {
      running.current?.abort();
      take({ kind: "clear" });
    } else if (!isBack()) {
      ask(asked, "", anew);
    }
    return () => running.current?.abort();
  }, [question, ask, isBack]);

  const more = useCallback(() => {
    const { view: asked, answers: known } = now.current;
    const goesOn = known.cursor && !known.isAsking && !known.error && known.question === questionOf(asked);
    if (goesOn && mayHoldMore(known.hits, asked)) ask(asked, known.cursor, false);
  }, [ask]);

  /** Goes on where further hits failed to come; else asks the same anew. */
  const again = useCallback(() => {
    const { view: asked, answers: known } = now.current;
    const goesOn = known.error !== null && known.question === questionOf(asked) && known.hits.length > 0;
    ask(asked, goesOn ? known.cursor : "", !goesOn);
  }, [ask]);

  return { ...answers, more, again };
}
