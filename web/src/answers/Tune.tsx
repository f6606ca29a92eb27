// How many answers, how similar at least, and in which order?

import { useId } from "react";

import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { Menu } from "../parts/Menu.tsx";
import { MOST, SORTS, modesFor, mostOf, type Mode, type Sort, type View } from "../query/query.ts";
import styles from "./Tune.module.css";

interface TuneProps {
  view: View;
  onView: (view: View) => void;
}

const COUNTS = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, MOST];

export function Tune({ view, onView }: TuneProps) {
  const { search } = useMessages();
  const formats = useFormats();
  const id = useId();
  const { least, most, sort, mode, picture } = view;
  const place = COUNTS.findLastIndex((one) => one <= most);
  const changed = least > 0 || most !== MOST || sort !== "best" || mode !== "auto";
  return (
    <Menu label={search.tune} icon="sliders" pressed={changed}>
      {() => (
        <div className={styles.tune}>
          <div className={styles.line}>
            <label htmlFor={`${id}-least`}>{search.howSimilar}</label>
            <output htmlFor={`${id}-least`}>{least ? search.atLeast(formats.share(least / 100)) : search.anyLikeness}</output>
            <input
              id={`${id}-least`}
              type="range"
              min={0}
              max={95}
              step={5}
              value={least}
              onChange={({ target }) => onView({ ...view, least: Number(target.value) })}
            />
          </div>
          <div className={styles.line}>
            <label htmlFor={`${id}-most`}>{search.howMany}</label>
            <output htmlFor={`${id}-most`}>{search.upTo(formats.number(mostOf(view)))}</output>
            <input
              id={`${id}-most`}
              type="range"
              min={0}
              max={COUNTS.length - 1}
              value={Math.max(place, 0)}
              aria-valuetext={search.upTo(formats.number(most))}
              onChange={({ target }) => onView({ ...view, most: COUNTS[Number(target.value)] ?? MOST })}
            />
          </div>
          <div className={styles.line}>
            <label htmlFor={`${id}-sort`}>{search.sort}</label>
            <select id={`${id}-sort`} value={sort} onChange={({ target }) => onView({ ...view, sort: target.value as Sort })}>
              {SORTS.map((one) => (
                <option key={one} value={one}>
                  {search.sorts[one]}
                </option>
              ))}
            </select>
          </div>
          {picture && (
            <div className={styles.line}>
              <label htmlFor={`${id}-mode`}>{search.mode}</label>
              <select id={`${id}-mode`} value={mode} onChange={({ target }) => onView({ ...view, mode: target.value as Mode })}>
                {modesFor(view).map((one) => (
                  <option key={one} value={one}>
                    {search.modes[one]}
                  </option>
                ))}
              </select>
            </div>
          )}
          <Button
            small
            icon="undo"
            disabled={!changed}
            onClick={() => onView({ ...view, least: 0, most: MOST, sort: "best", mode: "auto" })}
          >
            {search.reset}
          </Button>
        </div>
      )}
    </Menu>
  );
}
