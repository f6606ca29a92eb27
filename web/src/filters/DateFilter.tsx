// When may a picture have been taken? In years, between two days, or at a time that nobody knows.

import { useEffect, useId, useRef } from "react";

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

/** Before it no picture was taken: it is a year that is still being typed. */
const FIRST_DAY = "1000-01-01";
const LAST_DAY = "9999-12-31";

/** How long a day rests that was typed or picked before it is asked for. */
const REST_MS = 700;

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
        <Day id={`${id}-from`} day={from} onDay={(day) => span(day, to)} />
        <Day id={`${id}-to`} day={to} onDay={(day) => span(from, day)} />
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

interface DayProps {
  id: string;
  /** Empty for none. */
  day: string;
  onDay: (day: string) => void;
}

/** A day, told once it is whole: when it rests, at Enter, or when the field is left. */
function Day({ id, day, onDay }: DayProps) {
  const input = useRef<HTMLInputElement>(null);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (input.current && input.current.value !== day) input.current.value = day;
  }, [day]);
  useEffect(() => () => clearTimeout(resting.current), []);

  function tell() {
    clearTimeout(resting.current);
    if (!input.current) return;
    const { value, validity } = input.current;
    const isWhole = !validity.badInput && (value === "" || (value >= FIRST_DAY && value <= LAST_DAY));
    if (isWhole && value !== day) onDay(value);
  }

  return (
    <input
      ref={input}
      id={id}
      type="date"
      max={LAST_DAY}
      defaultValue={day}
      onChange={() => {
        clearTimeout(resting.current);
        resting.current = setTimeout(tell, REST_MS);
      }}
      onBlur={tell}
      onKeyDown={({ key }) => key === "Enter" && tell()}
    />
  );
}
