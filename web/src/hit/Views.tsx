// In which ways can a hit be looked at? Alone, beside the query, under it, or in turns with it.

import { useState } from "react";

import { thumbnail, type Hit, type Image } from "../api/client.ts";
import { nameOf } from "../api/naming.ts";
import { useMessages } from "../messages/Messages.tsx";
import type { Messages } from "../messages/catalogue.ts";
import { Button } from "../parts/Button.tsx";
import type { IconName } from "../parts/Icon.tsx";
import type { Query } from "../query/query.ts";
import { usePicture } from "../query/usePicture.ts";
import { Alone } from "./Alone.tsx";
import { Drawn } from "./Drawn.tsx";
import { Framed } from "./Framed.tsx";
import { Laid } from "./Laid.tsx";
import { useEnlarged, useSwiping } from "./swiping.ts";
import styles from "./Views.module.css";

type Way = "picture" | "side" | "overlay" | "blink";

const ICONS: Record<Way, IconName> = { picture: "image", side: "side", overlay: "layers", blink: "blink" };

const LABELS = (said: Messages["hit"]): Record<Way, string> => ({
  picture: said.picture,
  side: said.side,
  overlay: said.overlay,
  blink: said.blink,
});

/** Give the ways that make sense: nothing can be laid over another where no region matched. */
function waysFor(query: Query | null, evidence: Hit | null): Way[] {
  if (!query?.picture || !evidence) return ["picture"];
  return evidence.evidence.regions.length ? ["side", "overlay", "blink", "picture"] : ["picture", "side"];
}

interface ViewsProps {
  image: Image;
  /** What the query and the picture are called; "yours" and "in the gallery" where nothing is said. */
  names?: readonly [string, string];
  /** What to begin with, where it makes sense. */
  begin?: Way;
  /** The hit, where it answers a query. */
  hit: Hit | null;
  query: Query | null;
  /** Where a finger leads that wipes over it. */
  onPrevious?: (() => void) | undefined;
  onNext?: (() => void) | undefined;
}

export function Views({ image, hit, query, names, begin, onPrevious, onNext }: ViewsProps) {
  const { hit: said } = useMessages();
  const ways = waysFor(query, hit);
  const [chosen, setChosen] = useState<Way | null>(begin ?? null);
  const swiping = useSwiping(onPrevious, onNext);
  const isEnlarged = useEnlarged();
  const way = chosen && ways.includes(chosen) ? chosen : (ways[0] ?? "picture");
  return (
    <div className={styles.views}>
      <div className={styles.stage} data-way={way} data-enlarged={isEnlarged || undefined} {...swiping}>
        {way === "picture" || !hit || !query?.picture ? <Alone key={image.id} image={image} /> : <Beside hit={hit} query={query} way={way} names={names ?? [said.yours, said.theirs]} />}
      </div>
      {ways.length > 1 && (
        <div className={styles.ways} role="group" aria-label={said.ways}>
          {ways.map((one) => (
            <Button key={one} look="bare" small icon={ICONS[one]} aria-pressed={way === one} onClick={() => setChosen(one)}>
              <span>{LABELS(said)[one]}</span>
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

interface BesideProps {
  hit: Hit;
  query: Query;
  way: Exclude<Way, "picture">;
  names: readonly [string, string];
}

function Beside({ hit, query, way, names }: BesideProps) {
  const shown = usePicture(query.picture);
  const [missing, setMissing] = useState("");
  if (!shown || !query.picture) return null;
  const source = shown.source === missing ? "" : shown.source;
  if (!source) {
    return <Drawn picture={query.picture} crop={query.crop} id={hit.id} draw={way === "side" ? "side_by_side" : "overlay"} />;
  }
  if (way !== "side") return <Laid key={way} hit={hit} source={source} name={nameOf(hit)} names={names} blinks={way === "blink"} />;
  const { regions } = hit.evidence;
  return (
    <div className={styles.side}>
      <Framed source={source} alt={names[0]} caption={names[0]} regions={regions.map((one) => one.query)} onMissing={() => setMissing(source)} />
      <Framed
        source={thumbnail(hit, 1024)}
        alt={nameOf(hit)}
        caption={names[1]}
        ratio={hit.width / hit.height}
        regions={regions.map((one) => one.image)}
      />
    </div>
  );
}
