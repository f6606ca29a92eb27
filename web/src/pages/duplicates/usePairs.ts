// Which two pictures are compared, as the address says it, and which come before and after them?

import { useCallback, useMemo } from "react";

import { close, go, href, useAddress } from "../../address/address.ts";
import type { Image } from "../../api/client.ts";
import type { Group, Verdict } from "./keeping.ts";

interface Pair {
  group: Group;
  verdict: Verdict;
  other: Image;
}

export function usePairs(groups: readonly Group[], verdicts: ReadonlyMap<number, Verdict>) {
  const { said } = useAddress();
  const tier = said.get("tier") ?? "";
  const opened = said.get("pair");
  const all = useMemo<readonly Pair[]>(
    () =>
      groups.flatMap((group) => {
        const verdict = verdicts.get(group.number);
        return verdict ? [...verdict.goes, ...verdict.stays].map((other) => ({ group, verdict, other })) : [];
      }),
    [groups, verdicts],
  );
  const exact = opened ? all.findIndex(({ other }) => other.id === opened) : -1;
  // Where the one that was opened is kept now, its group is gone on with.
  const at = opened && exact === -1 ? all.findIndex(({ verdict }) => verdict.keep.id === opened) : exact;
  const open = useCallback((pair: string) => go(href("duplicates", { tier, pair })), [tier]);
  const to = (index: number) => {
    const next = all[index];
    return next ? () => go(href("duplicates", { tier, pair: next.other.id }), { replace: true }) : null;
  };
  return {
    pair: at === -1 ? null : (all[at] ?? null),
    open,
    close: () => close(href("duplicates", { tier })),
    previous: at > 0 ? to(at - 1) : null,
    next: at === -1 ? null : to(at + 1),
  };
}
