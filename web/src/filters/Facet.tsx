// Which values does a field have, and how many pictures carry each? Those that are ticked may answer.

import { useEffect, useState } from "react";

import { answer, api, type Schemas } from "../api/client.ts";
import { isAbort } from "../api/problem.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Notice } from "../parts/Notice.tsx";
import styles from "./Facet.module.css";
import { asRead, inFolder, quoted, toggled, valuesOf, withValues } from "./filters.ts";

export type FacetField = "label" | "tag" | "folder" | "owner" | "format";

interface FacetProps {
  field: FacetField;
  where: string;
  onWhere: (where: string) => void;
}

/** How a field is called in the language of filters, and how a value is written there. */
const WRITTEN = {
  folder: { name: "path", write: inFolder },
  label: { name: "label", write: quoted },
  tag: { name: "tag", write: quoted },
  owner: { name: "owner", write: quoted },
  format: { name: "format", write: quoted },
} as const;

/** How many values are asked for, which is all that the service gives; from how many on a field narrows them. */
const [MOST, MANY] = [200, 20];

/** Values that a filter leaves to choose from: those of the field itself are no part of it. */
export function useFacet(field: FacetField | "year", where: string) {
  const [found, setFound] = useState<Schemas["FacetValue"][] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const others = field === "year" ? where : withValues(where, WRITTEN[field].name, []);
  useEffect(() => {
    const leaving = new AbortController();
    answer(api.GET("/v1/facets", { params: { query: { field, where: others, limit: MOST } }, signal: leaving.signal })).then(
      (facets) => setFound(facets.values),
      (reason: unknown) => isAbort(reason) || setError(reason),
    );
    return () => leaving.abort();
  }, [field, others]);
  return { found, error };
}

export function Facet({ field, where, onWhere }: FacetProps) {
  const { search } = useMessages();
  const formats = useFormats();
  const { found, error } = useFacet(field, where);
  const { name, write } = WRITTEN[field];
  const [typed, setTyped] = useState("");
  const ticked = valuesOf(where, name);
  if (error) return <Notice error={error} />;
  if (!found) return <p className={styles.none}>…</p>;
  const there = found.map(({ value, count }) => ({ value, written: write(value), count: formats.number(count) }));
  const others = ticked.filter((one) => !there.some(({ written }) => written === one)).map((written) => ({ value: asRead(written), written, count: "" }));
  const values = [...others, ...there];
  if (!values.length) return <p className={styles.none}>{search.noValues}</p>;
  const sought = typed.trim().toLocaleLowerCase();
  return (
    <>
      {values.length > MANY && (
        <input className={styles.narrow} type="search" value={typed} aria-label={search.narrow} placeholder={search.narrow} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
      )}
      <ul className={styles.values}>
        {values
          .filter(({ value, written }) => value.toLocaleLowerCase().includes(sought) || ticked.includes(written))
          .map(({ value, written, count }) => (
            <li key={written}>
              <label>
                <input type="checkbox" checked={ticked.includes(written)} onChange={() => onWhere(toggled(where, name, written))} />
                <span className={styles.value} title={value}>
                  {field === "folder" ? <bdi>{value}</bdi> : value}
                </span>
                <span className={styles.count}>{count}</span>
              </label>
            </li>
          ))}
      </ul>
      {found.length >= MOST && <p className={styles.none}>{search.commonest(formats.number(MOST))}</p>}
    </>
  );
}
