// What is shown of one picture that is opened? The picture large, or beside the query, and what is known about it.

import type { ReactNode } from "react";

import type { Hit, Image } from "../api/client.ts";
import { nameOf } from "../api/naming.ts";
import { kinship } from "../answers/kinship.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { IconButton } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { Notice } from "../parts/Notice.tsx";
import { useArrowKeys } from "../parts/useArrowKeys.ts";
import { isByWords, type Query } from "../query/query.ts";
import { Actions } from "./Actions.tsx";
import { About, MoreOf, Why } from "./Facts.tsx";
import styles from "./HitDialog.module.css";
import { useGoingOn } from "./useGoingOn.ts";
import { useImage } from "./useImage.ts";
import { Views } from "./Views.tsx";

interface HitDialogProps {
  id: string;
  /** Those among which one can go on, in their order: hits of a query, or pictures that are browsed. */
  among: readonly (Image | Hit)[];
  /** What the hits answer; null where nothing is searched with. */
  query: Query | null;
  onOpen: (id: string) => void;
  /** Called where few are left to go on to, or the one that is opened is not among them, so that more come. */
  onNearEnd?: () => void;
  onClose: () => void;
  /** Shown below the actions. */
  children?: (image: Image) => ReactNode;
}

const isHit = (image: Image | Hit): image is Hit => "tier" in image;

export function HitDialog({ id, among, query, onOpen, onNearEnd, onClose, children }: HitDialogProps) {
  const { hit: said, search } = useMessages();
  const formats = useFormats();
  const place = among.findIndex((one) => one.id === id);
  const { image, error } = useImage(id, among[place]);
  const hit = image && isHit(image) ? image : null;
  const to = (one: Image | Hit | undefined) => one && (() => onOpen(one.id));
  const previous = to(among[place - 1]);
  const next = place === -1 ? undefined : to(among[place + 1]);
  useArrowKeys(previous, next);
  useGoingOn(place, among.length, onNearEnd);

  const steps = among.length > 1 && (
    <>
      <IconButton icon="left" label={said.previous} disabled={!previous} onClick={() => previous?.()} />
      <IconButton icon="right" label={said.next} disabled={!next} onClick={() => next?.()} />
    </>
  );
  return (
    <Dialog title={image ? nameOf(image) : said.picture} look="whole" onClose={onClose} actions={steps}>
      {image ? (
        <div className={styles.hit}>
          <Views image={image} hit={hit} query={query} onPrevious={previous} onNext={next} />
          <div className={styles.panel}>
            {hit && query && (
              <p className={styles.kinship} data-tier={hit.tier} data-kinship>
                {kinship(hit, isByWords(query), search, formats)}
              </p>
            )}
            <Actions image={image} />
            {children?.(image)}
            {hit && query && <Why hit={hit} />}
            <About image={image} />
            <MoreOf image={image} />
          </div>
        </div>
      ) : (
        <div className={styles.missing}>{error !== null && <Notice error={error} />}</div>
      )}
    </Dialog>
  );
}
