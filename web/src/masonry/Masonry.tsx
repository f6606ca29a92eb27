// How are very many pictures shown at once? In columns, of which only what is in sight is in the document.

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { GAP, inSight, lanesIn, layOut, shape } from "./layout.ts";
import styles from "./Masonry.module.css";
import { moved } from "./moves.ts";
import { useExtent } from "./useExtent.ts";
import { useScrolled } from "./useScrolled.ts";

export interface Section {
  key: string;
  /** The index of its first item. */
  from: number;
  /** Its heading, and whatever stands beside that. */
  head: ReactNode;
  label: string;
}

interface MasonryProps<Item> {
  items: readonly Item[];
  keyOf: (item: Item) => string;
  /** Width by height of an item's picture. */
  ratioOf: (item: Item) => number;
  /** What stands below each picture, in pixels. */
  captionHeight: number;
  label: string;
  /** Headings among the items; without any, they stand in one list. */
  sections?: readonly Section[];
  /** How wide a column would be at best. */
  column?: number;
  /** Called when what is in sight comes near the end. */
  onNearEnd?: () => void;
  /** Called when a key leads from one item to another. */
  onMove?: (from: number, to: number, event: KeyboardEvent) => void;
  /** Draw an item; its link or button takes `tabIndex`, and `data-item`. */
  children: (item: Item, at: { index: number; tabIndex: 0 | -1; height: number }) => ReactNode;
}

const NONE: readonly Section[] = [];
const HEAD = 58;
const BAR = 76;
const TALLEST = 1_600;
/** How far beyond the window is drawn. */
const AHEAD = 900;

export function Masonry<Item>(props: MasonryProps<Item>) {
  const { items, keyOf, ratioOf, captionHeight, label, sections = NONE, column, onNearEnd, onMove, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const { width, top } = useExtent(box);
  const scrolled = useScrolled();
  const [active, setActive] = useState(0);
  const wanted = useRef<number | null>(null);
  const hasFocus = useRef(false);
  const lanes = lanesIn(width, column);
  const laneWidth = (width - GAP * (lanes - 1)) / lanes;
  const layout = useMemo(() => {
    const heights = width ? items.map((item) => Math.round(laneWidth / shape(ratioOf(item))) + captionHeight) : [];
    return layOut(heights, sections.map((one) => one.from), { lanes, gap: GAP, headHeight: HEAD });
  }, [items, sections, width, lanes, laneWidth, captionHeight, ratioOf]);
  const { places, heads, height } = layout;
  const current = Math.min(active, places.length - 1);
  const [from, to] = inSight(places, scrolled - top - AHEAD, scrolled - top + innerHeight + AHEAD, TALLEST);

  useEffect(() => {
    if (items.length > 0 && to >= items.length) onNearEnd?.();
  }, [to, items.length, onNearEnd]);

  useLayoutEffect(() => {
    const isLost = hasFocus.current && document.activeElement === document.body; // what had it was deleted
    if (isLost) wanted.current ??= current;
    if (wanted.current === null) return;
    const found = box.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] [data-item]`);
    if (!found) return;
    wanted.current = null;
    found.focus({ preventScroll: true });
  });

  const bringInto = useCallback(
    (index: number) => {
      const place = places[index];
      if (!place) return;
      const [start, end] = [place.start + top, place.end + top];
      if (start < scrollY + BAR) scrollTo({ top: start - BAR });
      else if (end > scrollY + innerHeight - BAR) scrollTo({ top: end - innerHeight + BAR });
    },
    [places, top],
  );

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target as Element).matches("[data-item]")) return;
    const next = moved(places, current, event.key);
    if (next === undefined) return;
    event.preventDefault();
    wanted.current = next;
    onMove?.(current, next, event);
    setActive(next);
    bringInto(next);
  }

  const drawn = (section: Section, n: number) => {
    const end = Math.min(sections[n + 1]?.from ?? places.length, places.length);
    const indices = [];
    for (let index = Math.max(from, section.from); index < Math.min(to, end); index += 1) indices.push(index);
    if (current >= section.from && current < end && (current < from || current >= to)) {
      if (current < from) indices.unshift(current);
      else indices.push(current);
    }
    return indices;
  };
  const all = sections.length ? sections : [{ key: "", from: 0, head: null, label: "" }];
  return (
    // The arrows move between the items' own links, as in a grid; the box itself is not pressed.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={box}
      className={styles.masonry}
      style={{ height }}
      onKeyDown={onKeyDown}
      onFocus={({ target }) => {
        hasFocus.current = true;
        setActive(Number(target.closest<HTMLElement>("[data-index]")?.dataset.index ?? current));
      }}
      onBlur={({ target }) => {
        hasFocus.current = !target.isConnected;
      }}
    >
      {all.map((section, n) => {
        const indices = drawn(section, n);
        if (!indices.length) return null;
        const count = Math.min(all[n + 1]?.from ?? items.length, items.length) - section.from;
        return (
          <section key={section.key} aria-label={section.label || undefined}>
            {section.head && (
              <div className={styles.head} style={{ top: heads[n], height: HEAD }}>
                {section.head}
              </div>
            )}
            <ul aria-label={section.head ? undefined : label}>
              {indices.map((index) => {
                const [item, place] = [items[index], places[index]];
                if (item === undefined || !place) return null;
                const x = Math.round(place.lane * (laneWidth + GAP));
                const size = place.end - place.start;
                return (
                  <li
                    key={keyOf(item)}
                    data-index={index}
                    aria-setsize={count}
                    aria-posinset={index - section.from + 1}
                    style={{ width: laneWidth, height: size, transform: `translate(${x}px, ${place.start}px)` }}
                  >
                    {children(item, { index, tabIndex: index === current ? 0 : -1, height: size - captionHeight })}
                  </li>
                );
              })}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
