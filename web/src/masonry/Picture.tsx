// How is a picture of the gallery shown in the grid? By a thumbnail, or by its format where none can be made.

import { memo, useCallback, useState } from "react";

import { thumbnail, type Image } from "../api/client.ts";
import { useMessages } from "../messages/Messages.tsx";
import { ServiceImage } from "../parts/ServiceImage.tsx";
import styles from "./Picture.module.css";

interface PictureProps {
  image: Image;
  alt: string;
  size?: 128 | 256 | 512 | 1024;
}

export const Picture = memo(function Picture({ image, alt, size = 512 }: PictureProps) {
  const { search } = useMessages();
  const [missing, setMissing] = useState(false);
  const onMissing = useCallback(() => setMissing(true), []);
  if (missing) {
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
