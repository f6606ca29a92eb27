// How many pictures pass a filter? Each has a format, so that counting those counts them all.

import { useEffect, useState } from "react";

import { answer, api } from "../../api/client.ts";

export function useTotal(where: string): number | null {
  const [total, setTotal] = useState<number | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    setTotal(null);
    answer(api.GET("/v1/facets", { params: { query: { field: "format", where } }, signal: leaving.signal })).then(
      ({ values }) => setTotal(values.reduce((sum, { count }) => sum + count, 0)),
      () => undefined, // the list of pictures says what is wrong
    );
    return () => leaving.abort();
  }, [where]);
  return total;
}
