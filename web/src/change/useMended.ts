// How do pictures that are shown already follow what was changed or deleted since they came?

import { useMemo, useSyncExternalStore } from "react";

import type { Image } from "../api/client.ts";
import { after, onNoted, present, type Moment } from "./changes.ts";
import { onTheMove } from "./moving.ts";

interface Since {
  changed: ReadonlyMap<string, Image>;
  gone: ReadonlySet<string>;
}

/** Put changes into pictures, and leave out those that are gone. */
export function mended<Item extends Image>(items: readonly Item[], { changed, gone }: Since): readonly Item[] {
  if (!changed.size && !gone.size) return items;
  return items.filter(({ id }) => !gone.has(id)).map((one) => ({ ...one, ...changed.get(one.id) }));
}

/** When answers came, and what was just being deleted then: they may still hold it. */
const come = new WeakMap<object, { at: Moment; moving: ReadonlySet<string> }>();

function sinceThen(answer: object): Since {
  const then = come.get(answer) ?? { at: present(), moving: new Set(onTheMove()) };
  come.set(answer, then);
  const [changed, gone] = [new Map<string, Image>(), new Set(then.moving)];
  for (const one of after(then.at)) {
    if (one.kind === "change") for (const image of one.images) changed.set(image.id, image);
    else if (one.kind === "gone") for (const id of one.ids) gone.add(id);
    else for (const id of one.ids) gone.delete(id);
  }
  return { changed, gone };
}

/**
 * Follow changes while the pictures belong to the same answer, also where that is left and come back to: the next one knows
 * of them, and of what others did since, but for what is still being deleted.
 */
export function useMended<Item extends Image>(items: readonly Item[], answer: object | null): readonly Item[] {
  const now = useSyncExternalStore(onNoted, present);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- by `now` it is known that there are more changes
  const since = useMemo(() => answer && sinceThen(answer), [answer, now]);
  return useMemo(() => (since ? mended(items, since) : items), [items, since]);
}
