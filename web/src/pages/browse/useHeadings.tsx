// How are the headings between the pictures written? With a box that chooses all below it.

import { useMemo } from "react";

import type { Section } from "../../masonry/Masonry.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { UPLOADS, type OrderName, type Run } from "./order.ts";
import styles from "./Headings.module.css";

interface HeadingsProps {
  runs: readonly Run[];
  order: OrderName;
  ids: readonly string[];
  chosen: ReadonlySet<string>;
  /** Whether more pictures follow, so that nobody knows yet how many the last run holds. */
  goesOn: boolean;
  onAll: (ids: readonly string[]) => void;
}

export function useHeadings({ runs, order, ids, chosen, goesOn, onAll }: HeadingsProps): Section[] {
  const { browse } = useMessages();
  const formats = useFormats();
  return useMemo(
    () =>
      runs.map(({ key, from, count }, n) => {
        const inside = ids.slice(from, from + count);
        const isFolder = order === "folder";
        const text = key === UPLOADS ? browse.uploaded : isFolder ? key : key === "" ? browse.undated : order === "added" ? formats.day(key) : formats.month(key);
        const all = inside.every((id) => chosen.has(id));
        const short = isFolder && key !== UPLOADS ? (key.split("/").filter(Boolean).pop() ?? key) : text;
        const head = (
          <div className={styles.heading}>
            <h2 title={isFolder ? key : undefined}>
              {isFolder && <Icon name="folder" size={18} />}
              <bdi>{short}</bdi>
            </h2>
            {(!goesOn || n < runs.length - 1) && <span className={styles.count}>{formats.number(count)}</span>}
            <button
              type="button"
              aria-pressed={all}
              aria-label={browse.chooseAll(text)}
              title={browse.chooseAll(text)}
              onClick={() => onAll(inside)}
            >
              <Icon name="check" size={16} />
            </button>
          </div>
        );
        return { key: `${key} ${from}`, from, label: text, head };
      }),
    [runs, order, ids, chosen, goesOn, onAll, browse, formats],
  );
}
