// What does the page for browsing show? All pictures that pass a filter, under headings, and what can be done with some.

import { useCallback, useEffect, useMemo, useState, type KeyboardEvent, type MouseEvent } from "react";

import { close, go, href, useAddress, type Way } from "../../address/address.ts";
import { isPlain } from "../../address/Link.tsx";
import type { Image } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import { ChangeActions } from "../../change/ChangeActions.tsx";
import { onNoted, type Change } from "../../change/changes.ts";
import { EditDialog } from "../../change/EditDialog.tsx";
import { useDeleting } from "../../change/useDeleting.ts";
import { FilterBar } from "../../filters/FilterBar.tsx";
import { HitDialog } from "../../hit/HitDialog.tsx";
import { Masonry } from "../../masonry/Masonry.tsx";
import { Skeletons } from "../../masonry/Skeletons.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { useAccess } from "../../session/Session.tsx";
import styles from "./BrowsePage.module.css";
import { NoPictures } from "./NoPictures.tsx";
import { OrderMenu } from "./OrderMenu.tsx";
import { SORTS, fromYear, runsOf } from "./order.ts";
import { SelectionBar } from "./SelectionBar.tsx";
import { BrowseTile, CAPTION_HEIGHT } from "./Tile.tsx";
import { Timeline } from "./Timeline.tsx";
import { useBrowsed } from "./useBrowsed.ts";
import { ALL, useGathering } from "./useGathering.ts";
import { useHeadings } from "./useHeadings.tsx";
import { useSelection } from "./useSelection.ts";
import { useTotal } from "./useTotal.ts";
import { readPlace, sayPlace, type Place } from "./view.ts";

/** How wide a column is at best: more and smaller pictures than among answers. */
const COLUMN = 220;

const keyOf = (image: Image) => image.id;
const ratioOf = (image: Image) => image.width / image.height;
const show = (place: Place, way: Way = {}) => go(href("browse", sayPlace(place)), way);

