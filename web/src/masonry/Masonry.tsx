// How are thousands of pictures shown at once? In columns, of which only what is in sight is in the document.

import { defaultRangeExtractor, useWindowVirtualizer, type Range } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import styles from "./Masonry.module.css";
import { moved } from "./moves.ts";
import { useExtent } from "./useExtent.ts";

interface MasonryProps<Item> {
  items: readonly Item[];
  keyOf: (item: Item) => string;
  /** Width by height of an item's picture. */
  ratioOf: (item: Item) => number;
  /** What stands below each picture, in pixels. */
  captionHeight: number;
  label: string;
  /** How wide a column would be at best; on a phone there are always two. */
  column?: number;
  /** Called when what is in sight comes near the end. */
  onNearEnd?: () => void;
  /** Draw an item; its link or button takes `tabIndex`, and `data-item`. */
  children: (item: Item, at: { index: number; tabIndex: 0 | -1; height: number }) => ReactNode;
}

export const GAP = 14;
const BAR = 76;
const NARROWEST = 0.56;
const WIDEST = 2.2;

/** Keep panoramas and scrolls from ruling a whole column. */
export const shape = (ratio: number): number => Math.min(WIDEST, Math.max(NARROWEST, ratio || 1));

const COLUMN = 240;
const PHONE = 600;

/** Give how many columns fit; on a phone there are always two. */
export const lanesIn = (width: number, column = COLUMN): number =>
  Math.max(innerWidth < PHONE ? 2 : 1, Math.round((width + GAP) / (column + GAP)));

/** Give how wide some columns are together, of as many as fit. */
export const widthOf = (lanes: number, all: number, width: number): number => ((width + GAP) / all) * lanes - GAP;

export function Masonry<Item>({ items, keyOf, ratioOf, captionHeight, label, column = COLUMN, onNearEnd, children }: MasonryProps<Item>) {
  const list = useRef<HTMLUListElement>(null);
  const { width, top } = useExtent(list);
  const [active, setActive] = useState(0);
  const wanted = useRef<number | null>(null);
  const lanes = lanesIn(width, column);
  const laneWidth = (width - GAP * (lanes - 1)) / lanes;
  const current = Math.min(active, items.length - 1);

  const heightOf = (item: Item) => Math.round(laneWidth / shape(ratioOf(item)));
  const virtualizer = useWindowVirtualizer({
    count: width ? items.length : 0,
    lanes,
    gap: GAP,
    overscan: lanes * 3,
    scrollMargin: top,
    scrollPaddingStart: BAR,
    scrollPaddingEnd: BAR,
    estimateSize: (index) => {
      const item = items[index];
      return item === undefined ? 0 : heightOf(item) + captionHeight;
    },
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
    rangeExtractor: useCallback(
      (range: Range) => {
        const seen = defaultRangeExtractor(range);
        return current < 0 || seen.includes(current) ? seen : [...seen, current].sort((a, b) => a - b);
      },
      [current],
    ),
  });

  useLayoutEffect(() => virtualizer.measure(), [virtualizer, laneWidth, captionHeight, items]);

  const rows = virtualizer.getVirtualItems();
  const lastSeen = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (items.length > 0 && lastSeen >= items.length - lanes * 4) onNearEnd?.();
  }, [lastSeen, items.length, lanes, onNearEnd]);

  useEffect(() => {
    if (wanted.current === null) return;
    const found = list.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] [data-item]`);
    if (!found) return;
    wanted.current = null;
    found.focus({ preventScroll: true });
  });

  function onKeyDown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.target as Element).matches("[data-item]")) return;
    const to = moved(virtualizer.measurementsCache, current, event.key);
    if (to === undefined) return;
    event.preventDefault();
    wanted.current = to;
    setActive(to);
    virtualizer.scrollToIndex(to, { align: "auto" });
  }

  return (
    // The arrows move between the items' own links, as in a grid; the list itself is not pressed.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <ul
      ref={list}
      className={styles.masonry}
      style={{ height: virtualizer.getTotalSize() }}
      aria-label={label}
      onKeyDown={onKeyDown}
      onFocus={({ target }) => setActive(Number(target.closest<HTMLElement>("[data-index]")?.dataset.index ?? current))}
    >
      {rows.map(({ index, key, start, lane, size }) => {
        const item = items[index];
        if (item === undefined) return null;
        const x = Math.round(lane * (laneWidth + GAP));
        return (
          <li
            key={key}
            data-index={index}
            aria-setsize={items.length}
            aria-posinset={index + 1}
            style={{ width: laneWidth, height: size, transform: `translate(${x}px, ${start - top}px)` }}
          >
            {children(item, { index, tabIndex: index === current ? 0 : -1, height: size - captionHeight })}
          </li>
        );
      })}
    </ul>
  );
}
