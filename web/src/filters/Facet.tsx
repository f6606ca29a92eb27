// Which values does a field have, and how many pictures carry each? Those that are ticked may answer.

import { useEffect, useState } from "react";

import { answer, api, type Schemas } from "../api/client.ts";
import { isAbort } from "../api/problem.ts";
import { rest } from "../api/rest.ts";
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
/** So long somebody may pause between two letters without being asked for. */
const TYPING_MS = 200;

/** Values that a filter leaves to choose from, those of the field itself being no part of it; all, or those that hold a text; null asks for none. */
export function useFacet(field: FacetField | "year", where: string, like: string | null = "") {
  const [found, setFound] = useState<Schemas["FacetValue"][] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const others = field === "year" ? where : withValues(where, WRITTEN[field].name, []);
  useEffect(() => {
    if (like === null) return;
    const leaving = new AbortController();
    const query = { field, where: others, like, limit: MOST };
    const typed = like ? rest(TYPING_MS, leaving.signal) : Promise.resolve();
    typed.then(() => answer(api.GET("/v1/facets", { params: { query }, signal: leaving.signal }))).then(
      (facets) => setFound(facets.values),
      (reason: unknown) => isAbort(reason) || setError(reason),
    );
    return () => leaving.abort();
  }, [field, others, like]);
  return { found, error };
}

export function Facet({ field, where, onWhere }: FacetProps) {
  const { search } = useMessages();
  const formats = useFormats();
  const [typed, setTyped] = useState("");
  const sought = typed.trim();
  const { found: commonest, error } = useFacet(field, where);
  const isCut = commonest?.length === MOST;
  const { found: holding } = useFacet(field, where, isCut && sought ? sought : null);
  const found = (isCut && sought ? holding : null) ?? commonest;
  const { name, write } = WRITTEN[field];
  const ticked = valuesOf(where, name);
  if (error) return <Notice error={error} />;
  if (!found) return <p className={styles.none}>…</p>;
  const there = found.map(({ value, count }) => ({ value, written: write(value), count: formats.number(count) }));
  const others = ticked.filter((one) => !there.some(({ written }) => written === one)).map((written) => ({ value: asRead(written), written, count: "" }));
  const values = [...others, ...there];
  if (!values.length) return <p className={styles.none}>{search.noValues}</p>;
  return (
    <>
      {(sought || values.length > MANY) && (
        <input className={styles.narrow} type="search" value={typed} aria-label={search.narrow} placeholder={search.narrow} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
      )}
      <ul className={styles.values}>
        {values
          .filter(({ value, written }) => value.toLocaleLowerCase().includes(sought.toLocaleLowerCase()) || ticked.includes(written))
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