export function BrowsePage() {
  const { browse, frame } = useMessages();
  const formats = useFormats();
  const { said } = useAddress();
  const { may } = useAccess();
  const place = useMemo(() => readPlace(said), [said]);
  const { where, order, from, hit } = place;
  const { images, cursor, isAsking, error, more, again, anew, places, take } = useBrowsed(
    [where, fromYear(order, from)].filter(Boolean).join(" "),
    SORTS[order],
  );
  const [editing, setEditing] = useState<readonly Image[] | null>(null);
  const { total, come, seen, shift } = useTotal(where);
  const ids = useMemo(() => images?.map(keyOf) ?? [], [images]);
  const list = `${where} ${order} ${from}`;
  const { chosenIds, choose, stretch, chooseAll, chooseMore, clear } = useSelection(ids, list);
  const runs = useMemo(() => runsOf(images ?? [], order), [images, order]);
  const goesOn = cursor !== "";
  const { isGathering, brokeOff, gather, goOn, stop } = useGathering({ list, ids, runs, goesOn, isAsking, error, more, onCome: chooseMore });
  const isChoosing = chosenIds.size > 0;
  const mayWrite = may("write");

  useEffect(() => {
    document.title = `${frame.pages.browse} · Lookalike`;
  }, [frame]);

  useEffect(() => {
    const follow = (change: Change) => {
      if (change.kind === "gone") shift(-change.ids.length);
      if (change.kind === "back") shift(places(change.ids)); // a list that has come meanwhile lacks them: they are offered like others that come
      take(change);
    };
    return onNoted(follow);
  }, [take, shift, places]);
  const remove = useDeleting();
  const onSection = useCallback(
    (some: readonly string[]) => {
      const first = some[0];
      const mayHoldMore = goesOn && some.at(-1) === ids.at(-1);
      stop();
      if (mayHoldMore && first !== undefined && !some.every((id) => chosenIds.has(id))) gather(first);
      else chooseAll(some);
    },
    [goesOn, ids, chosenIds, gather, stop, chooseAll],
  );
  const sections = useHeadings({ runs, order, ids, chosen: chosenIds, goesOn, onAll: onSection });

  const open = useCallback((id: string) => href("browse", sayPlace({ ...place, hit: id })), [place]);
  const onTile = useCallback(
    (event: MouseEvent, id: string) => {
      if (event.shiftKey || (isChoosing && isPlain(event))) {
        event.preventDefault();
        choose(id, event.shiftKey);
      }
    },
    [choose, isChoosing],
  );

  function onKeyDown(event: KeyboardEvent) {
    const id = (event.target as Element).closest?.<HTMLElement>("[data-hit]")?.dataset.hit;
    const isAll = event.key === "a" && (event.ctrlKey || event.metaKey);
    if (event.key === "Escape" && isChoosing) chooseNone();
    else if (isAll && id) gather(ALL);
    else if (event.key === " " && id && (event.target as Element).matches("[data-item]")) choose(id, event.shiftKey);
    else if (event.key === "Delete" && !event.repeat && mayWrite && id && !isGathering) deleteSome(isChoosing ? [...chosenIds] : [id]);
    else return;
    event.preventDefault();
  }

  function chooseNone() {
    stop();
    clear();
  }

  function gatherOn() {
    again();
    goOn();
  }

  function deleteSome(some: readonly string[]) {
    chooseNone();
    remove(some);
  }

  const closeHit = () => close(href("browse", sayPlace({ ...place, hit: "" })));
  const isEmpty = images?.length === 0 && !goesOn;
  const isAwaited = !images?.length && !isEmpty;
  const chosen = useMemo(() => images?.filter((one) => chosenIds.has(one.id)) ?? [], [images, chosenIds]);
  const wrong = error instanceof Problem && error.slug === "bad-filter";
  return (
    <>
      <header className={styles.head}>
        <h1>{frame.pages.browse}</h1>
        {total !== null && <p data-count>{frame.pictures(total, formats.number(total))}</p>}
        <OrderMenu order={order} onOrder={(next) => show({ ...place, order: next, from: "" })} />
      </header>
      <div className={styles.tools}>
        <FilterBar where={where} invalid={wrong} onWhere={(next) => show({ ...place, where: next, from: "" })} />
      </div>
      <Timeline where={where} order={order} from={from} onFrom={(year) => show({ ...place, from: year }, { toTop: true })} />
      {come > 0 && (
        <p className={styles.come} role="status">
          <Button
            small
            icon="again"
            onClick={() => {
              chooseNone();
              seen();
              anew();
              scrollTo(0, 0);
            }}
          >
            {browse.come(formats.number(come), come === 1)}
          </Button>
        </p>
      )}
      {error !== null && !images?.length && <Notice error={error} again={again} />}
      {isAwaited && isAsking && <Skeletons />}
      {isEmpty && <NoPictures filtered={where !== "" || from !== ""} onAll={() => show({ ...place, where: "", from: "" })} />}
      {images && images.length > 0 && (
        // The keys work on the pictures' own links and boxes, which are within.
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions
        <div className={styles.wall} data-choosing={isChoosing || undefined} onKeyDown={onKeyDown}>
          <p id="browse-keys" className="away">
            {browse.keys}
          </p>
          <Masonry
            column={COLUMN}
            items={images}
            keyOf={keyOf}
            ratioOf={ratioOf}
            captionHeight={CAPTION_HEIGHT}
            label={frame.pages.browse}
            sections={sections}
            onNearEnd={more}
            onMove={(at, to, event) => {
              if (event.shiftKey) stretch(ids[at] ?? "", ids[to] ?? "");
            }}
          >
            {(image, { tabIndex, height }) => (
              <BrowseTile
                image={image}
                height={height}
                tabIndex={tabIndex}
                isChosen={chosenIds.has(image.id)}
                to={open(image.id)}
                onTile={onTile}
                onChoose={choose}
              />
            )}
          </Masonry>
          {error !== null ? (
            <Notice error={error} again={again} />
          ) : (
            <p className={styles.end} role="status">
              {goesOn ? (isAsking ? browse.loading : "") : browse.all(formats.number(images.length))}
            </p>
          )}
        </div>
      )}
      {isChoosing && (
        <SelectionBar
          chosen={chosen}
          mayWrite={mayWrite}
          onClear={chooseNone}
          onStop={isGathering ? stop : null}
          onGoOn={brokeOff ? gatherOn : null}
          onEdit={() => setEditing(chosen)}
          onDelete={() => deleteSome([...chosenIds])}
        />
      )}
      {editing && <EditDialog images={editing} onClose={() => setEditing(null)} />}
      {hit && (
        <HitDialog id={hit} among={images ?? []} query={null} onOpen={(id) => show({ ...place, hit: id }, { replace: true })} onNearEnd={more} onClose={closeHit}>
          {(image) => (
            <ChangeActions
              image={image}
              onDelete={() => {
                closeHit();
                deleteSome([image.id]);
              }}
            />
          )}
        </HitDialog>
      )}
    </>
  );
}
