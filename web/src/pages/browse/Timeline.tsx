// In which years were the pictures taken? A way to each, with how many there are.

import { useFacet } from "../../filters/Facet.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import type { OrderName } from "./order.ts";
import styles from "./Timeline.module.css";

interface TimelineProps {
  where: string;
  order: OrderName;
  from: string;
  onFrom: (year: string) => void;
}

export function Timeline(props: TimelineProps) {
  return props.order === "taken" || props.order === "earliest" ? <Years {...props} /> : null;
}

function Years({ where, order, from, onFrom }: TimelineProps) {
  const { browse } = useMessages();
  const formats = useFormats();
  const { found } = useFacet("year", where);
  const years = found?.toSorted((one, other) => (order === "taken" ? -1 : 1) * one.value.localeCompare(other.value)) ?? [];
  const most = Math.max(1, ...years.map(({ count }) => count));
  if (years.length < 2 && !from) return null;
  return (
    <nav className={styles.years} aria-label={browse.years}>
      <button type="button" aria-pressed={from === ""} onClick={() => onFrom("")}>
        {browse.fromStart}
      </button>
      {years.map(({ value, count }) => (
        <button key={value} type="button" aria-pressed={from === value} title={browse.taken(value, formats.number(count))} onClick={() => onFrom(value)}>
          <span className={styles.bar} style={{ height: `${Math.round(4 + 18 * Math.sqrt(count / most))}px` }} aria-hidden="true" />
          {value}
          <span className="away">{formats.number(count)}</span>
        </button>
      ))}
      <button type="button" aria-pressed={from === "none"} onClick={() => onFrom("none")}>
        {browse.undated}
      </button>
    </nav>
  );
}
