// How does one hit look in the grid? Its picture, how sure it is, what was done to it, its name.

import { memo } from "react";

import type { Hit } from "../api/client.ts";
import { Link } from "../address/Link.tsx";
import { nameOf } from "../api/naming.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { sideFor } from "../masonry/layout.ts";
import { Picture } from "../masonry/Picture.tsx";
import { SimilarLink } from "../masonry/SimilarLink.tsx";
import { translateEdits } from "../hit/edits.ts";
import { sharesRegion } from "./groups.ts";
import { kinship } from "./kinship.ts";
import styles from "./Tile.module.css";

interface TileProps {
  hit: Hit;
  byWords: boolean;
  height: number;
  tabIndex: 0 | -1;
  /** Where the opened hit is. */
  to: string;
  /** Where what is similar to it is. */
  similar: string;
}

/** What stands below the picture, in pixels: as the style sheet has it. */
export const CAPTION_HEIGHT = 62;

export const Tile = memo(function Tile({ hit, byWords, height, tabIndex, to, similar }: TileProps) {
  const { search, hit: about } = useMessages();
  const formats = useFormats();
  const edits = hit.tier === "edited" ? translateEdits(hit.evidence.transform, about.edits) : "";
  const name = nameOf(hit);
  const said = kinship(hit, byWords, search, formats);
  const kin = sharesRegion(hit) ? "part" : hit.tier;
  return (
    <article className={styles.tile} data-hit={hit.id} data-tier={hit.tier}>
      <Link
        to={to}
        data-item
        tabIndex={tabIndex}
        className={styles.picture}
        style={{ height }}
        aria-label={`${search.open(name)}: ${said}`}
        title={hit.path}
      >
        <Picture image={hit} alt="" size={sideFor(hit, height)} />
      </Link>
      <SimilarLink to={similar} name={name} />
      <div className={styles.below}>
        <p className={styles.kinship} data-kin={kin}>
          <span className={styles.meter} aria-hidden="true">
            <span style={{ width: `${Math.round(hit.confidence * 100)}%` }} />
          </span>
          {said}
        </p>
        {edits ? (
          <p className={styles.quiet} data-transform title={edits}>
            {edits}
          </p>
        ) : (
          <p className={styles.quiet} data-name>
            {name}
          </p>
        )}
      </div>
    </article>
  );
});
