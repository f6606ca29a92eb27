// How do the query and a hit agree, laid over one another? With a slider, or blinking from one to the other.

import { useEffect, useId, useRef, useState } from "react";

import { thumbnail, type Hit } from "../api/client.ts";
import { useExtent } from "../masonry/useExtent.ts";
import { useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { ServiceImage } from "../parts/ServiceImage.tsx";
import { Framed } from "./Framed.tsx";
import { matrix3d } from "./geometry.ts";
import styles from "./Laid.module.css";

interface LaidProps {
  hit: Hit;
  /** Where the browser finds the query's picture. */
  source: string;
  name: string;
  /** What the query and the hit are called. */
  names: readonly [string, string];
  blinks: boolean;
}

/** Slow enough to look at, and far below three flashes a second. Source: WCAG 2.1, 2.3.1 */
const BLINK_MS = 700;

export function Laid({ hit, source, name, names, blinks }: LaidProps) {
  const { hit: said } = useMessages();
  const id = useId();
  const [opacity, setOpacity] = useState(0.5);
  const [isOver, setOver] = useState(true);
  const [plays, setPlays] = useState(() => !matchMedia("(prefers-reduced-motion: reduce)").matches);
  useEffect(() => {
    if (!blinks || !plays) return;
    const beat = setInterval(() => setOver((now) => !now), BLINK_MS);
    return () => clearInterval(beat);
  }, [blinks, plays]);
  const shown = blinks ? (isOver ? 1 : 0) : opacity;
  return (
    <div className={styles.laid}>
      <Framed source={thumbnail(hit, 1024)} alt={name} ratio={hit.width / hit.height}>
        <Over homography={hit.evidence.regions[0]?.homography ?? []} source={source} opacity={shown} alt={names[0]} />
      </Framed>
      <div className={styles.controls}>
        {blinks ? (
          <>
            <Button small icon={plays ? "pause" : "play"} onClick={() => setPlays(!plays)}>
              {plays ? said.pause : said.play}
            </Button>
            <Button small icon="blink" onClick={() => setOver(!isOver)}>
              {said.showOther}
            </Button>
            <span className={styles.which}>{isOver ? names[0] : names[1]}</span>
          </>
        ) : (
          <>
            <label htmlFor={id}>{said.opacity}</label>
            <input
              id={id}
              type="range"
              min={0}
              max={100}
              value={Math.round(opacity * 100)}
              onChange={({ target }) => setOpacity(Number(target.value) / 100)}
            />
          </>
        )}
      </div>
    </div>
  );
}

interface OverProps {
  homography: readonly number[];
  source: string;
  opacity: number;
  alt: string;
}

function Over({ homography, source, opacity, alt }: OverProps) {
  const ref = useRef<HTMLDivElement>(null);
  const { width, height } = useExtent(ref);
  return (
    <div ref={ref} className={styles.over} aria-hidden={opacity === 0}>
      {width > 0 && height > 0 && <ServiceImage src={source} alt={alt} style={{ opacity, transform: matrix3d(homography, width, height) }} />}
    </div>
  );
}
