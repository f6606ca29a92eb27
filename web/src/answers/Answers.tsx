// What are the answers? A headline, and hits in three groups: the very picture, edited copies, what is similar.

import { useCallback, useEffect, useMemo, useRef, type ReactNode } from "react";

import { href } from "../address/address.ts";
import type { Hit } from "../api/client.ts";
import { lanesIn, widthOf } from "../masonry/layout.ts";
import { Masonry } from "../masonry/Masonry.tsx";
import { Skeletons } from "../masonry/Skeletons.tsx";
import { useExtent } from "../masonry/useExtent.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Empty } from "../parts/Empty.tsx";
import { Notice } from "../parts/Notice.tsx";
import { Reason } from "../parts/Reason.tsx";
import { EMPTY, MOST, MOST_SORTED, isByWords, questionOf, sayView, type View } from "../query/query.ts";
import { leavesOut } from "../query/terms.ts";
import styles from "./Answers.module.css";
import { PictureGone } from "./asking.ts";
import { mayHoldMore, type Groups } from "./groups.ts";
import { Nothing } from "./Nothing.tsx";
import { headline } from "./status.ts";
import { CAPTION_HEIGHT, Tile } from "./Tile.tsx";
import type { useAnswers } from "./useAnswers.ts";

interface AnswersProps {
  view: View;
  answers: ReturnType<typeof useAnswers>;
  groups: Groups;
  /** Stands between the headline and the groups: filters. */
  children: ReactNode;
}

const keyOf = (hit: Hit) => hit.id;
const ratioOf = (hit: Hit) => hit.width / hit.height;

export function Answers({ view, answers, groups, children }: AnswersProps) {
  const { search, frame } = useMessages();
  const formats = useFormats();
  const { hits, first, error, isAsking, more, again, cursor } = answers;
  const byWords = isByWords(view);
  const { least, most, sort } = view;
  const shown = groups.identical.length + groups.edited.length + groups.similar.length + groups.far.length;
  const isStale = answers.question !== questionOf(view);
  const isToldFirst = shown === 0 || sort !== "best"; // what an order of their own lacks may belong to the top
  const goesOn = cursor !== "" && mayHoldMore(hits, view);

  useEffect(() => {
    if (sort !== "best") more(); // an order of their own needs all of them
  }, [sort, more, hits]);
  useEffect(() => more(), [least, most, more]); // a slider was moved: what it allows may not be there yet

  const isNarrowed = view.where !== "" || (first?.understood ? leavesOut(first.understood) : false);
  const answered = first && headline(groups, { byWords, isNarrowed, given: hits.length }, search);
  const title = answered ?? (error === null ? search.asking : frame.refused);
  return (
    <section className={styles.answers} aria-label={title} aria-busy={isAsking}>
      <div className={styles.head}>
        <Headline text={title} />
        {first && !isStale && <p className={styles.took}>{search.found(formats.number(shown), formats.number(Math.round(first.took_ms)))}</p>}
      </div>
      {children}
      {first?.remarks.map((remark, n) => (
        <p key={remark} className={styles.remark}>
          <Reason reason={remark} wording={first.wordings[n]} />
        </p>
      ))}
      {error !== null && isToldFirst && <Trouble error={error} again={again} />}
      {!first && isAsking && <Skeletons />}
      {first && (
        <div className={styles.groups} data-stale={isStale || undefined}>
          <GroupList groups={groups} view={view} byWords={byWords} more={more} />
          {shown === 0 && !isStale && <Nothing view={view} given={hits.length} understood={first.understood} />}
          {error !== null && !isToldFirst && <Trouble error={error} again={again} />}
          {shown > 0 && error === null && (
            <p className={styles.end} role="status">
              {goesOn ? search.loadingMore : hits.length >= (sort === "best" ? MOST : MOST_SORTED) ? search.capped(formats.number(hits.length)) : search.allShown(formats.number(shown))}
            </p>
          )}
        </div>
      )}
    </section>
  );
}

