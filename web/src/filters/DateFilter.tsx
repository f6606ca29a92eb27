// When may a picture have been taken? In years, between two days, or at a time that nobody knows.

import { useId } from "react";

import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import styles from "./DateFilter.module.css";
import { useFacet } from "./Facet.tsx";
import { replaced, splitTerms, valuesOf } from "./filters.ts";

interface DateFilterProps {
  where: string;
  onWhere: (where: string) => void;
}

const TERMS = ["taken:", "taken>", "taken<", "taken=", "-taken:"];
const SPAN = /^(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?$/;

export function DateFilter({ where, onWhere }: DateFilterProps) {
  const { search } = useMessages();
  const formats = useFormats();
  const id = useId();
  const others = replaced(where, TERMS, "");
  const { found } = useFacet("year", others);
  const values = valuesOf(where, "taken");
  const [, from = "", to = ""] = SPAN.exec(values[0] ?? "") ?? [];
  const set = (value: string) => onWhere(replaced(where, TERMS, value));
  const span = (first: string, last: string) => set(first || last ? `taken:${first}..${last}` : "");
  const toggle = (value: string) => {
    const years = values.filter((one) => /^\d{4}$/.test(one));
    const next = years.includes(value) ? years.filter((one) => one !== value) : [...years, value];
    set(next.length ? `taken:${next.toSorted().join(",")}` : "");
  };
  const unknown = splitTerms(where).includes("-taken:*");
  return (
    <div className={styles.dates}>
      <div className={styles.span}>
        <label htmlFor={`${id}-from`}>{search.from}</label>
        <label htmlFor={`${id}-to`}>{search.to}</label>
        <input id={`${id}-from`} type="date" value={from} onChange={({ target }) => span(target.value, to)} />
        <input id={`${id}-to`} type="date" value={to} onChange={({ target }) => span(from, target.value)} />
      </div>
      <div className={styles.years} role="group" aria-label={search.years}>
        {found?.map(({ value, count }) => (
          <Button key={value} small aria-pressed={values.includes(value)} title={formats.number(count)} onClick={() => toggle(value)}>
            {value}
          </Button>
        ))}
        <Button small aria-pressed={unknown} onClick={() => set(unknown ? "" : "-taken:*")}>
          {search.noDate}
        </Button>
      </div>
    </div>
  );
}
