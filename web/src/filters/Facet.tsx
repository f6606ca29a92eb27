// Which values does a field have, and how many pictures carry each? Those that are ticked may answer.

import { useEffect, useState } from "react";

import { answer, api, type Schemas } from "../api/client.ts";
import { isAbort } from "../api/problem.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Notice } from "../parts/Notice.tsx";
import styles from "./Facet.module.css";
import { inFolder, quoted, toggled, valuesOf, withValues } from "./filters.ts";

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

/** Values that a filter leaves to choose from: those of the field itself are no part of it. */
export function useFacet(field: FacetField | "year", where: string) {
  const [found, setFound] = useState<Schemas["FacetValue"][] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const others = field === "year" ? where : withValues(where, WRITTEN[field].name, []);
  useEffect(() => {
    const leaving = new AbortController();
    answer(api.GET("/v1/facets", { params: { query: { field, where: others } }, signal: leaving.signal })).then(
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
  const ticked = valuesOf(where, name);
  if (error) return <Notice error={error} />;
  if (!found) return <p className={styles.none}>…</p>;
  if (!found.length) return <p className={styles.none}>{search.noValues}</p>;
  return (
    <ul className={styles.values}>
      {found.map(({ value, count }) => {
        const written = write(value);
        return (
          <li key={value}>
            <label>
              <input type="checkbox" checked={ticked.includes(written)} onChange={() => onWhere(toggled(where, name, written))} />
              <span className={styles.value} title={value}>
                {field === "folder" ? <bdi>{value}</bdi> : value}
              </span>
              <span className={styles.count}>{formats.number(count)}</span>
            </label>
          </li>
        );
      })}
    </ul>
  );
}
