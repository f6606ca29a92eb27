// Which pictures are there, page after page? With what was changed or deleted here since they came.

import { useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "react";

import { usePlace } from "../../address/places.ts";
import { answer, api, type Image } from "../../api/client.ts";
import { isAbort } from "../../api/problem.ts";
import { after, present, type Change, type Moment } from "../../change/changes.ts";
import { onTheMove } from "../../change/moving.ts";

interface Browsed {
  /** Which list it is, or will be once that has come. */
  list: string;
  images: readonly Image[] | null;
  cursor: string;
  isAsking: boolean;
  error: unknown;
  /** Deleted here, and not brought back. */
  gone: ReadonlySet<string>;
}

type Step =
  | { kind: "ask"; list: string; anew: boolean }
  | { kind: "page"; images: readonly Image[]; cursor: string; isFirst: boolean; moving: ReadonlySet<string> }
  | { kind: "fail"; error: unknown }
  | { kind: "return"; browsed: Browsed; at: Moment }
  | Change;

export const NOTHING: Browsed = { list: "", images: null, cursor: "", isAsking: false, error: null, gone: new Set() };
const FIRST_PAGE = 80;
const NEXT_PAGE = 200;

export function step(now: Browsed, taken: Step): Browsed {
  switch (taken.kind) {
    case "ask":
      return { ...now, list: taken.list, isAsking: true, error: null, images: taken.anew ? null : now.images };
    case "fail":
      return { ...now, isAsking: false, error: taken.error };
    case "page": {
      const before = taken.isFirst ? [] : (now.images ?? []);
      const known = new Set(before.map((one) => one.id));
      const images = [...before, ...taken.images.filter((one) => !known.has(one.id))];
      return { ...now, images, cursor: taken.cursor, isAsking: false, error: null, gone: taken.isFirst ? new Set(taken.moving) : now.gone };
    }
    case "return": {
      const then = { ...taken.browsed, isAsking: false, error: null }; // what was under way then, or failed, is asked for again
      return after(taken.at).reduce(step, then);
    }
    case "change": {
      const changed = new Map(taken.images.map((one) => [one.id, one]));
      return { ...now, images: now.images?.map((one) => changed.get(one.id) ?? one) ?? null };
    }
    case "gone":
      return { ...now, gone: new Set([...now.gone, ...taken.ids]) };
    case "back": {
      const back = new Set(taken.ids);
      return { ...now, gone: new Set([...now.gone].filter((id) => !back.has(id))) };
    }
  }
}

/** Count those among some that were deleted here and still have their place in the list. */
export function countPlaces({ images, gone }: Browsed, ids: readonly string[]): number {
  const asked = new Set(ids);
  return images?.filter(({ id }) => gone.has(id) && asked.has(id)).length ?? 0;
}

export function useBrowsed(where: string, sort: string) {
  const [browsed, take] = useReducer(step, NOTHING);
  const running = useRef<AbortController | null>(null);
  const now = useRef(browsed);
  useLayoutEffect(() => {
    now.current = browsed; // before the effects of what is drawn with it
  });

  const list = `${sort} ${where}`;
  const here = browsed.images && browsed.list === list ? { browsed, at: present() } : null;
  const isBack = usePlace({ question: list, shown: here, size: browsed.images?.length ?? 0 }, (kept) => take({ kind: "return", ...kept }));

  const ask = useCallback(
    (cursor: string, anew: boolean) => {
      running.current?.abort();
      const { signal } = (running.current = new AbortController());
      now.current = { ...now.current, isAsking: true }; // whoever asks for more before that is drawn need not
      take({ kind: "ask", list, anew });
      const query = { where, sort, cursor, limit: cursor ? NEXT_PAGE : FIRST_PAGE };
      answer(api.GET("/v1/images", { params: { query }, signal })).then(
        (page) => signal.aborted || take({ kind: "page", ...page, isFirst: !cursor, moving: onTheMove() }),
        (error: unknown) => signal.aborted || isAbort(error) || take({ kind: "fail", error }),
      );
    },
    [where, sort, list],
  );
  const more = useCallback(() => {
    const { list: there, cursor, isAsking, error } = now.current;
    if (there === list && cursor && !isAsking && error === null) ask(cursor, false);
  }, [ask, list]);
  const again = useCallback(() => ask(now.current.images ? now.current.cursor : "", false), [ask]);
  const anew = useCallback(() => ask("", true), [ask]);
  const places = useCallback((ids: readonly string[]) => countPlaces(now.current, ids), []);
  const { images, gone, cursor, isAsking } = browsed;
  const shown = useMemo(() => (gone.size ? (images?.filter((one) => !gone.has(one.id)) ?? null) : images), [images, gone]);
  const isDrained = shown?.length === 0 && cursor !== "" && !isAsking; // all that had come was deleted
  useEffect(() => {
    if (isDrained) more();
  }, [isDrained, more]);
  useEffect(() => {
    if (!isBack()) ask("", true); // after the effect above: what that asks for of the list before is over at once
    return () => running.current?.abort();
  }, [ask, isBack]);
  return { ...browsed, images: shown, more, again, anew, places, take };
}
