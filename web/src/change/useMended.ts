// How do pictures that are shown already follow what was changed or deleted since they came?

import { useCallback, useLayoutEffect, useMemo, useState } from "react";

import type { Image } from "../api/client.ts";
import { onTheMove } from "./moving.ts";

interface Since {
  changed: ReadonlyMap<string, Image>;
  gone: ReadonlySet<string>;
}

const NOTHING: Since = { changed: new Map(), gone: new Set() };

/** Put changes into pictures, and leave out those that are gone. */
export function mended<Item extends Image>(items: readonly Item[], { changed, gone }: Since): readonly Item[] {
  if (!changed.size && !gone.size) return items;
  return items.filter(({ id }) => !gone.has(id)).map((one) => ({ ...one, ...changed.get(one.id) }));
}

/**
 * Follow changes while the pictures belong to the same answer: the next one knows of them, and of what others did since,
 * but for what is still being deleted.
 */
export function useMended<Item extends Image>(items: readonly Item[], answer: unknown) {
  const [since, setSince] = useState(NOTHING);
  useLayoutEffect(() => setSince({ ...NOTHING, gone: new Set(onTheMove()) }), [answer]); // before anybody sees the new ones with old words
  const onChanged = useCallback(
    (images: readonly Image[]) => setSince((now) => ({ ...now, changed: new Map([...now.changed, ...images.map((one) => [one.id, one] as const)]) })),
    [],
  );
  const onGone = useCallback((ids: readonly string[]) => setSince((now) => ({ ...now, gone: new Set([...now.gone, ...ids]) })), []);
  const onBack = useCallback((ids: readonly string[]) => setSince((now) => ({ ...now, gone: new Set([...now.gone].filter((id) => !ids.includes(id))) })), []);
  return { items: useMemo(() => mended(items, since), [items, since]), onChanged, onGone, onBack };
}
