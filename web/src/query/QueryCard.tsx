// What is searched with? The picture, on which a part can be drawn, its name, and what it shows in words.

import { lazy, Suspense, useEffect, useState } from "react";

import { fileOf } from "../api/naming.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Button, IconButton } from "../parts/Button.tsx";
import { ServiceImage } from "../parts/ServiceImage.tsx";
import { ServiceLink } from "../parts/ServiceLink.tsx";
import { Caption } from "./Caption.tsx";
import styles from "./QueryCard.module.css";
import type { Crop, QueryPicture } from "./query.ts";
import type Region from "./Region.tsx";
import { usePicture, type Shown } from "./usePicture.ts";

/** The picture alone, where a part of it cannot be chosen: the service has ended, or brought another version of the app. */
const Whole: typeof Region = ({ source, onMissing }) => {
  const { search } = useMessages();
  return <ServiceImage src={source} alt={search.yourPicture} onMissing={onMissing} />;
};

const DrawnOn = lazy(() => import("./Region.tsx").catch(() => ({ default: Whole })));

/** Where a part begins that is not drawn by hand. */
const MIDDLE: Crop = [0.2, 0.2, 0.6, 0.6];

interface QueryCardProps {
  picture: QueryPicture;
  crop: Crop | null;
  /** The words that describe it, where the answer says them. */
  description: string;
  onCrop: (crop: Crop | null) => void;
  onRemove: () => void;
  onWords: (words: string) => void;
}

export function QueryCard({ picture, crop, description, onCrop, onRemove, onWords }: QueryCardProps) {
  const { search } = useMessages();
  const shown = usePicture(picture);
  const [missing, setMissing] = useState("");
  const source = shown?.source ?? "";
  useEffect(() => setMissing(""), [source]);
  const isVisible = source !== "" && missing !== source;
  const reason = picture.kind === "url" ? search.asksItself : search.cannotShowQuery;
  return (
    <section className={styles.card} aria-label={search.picture}>
      <div className={styles.frame} data-waiting={shown === null || undefined}>
        {isVisible ? (
          <Suspense fallback={<ServiceImage src={source} alt={search.yourPicture} />}>
            <DrawnOn key={source} source={source} crop={crop} onCrop={onCrop} onMissing={() => setMissing(source)} />
          </Suspense>
        ) : (
          shown && <p className={styles.unseen}>{reason}</p>
        )}
        {!crop && <IconButton className={styles.remove} icon="close" size={18} label={search.removePicture} onClick={onRemove} />}
      </div>
      <div className={styles.beside}>
        {shown && <Name shown={shown} />}
        {isVisible && (
          <div className={styles.part}>
            <Button small icon="crop" aria-pressed={crop !== null} onClick={() => onCrop(crop ? null : MIDDLE)}>
              {crop ? search.whole : search.part}
            </Button>
            {crop && <p>{search.partHint}</p>}
          </div>
        )}
        {shown && (
          <Caption
            picture={picture}
            crop={crop}
            known={description || (crop ? "" : (shown.image?.caption ?? ""))}
            onSearch={onWords}
          />
        )}
      </div>
    </section>
  );
}

function Name({ shown: { name, file, image } }: { shown: Shown }) {
  const { search } = useMessages();
  const formats = useFormats();
  const bytes = image?.bytes ?? file?.size;
  const facts = [image && `${formats.number(image.width)} × ${formats.number(image.height)}`, bytes !== undefined && formats.bytes(bytes)];
  return (
    <div className={styles.name}>
      <strong data-name="query" title={name}>
        {name}
      </strong>
      <span>{facts.filter(Boolean).join(" · ")}</span>
      {image && (
        <ServiceLink href={fileOf(image)} target="_blank">
          {search.openOriginal}
        </ServiceLink>
      )}
    </div>
  );
}
