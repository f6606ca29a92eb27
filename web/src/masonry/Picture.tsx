// How is a picture of the gallery shown in the grid? By a thumbnail, or by its format where none can be made.

import { memo } from "react";

import { thumbnail, type Image, type Side } from "../api/client.ts";
import { useMessages } from "../messages/Messages.tsx";
import { ServiceImage } from "../parts/ServiceImage.tsx";
import { useMissing } from "../parts/useMissing.ts";
import styles from "./Picture.module.css";
import { useSeen } from "./rush.ts";

interface PictureProps {
  image: Image;
  alt: string;
  size: Side;
}

export const Picture = memo(function Picture({ image, alt, size }: PictureProps) {
  const { search } = useMessages();
  const { isMissing, onMissing } = useMissing();
  const seen = useSeen();
  if (!seen) return null;
  if (isMissing) {
    return (
      <span className={styles.missing} role="img" aria-label={search.cannotBeShown(alt)}>
        {image.format.toUpperCase()}
        <small aria-hidden="true">{search.notShown}</small>
      </span>
    );
  }
  return (
    <ServiceImage
      className={styles.picture}
      src={thumbnail(image, size)}
      alt={alt}
      decoding="async"
      draggable
      onMissing={onMissing}
    />
  );
});
