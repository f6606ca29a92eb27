// Which pictures are chosen, and how do a click or a key change that?

export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** Where a range begins: what was chosen or let go last. */
  readonly anchor: string | null;
}

export const NONE: Selection = { ids: new Set(), anchor: null };

export function toggled({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** Choose all from the anchor to an id as well, in the order in which they are shown. */
export function extended(selection: Selection, order: readonly string[], id: string): Selection {
  const [one, other] = [order.indexOf(selection.anchor ?? id), order.indexOf(id)];
  const [from, to] = one === -1 ? [other, other] : [Math.min(one, other), Math.max(one, other)];
  const anchor = one === -1 ? id : selection.anchor;
  return { ids: new Set([...selection.ids, ...order.slice(from, to + 1)]), anchor };
}

/** Choose some more. */
export const withMore = ({ ids, anchor }: Selection, more: readonly string[]): Selection => ({ ids: new Set([...ids, ...more]), anchor });

/** Choose some more; or let go of them, where all of them are chosen already. */
export function withAll(selection: Selection, more: readonly string[]): Selection {
  const { ids, anchor } = selection;
  if (!more.every((id) => ids.has(id))) return withMore(selection, more);
  const left = new Set(more);
  return { ids: new Set([...ids].filter((id) => !left.has(id))), anchor };
}

/** Let go of what is not there any more. */
export function kept({ ids, anchor }: Selection, there: ReadonlySet<string>): Selection {
  return { ids: new Set([...ids].filter((id) => there.has(id))), anchor };
}
