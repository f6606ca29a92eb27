// How are very many pictures shown under headings? As a masonry, of which only what is in sight is in the document.

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { inSight, layOut } from "./layout.ts";
import { shape } from "./Masonry.tsx";
import { moved } from "./moves.ts";
import { useExtent } from "./useExtent.ts";
import styles from "./Wall.module.css";

export interface WallSection {
  key: string;
  /** The index of its first item. */
  from: number;
  /** Its heading, and whatever stands beside that. */
  head: ReactNode;
  label: string;
}

interface WallProps<Item> {
  items: readonly Item[];
  keyOf: (item: Item) => string;
  ratioOf: (item: Item) => number;
  captionHeight: number;
  label: string;
  sections: readonly WallSection[];
  column?: number;
  onNearEnd?: () => void;
  /** Called when a key leads from one item to another. */
  onMove?: (from: number, to: number, event: KeyboardEvent) => void;
  children: (item: Item, at: { index: number; tabIndex: 0 | -1; height: number }) => ReactNode;
}

const GAP = 12;
const HEAD = 58;
const BAR = 76;
const TALLEST = 1_600;
/** How far beyond the window is drawn, and by which steps what is drawn follows scrolling. */
const AHEAD = 900;
const STEP = 300;

/** Follow the window's scrolling, in steps. */
function useScrolled(): number {
  const [scrolled, setScrolled] = useState(() => Math.round(scrollY / STEP) * STEP);
  useEffect(() => {
    const follow = () => setScrolled(Math.round(scrollY / STEP) * STEP);
    addEventListener("scroll", follow, { passive: true });
    return () => removeEventListener("scroll", follow);
  }, []);
  return scrolled;
}

export function Wall<Item>(props: WallProps<Item>) {
  const { items, keyOf, ratioOf, captionHeight, label, sections, column = 220, onNearEnd, onMove, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const { width, top } = useExtent(box);
  const scrolled = useScrolled();
  const [active, setActive] = useState(0);
  const wanted = useRef<number | null>(null);
  const hasFocus = useRef(false);
  const lanes = Math.max(2, Math.round((width + GAP) / (column + GAP)));
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

  const drawn = (section: WallSection, n: number) => {
    const end = Math.min(sections[n + 1]?.from ?? places.length, places.length);
    const indices = [];
    for (let index = Math.max(from, section.from); index < Math.min(to, end); index += 1) indices.push(index);
    if (current >= section.from && current < end && (current < from || current >= to)) indices.push(current);
    return indices;
  };
  const all = sections.length ? sections : [{ key: "", from: 0, head: null, label }];
  return (
    // The arrows move between the items' own links, as in a grid; the wall itself is not pressed.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={box}
      className={styles.wall}
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
          <section key={section.key} aria-label={section.label}>
            {section.head && (
              <div className={styles.head} style={{ top: heads[n], height: HEAD }}>
                {section.head}
              </div>
            )}
            <ul>
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