/** The answer in one line; it takes the focus when what had it is gone, so that keys stay near. */
function Headline({ text }: { text: string }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) ref.current?.focus({ preventScroll: true });
  }, [text]);
  return (
    <div aria-live="polite">
      <h1 ref={ref} tabIndex={-1} data-status>
        {text}
      </h1>
    </div>
  );
}

function Trouble({ error, again }: { error: unknown; again: () => void }) {
  const { search } = useMessages();
  if (error instanceof PictureGone) {
    return (
      <Empty icon="image" title={search.gone.title}>
        <p>{search.gone.detail}</p>
        <p>{search.gone.fix}</p>
      </Empty>
    );
  }
  return <Notice error={error} again={again} />;
}

interface GroupListProps {
  groups: Groups;
  view: View;
  byWords: boolean;
  more: () => void;
}

function GroupList({ groups, view, byWords, more }: GroupListProps) {
  const { search } = useMessages();
  const { identical, edited, similar, far } = groups;
  const any = identical.length + edited.length + similar.length > 0;
  const farTitle = any ? (byWords ? search.groups.farWords : search.groups.far) : search.groups.nearest;
  const note = any ? "" : byWords ? search.nearestNoteWords : search.nearestNote;
  const last = NAMES.findLast((name) => groups[name].length > 0);
  const shared = (name: keyof Groups) => ({ view, byWords, ...(name === last && { more }) });
  const ref = useRef<HTMLDivElement>(null);
  const { width } = useExtent(ref);
  const lanes = lanesIn(width);
  const shelf = fitsOnAShelf(groups, lanes) ? widthOf(identical.length, lanes, width) : undefined;
  return (
    <>
      <div ref={ref} className={styles.sure} style={shelf === undefined ? {} : { gridTemplateColumns: `${shelf}px minmax(0, 1fr)` }}>
        <Group name="identical" title={search.groups.identical} hits={identical} {...shared("identical")} />
        <Group name="edited" title={search.groups.edited} hits={edited} {...shared("edited")} />
      </div>
      <Group name="similar" title={byWords ? search.groups.fits : search.groups.similar} hits={similar} {...shared("similar")} />
      <Group name="far" title={farTitle} note={note} hits={far} {...shared("far")} />
    </>
  );
}

/** Tell whether the first two groups stand side by side without leaving much empty. */
function fitsOnAShelf({ identical, edited }: Groups, lanes: number): boolean {
  const rest = lanes - identical.length;
  return identical.length > 0 && edited.length > 0 && rest > 0 && lanes > 2 && edited.length <= rest * 3;
}

const NAMES = ["identical", "edited", "similar", "far"] as const;

/** Stands for an id in a link. */
const PLACE = "__id__";

interface GroupProps {
  name: keyof Groups;
  title: string;
  note?: string;
  hits: Hit[];
  view: View;
  byWords: boolean;
  more?: () => void;
}

function Group({ name, title, note = "", hits, view, byWords, more }: GroupProps) {
  const formats = useFormats();
  const onNearEnd = useCallback(() => more?.(), [more]);
  // Made once: thousands of tiles only put their ids behind them.
  const open = useMemo(() => href("search", { ...sayView({ ...view, hit: "" }), hit: PLACE }), [view]);
  const similar = useMemo(() => href("search", sayView({ ...EMPTY, where: view.where, picture: { kind: "id", id: PLACE } })), [view.where]);
  if (!hits.length) return null;
  return (
    <section className={styles.group} data-group={name} aria-label={title}>
      <h2>
        {title} <span>{formats.number(hits.length)}</span>
      </h2>
      {note && <p className={styles.note}>{note}</p>}
      <Masonry items={hits} keyOf={keyOf} ratioOf={ratioOf} captionHeight={CAPTION_HEIGHT} label={title} onNearEnd={onNearEnd}>
        {(hit, { tabIndex, height }) => (
          <Tile
            hit={hit}
            byWords={byWords}
            height={height}
            tabIndex={tabIndex}
            to={open.replace(PLACE, hit.id)}
            similar={similar.replace(PLACE, hit.id)}
          />
        )}
      </Masonry>
    </section>
  );
}
