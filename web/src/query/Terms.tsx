// How were the words read? As chips, whose weight can be changed and which can be left out.

import { useState } from "react";

import type { Schemas } from "../api/client.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Icon } from "../parts/Icon.tsx";
import styles from "./Terms.module.css";
import { replaceTerm, termsOf, weighed, writeTerms, type Term } from "./terms.ts";

interface TermsProps {
  understood: Schemas["Understood"];
  onText: (text: string) => void;
}

export function Terms({ understood, onText }: TermsProps) {
  const { search } = useMessages();
  const [read, setRead] = useState({ understood, terms: termsOf(understood) });
  if (read.understood !== understood) setRead({ understood, terms: termsOf(understood) });
  const { terms } = read;
  const change = (old: Term, changed: Term | null) => {
    const next = replaceTerm(terms, old, changed);
    setRead({ understood, terms: next }); // the next change may come before the answer to this one
    onText(writeTerms(next, understood.filter));
  };
  return (
    <ul className={styles.terms} aria-label={search.words}>
      {terms.map((term) => (
        <li key={(term.isExcluded ? "-" : "") + term.text} className={styles.term} data-excluded={term.isExcluded || undefined}>
          <Chip term={term} change={(changed) => change(term, changed)} />
        </li>
      ))}
    </ul>
  );
}

function Chip({ term, change }: { term: Term; change: (changed: Term | null) => void }) {
  const { search } = useMessages();
  const formats = useFormats();
  const { text, isPhrase, isExcluded, weight } = term;
  const act = search.wordCount;
  return (
    <>
      <button
        type="button"
        aria-pressed={isExcluded}
        title={isExcluded ? act.want(text) : act.leaveOut(text)}
        className={styles.word}
        onClick={() => change({ ...term, isExcluded: !isExcluded, weight: 1 })}
      >
        {isExcluded && <span className={styles.not}>{search.not}</span>}
        {isPhrase ? search.quoted(text) : text}
        {weight !== 1 && <span className={styles.weight}>{search.times(formats.number(weight))}</span>}
        <span className="away">{isExcluded ? act.want(text) : act.leaveOut(text)}</span>
      </button>
      {!isExcluded && (
        <>
          <button type="button" aria-label={act.less(text)} title={act.less(text)} onClick={() => change(weighed(term, -1))}>
            <Icon name="minus" size={14} />
          </button>
          <button type="button" aria-label={act.more(text)} title={act.more(text)} onClick={() => change(weighed(term, 1))}>
            <Icon name="plus" size={14} />
          </button>
        </>
      )}
      <button type="button" aria-label={act.remove(text)} title={act.remove(text)} onClick={() => change(null)}>
        <Icon name="close" size={14} />
      </button>
    </>
  );
}
