// What was there where `back` and `forward` lead? The list that had been loaded, and how far it was scrolled.

import { useLayoutEffect, useRef } from "react";
import { flushSync } from "react-dom";

import { entry } from "./address.ts";

interface List {
  question: string;
  shown: unknown;
  /** How many items are in it. */
  size: number;
}

/** An entry of the history; several hold one list where pictures were opened from it. */
interface Place {
  list: List;
  top: number;
}

const MOST_LISTS = 8;
const MOST_ITEMS = 30_000;

/** By the entries' names, the one that was looked at last in the end. */
const places = new Map<string, Place>();

addEventListener(
  "scroll",
  () => {
    const place = places.get(entry());
    if (place) place.top = scrollY;
  },
  { passive: true },
);

function put(list: List): void {
  const here = entry();
  const top = places.get(here)?.top ?? scrollY;
  places.delete(here);
  places.set(here, { list, top });
  const latest = new Set([...places.values()].reverse().map((place) => place.list));
  let [count, items] = [0, 0];
  for (const one of latest) {
    count += 1;
    items += one.size;
    if (count > 1 && (count > MOST_LISTS || items > MOST_ITEMS)) forget((place) => place.list === one);
  }
}

function forget(isMeant: (place: Place) => boolean): void {
  for (const [name, place] of places) if (isMeant(place)) places.delete(name);
}

/** Forget all lists: they are no longer what one would find, or none of the next visitor's business. */
export const forgetLists = (): void => forget(() => true);

/** Scroll once all is drawn that comes back, and draw what is in sight there, before anybody sees it. */
function scrollBack(top: number): void {
  queueMicrotask(() => {
    scrollTo({ top, behavior: "instant" });
    flushSync(() => dispatchEvent(new Event("scroll")));
  });
}

export interface Asked<Shown> {
  /** What the list answers; another list is never given for it. */
  question: string;
  /** What there is of it; null while there is nothing. */
  shown: Shown | null;
  size: number;
}

/**
 * Keep a list for those who come back to it, and call `take` with it where they do, before anything is drawn.
 *
 * Gives a function that tells whether one came back, so that nothing need be asked for.
 */
export function usePlace<Shown>({ question, shown, size }: Asked<Shown>, take: (shown: Shown) => void): () => boolean {
  const list = useRef<List | null>(null);
  const taking = useRef(take);
  useLayoutEffect(() => {
    taking.current = take;
  });
  useLayoutEffect(() => {
    const place = places.get(entry());
    list.current = place?.list.question === question ? place.list : null;
    if (!place || !list.current) return;
    taking.current(list.current.shown as Shown);
    scrollBack(place.top);
  }, [question]);
  useLayoutEffect(() => {
    if (shown === null) return;
    list.current ??= { question, shown, size };
    Object.assign(list.current, { shown, size });
    put(list.current);
  });
  const isBack = useRef(() => list.current !== null);
  return isBack.current;
}
