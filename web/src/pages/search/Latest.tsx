// What has come in latest? Shown below the box while nothing is asked.

import { close, href, type Way } from "../../address/address.ts";
import { Link } from "../../address/Link.tsx";
import type { Image } from "../../api/client.ts";
import { nameOf } from "../../api/naming.ts";
import { ChangeActions } from "../../change/ChangeActions.tsx";
import { useDeleting } from "../../change/useDeleting.ts";
import { useMended } from "../../change/useMended.ts";
import { HitDialog } from "../../hit/HitDialog.tsx";
import { sideFor } from "../../masonry/layout.ts";
import { Masonry } from "../../masonry/Masonry.tsx";
import { Picture } from "../../masonry/Picture.tsx";
import { SimilarLink } from "../../masonry/SimilarLink.tsx";
import { Skeletons } from "../../masonry/Skeletons.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { buttonClass } from "../../parts/Button.tsx";
import { Empty } from "../../parts/Empty.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { EMPTY, sayView, type View } from "../../query/query.ts";
import styles from "./Latest.module.css";
import { useLatest } from "./useLatest.ts";

interface LatestProps {
  view: View;
  onView: (view: View, way?: Way) => void;
}

const keyOf = (image: Image) => image.id;
const ratioOf = (image: Image) => image.width / image.height;

const NONE: readonly Image[] = [];
const CAPTION_HEIGHT = 30;

export function Latest({ view, onView }: LatestProps) {
  const { search, frame } = useMessages();
  const formats = useFormats();
  const { images, total, error, again } = useLatest(view.hit !== "");
  const items = useMended(images ?? NONE, images);
  const remove = useDeleting();
  const closeHit = () => close(href("search", sayView({ ...view, hit: "" })));
  return (
    <section className={styles.latest} aria-label={search.latest}>
      {error !== null && <Notice error={error} again={again} />}
      {images && images.length > 0 && (
        <div className={styles.head}>
          <h2>{search.latest}</h2>
          <p data-count>{frame.pictures(total ?? images.length, formats.number(total ?? images.length))}</p>
          <Link to={href("browse")}>
            {search.browseAll} <Icon name="right" size={14} />
          </Link>
        </div>
      )}
      {!images && !error && <Skeletons />}
      {images?.length === 0 && (
        <Empty icon="image" title={search.emptyGallery.title}>
          <p>{search.emptyGallery.text}</p>
          <code>lookalike index ~/Pictures</code>
          <p>
            <Link to={href("upload")} className={buttonClass("main")}>
              {search.emptyGallery.upload}
            </Link>
          </p>
        </Empty>
      )}
      {images && (
        <Masonry
          items={items}
          keyOf={keyOf}
          ratioOf={ratioOf}
          captionHeight={CAPTION_HEIGHT}
          label={search.latest}
        >
          {(image, { tabIndex, height }) => <LatestTile image={image} tabIndex={tabIndex} height={height} view={view} />}
        </Masonry>
      )}
      {view.hit && (
        <HitDialog
          id={view.hit}
          among={items}
          query={null}
          onOpen={(hit) => onView({ ...view, hit }, { replace: true })}
          onClose={closeHit}
        >
          {(image) => (
            <ChangeActions
              image={image}
              onDelete={() => {
                closeHit();
                remove([image.id]);
              }}
            />
          )}
        </HitDialog>
      )}
      <p className="away" aria-live="polite">
        {total === null ? "" : frame.pictures(total, formats.number(total))}
      </p>
    </section>
  );
}

function LatestTile({ image, tabIndex, height, view }: { image: Image; tabIndex: 0 | -1; height: number; view: View }) {
  const { search } = useMessages();
  const name = nameOf(image);
  return (
    <article className={styles.tile} data-hit={image.id}>
      <Link
        to={href("search", sayView({ ...view, hit: image.id }))}
        data-item
        tabIndex={tabIndex}
        className={styles.picture}
        style={{ height }}
        aria-label={search.open(name)}
        title={image.path}
      >
        <Picture image={image} alt="" size={sideFor(image, height)} />
      </Link>
      <SimilarLink to={href("search", sayView({ ...EMPTY, picture: { kind: "id", id: image.id } }))} name={name} />
      <p className={styles.name} data-name>
        {name}
      </p>
    </article>
  );
}
