// How does one picture look while browsing? Its picture and name, and a box to choose it.

import { memo, type MouseEvent } from "react";

import { href } from "../../address/address.ts";
import { Link } from "../../address/Link.tsx";
import type { Image } from "../../api/client.ts";
import { nameOf } from "../../api/naming.ts";
import { sideFor } from "../../masonry/layout.ts";
import { Picture } from "../../masonry/Picture.tsx";
import { SimilarLink } from "../../masonry/SimilarLink.tsx";
import { useMessages } from "../../messages/Messages.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { EMPTY, sayView } from "../../query/query.ts";
import styles from "./Tile.module.css";

interface TileProps {
  image: Image;
  height: number;
  tabIndex: 0 | -1;
  isChosen: boolean;
  to: string;
  onTile: (event: MouseEvent, id: string) => void;
  onChoose: (id: string, range: boolean) => void;
}

/** What stands below the picture, in pixels. */
export const CAPTION_HEIGHT = 26;

export const BrowseTile = memo(function BrowseTile({ image, height, tabIndex, isChosen, to, onTile, onChoose }: TileProps) {
  const { search, browse } = useMessages();
  const name = nameOf(image);
  return (
    <article className={styles.tile} data-hit={image.id} data-chosen={isChosen || undefined}>
      <Link
        to={to}
        data-item
        tabIndex={tabIndex}
        className={styles.picture}
        style={{ height }}
        aria-label={search.open(name)}
        aria-describedby="browse-keys"
        title={image.path}
        onClick={(event) => onTile(event, image.id)}
      >
        <Picture image={image} alt="" size={sideFor(image, height)} />
      </Link>
      <label className={styles.choose} title={browse.choose(name)}>
        <input
          type="checkbox"
          tabIndex={tabIndex}
          checked={isChosen}
          aria-label={browse.choose(name)}
          onClick={(event) => event.stopPropagation()}
          onChange={({ nativeEvent }) => onChoose(image.id, nativeEvent instanceof globalThis.MouseEvent && nativeEvent.shiftKey)}
        />
        <span>
          <Icon name="check" size={16} />
        </span>
      </label>
      <SimilarLink
        to={href("search", sayView({ ...EMPTY, picture: { kind: "id", id: image.id } }))}
        name={name}
        className={styles.similar}
      />
      <p className={styles.name} data-name>
        {name}
      </p>
    </article>
  );
});
