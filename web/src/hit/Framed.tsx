// How is one picture shown as large as its place allows, with regions outlined on it?

import { useState, type ReactNode } from "react";

import { ServiceImage } from "../parts/ServiceImage.tsx";
import styles from "./Framed.module.css";
import { points, type Polygon } from "./geometry.ts";

interface FramedProps {
  source: string;
  alt: string;
  /** Width by height, where it is known before the picture is there. */
  ratio?: number;
  regions?: readonly Polygon[];
  caption?: string;
  onMissing?: () => void;
  children?: ReactNode;
}

export function Framed({ source, alt, ratio, regions = [], caption, onMissing, children }: FramedProps) {
  const [natural, setNatural] = useState(1);
  const shape = ratio ?? natural;
  return (
    <figure className={styles.place}>
      <div className={styles.frame} style={{ aspectRatio: shape, width: `min(100cqw, calc(var(--room) * ${shape}))` }}>
        <ServiceImage
          src={source}
          alt={alt}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setNatural(naturalWidth / naturalHeight || 1)}
          onMissing={onMissing}
        />
        {children}
        {regions.length > 0 && (
          <svg className={styles.regions} viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
            {regions.map((polygon, n) => (
              <g key={n}>
                <polygon points={points(polygon)} className={styles.halo} />
                <polygon points={points(polygon)} className={styles.outline} />
              </g>
            ))}
          </svg>
        )}
      </div>
      {caption && <figcaption>{caption}</figcaption>}
    </figure>
  );
}
