// How large must a picture be at least?

import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { replaced, splitTerms } from "./filters.ts";
import styles from "./SizeFilter.module.css";

interface SizeFilterProps {
  where: string;
  onWhere: (where: string) => void;
}

const WIDTHS = [640, 1000, 2000, 4000];
const MEGABYTES = [1, 5, 20];

export function SizeFilter({ where, onWhere }: SizeFilterProps) {
  const { search } = useMessages();
  const formats = useFormats();
  const terms = splitTerms(where);
  return (
    <div className={styles.sizes}>
      <Choice
        label={search.leastWidth}
        any={search.anySize}
        options={WIDTHS.map((width) => [`width>=${width}`, search.pixels(formats.number(width))])}
        terms={terms}
        onTerm={(term) => onWhere(replaced(where, ["width"], term))}
      />
      <Choice
        label={search.leastBytes}
        any={search.anySize}
        options={MEGABYTES.map((size) => [`bytes>=${size}MB`, search.megabytes(formats.number(size))])}
        terms={terms}
        onTerm={(term) => onWhere(replaced(where, ["bytes"], term))}
      />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  options: [term: string, text: string][];
  terms: string[];
  onTerm: (term: string) => void;
}

function Choice({ label, any, options, terms, onTerm }: ChoiceProps) {
  const chosen = options.find(([term]) => terms.includes(term))?.[0] ?? "";
  return (
    <div role="group" aria-label={label}>
      <p>{label}</p>
      <div className={styles.options}>
        {[["", any] as const, ...options].map(([term, text]) => (
          <Button key={term} small aria-pressed={chosen === term} onClick={() => onTerm(term)}>
            {text}
          </Button>
        ))}
      </div>
    </div>
  );
}
