// Which two pictures are compared, and which come before and after them?

import { useCallback, useMemo, useState } from "react";

import type { Image } from "../../api/client.ts";
import type { Group, Verdict } from "./keeping.ts";

interface Pair {
  group: Group;
  verdict: Verdict;
  other: Image;
}

export function usePairs(groups: readonly Group[], verdicts: ReadonlyMap<number, Verdict>) {
  const [opened, setOpened] = useState<{ group: number; id: string } | null>(null);
  const all = useMemo<readonly Pair[]>(
    () =>
      groups.flatMap((group) => {
        const verdict = verdicts.get(group.number);
        return verdict ? [...verdict.goes, ...verdict.stays].map((other) => ({ group, verdict, other })) : [];
      }),
    [groups, verdicts],
  );
  const exact = all.findIndex(({ group, other }) => group.number === opened?.group && other.id === opened.id);
  // Where the one that was opened is kept now, its group is gone on with.
  const at = exact === -1 ? all.findIndex(({ group }) => group.number === opened?.group) : exact;
  const open = useCallback((group: number, id: string) => setOpened({ group, id }), []);
  const close = useCallback(() => setOpened(null), []);
  const to = (index: number) => {
    const next = all[index];
    return next ? () => setOpened({ group: next.group.number, id: next.other.id }) : null;
  };
  return { pair: opened && at !== -1 ? (all[at] ?? null) : null, open, close, previous: at > 0 ? to(at - 1) : null, next: at === -1 ? null : to(at + 1) };
}
