// How is one picture shown alone? Its thumbnail at once, then the original, and as close as one likes.

import { useEffect, useRef, useState } from "react";

import { thumbnail, type Image } from "../api/client.ts";
import { fileOf, nameOf } from "../api/naming.ts";
import { useMessages } from "../messages/Messages.tsx";
import { IconButton } from "../parts/Button.tsx";
import { Empty } from "../parts/Empty.tsx";
import { ServiceImage } from "../parts/ServiceImage.tsx";
import { useMissing } from "../parts/useMissing.ts";
import styles from "./Alone.module.css";
import { useZoom } from "./useZoom.ts";
import { isWorthShowing } from "./zooming.ts";

const SIDE = 1024;
/** Whoever goes past a picture sooner has not looked at it. */
const LOOKED_AT_MS = 300;

/** Tell whether the original is to be shown: after a moment; where it would first come from the web, once somebody looks closely. */
function useOriginal(image: Image, isZoomed: boolean): boolean {
  const [isLookedAt, setLookedAt] = useState(false);
  const isWanted = isZoomed || image.uri.startsWith("file:");
  useEffect(() => {
    if (!isWanted) return;
    const waiting = setTimeout(() => setLookedAt(true), LOOKED_AT_MS);
    return () => clearTimeout(waiting);
  }, [isWanted]);
  return isLookedAt && isWorthShowing(image, SIDE, matchMedia("(prefers-reduced-motion: reduce)").matches);
}

/** Must be drawn anew for another picture, by a key. */
export function Alone({ image }: { image: Image }) {
  const { search } = useMessages();
  const { isMissing, onMissing } = useMissing();
  if (isMissing) return <Empty icon="image" title={image.format.toUpperCase()}>{search.notShown}</Empty>;
  return <Zoomable image={image} onMissing={onMissing} />;
}

function Zoomable({ image, onMissing }: { image: Image; onMissing: () => void }) {
  const { hit } = useMessages();
  const place = useRef<HTMLDivElement>(null);
  const { zoom, isZoomed, isLargest, by, step, listeners } = useZoom(place, image);
  const showsOriginal = useOriginal(image, isZoomed);
  const [isThere, setThere] = useState(false);
  const alt = image.caption || nameOf(image);
  const style = { transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})` };
  return (
    <div className={styles.alone}>
      <div ref={place} className={styles.place} data-zoomed={isZoomed || undefined} {...listeners}>
        <ServiceImage src={thumbnail(image, SIDE)} alt={isThere ? "" : alt} style={style} draggable={false} hidden={isThere} onMissing={onMissing} />
        {showsOriginal && (
          <ServiceImage
            src={fileOf(image)}
            alt={isThere ? alt : ""}
            style={style}
            draggable={false}
            data-original={isThere || undefined}
            className={isThere ? undefined : styles.coming}
            onLoad={({ currentTarget }) => void currentTarget.decode().then(() => setThere(true), () => undefined)}
          />
        )}
      </div>
      <div className={styles.steps}>
        <IconButton icon="minus" label={hit.smaller} disabled={!isZoomed} onClick={() => by(1 / step)} />
        <IconButton icon="plus" label={hit.larger} disabled={isLargest} onClick={() => by(step)} />
      </div>
    </div>
  );
}
