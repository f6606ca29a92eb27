// Which part of the picture is searched with? A rectangle, by pointer, finger or keys; the answers follow.

import "react-image-crop/dist/ReactCrop.css";

import { useEffect, useRef, useState } from "react";
import { ReactCrop, type PercentCrop } from "react-image-crop";

import { useMessages } from "../messages/Messages.tsx";
import { ServiceImage } from "../parts/ServiceImage.tsx";
import { roundedCrop, type Crop } from "./query.ts";
import styles from "./Region.module.css";

interface RegionProps {
  source: string;
  crop: Crop | null;
  onCrop: (crop: Crop | null) => void;
  onMissing: () => void;
}

const SETTLE_MS = 220;
const SMALLEST = 3;

const toPercent = ([x, y, width, height]: Crop): PercentCrop => ({
  unit: "%",
  x: x * 100,
  y: y * 100,
  width: width * 100,
  height: height * 100,
});

const toCrop = ({ x, y, width, height }: PercentCrop): Crop => [x / 100, y / 100, width / 100, height / 100];

/** Tell a click from a rectangle. */
const isTiny = ({ width, height }: PercentCrop): boolean => width < SMALLEST || height < SMALLEST;

export default function Region({ source, crop, onCrop, onMissing }: RegionProps) {
  const { search } = useMessages();
  const [drawn, setDrawn] = useState<PercentCrop | undefined>(crop ? toPercent(crop) : undefined);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const told = useRef(JSON.stringify(crop));
  const current = useRef(onCrop);
  useEffect(() => {
    current.current = onCrop;
  });

  useEffect(() => {
    if (JSON.stringify(crop) === told.current) return; // what we said ourselves
    told.current = JSON.stringify(crop);
    setDrawn(crop ? toPercent(crop) : undefined);
  }, [crop]);
  useEffect(() => () => clearTimeout(settling.current), []);

  function settle(region: PercentCrop, after: number) {
    clearTimeout(settling.current);
    if (isTiny(region) && after > 0) return; // it is just being begun
    settling.current = setTimeout(() => {
      const rounded = isTiny(region) ? null : roundedCrop(toCrop(region));
      if (JSON.stringify(rounded) === told.current) return;
      told.current = JSON.stringify(rounded);
      current.current(rounded);
    }, after);
  }

  return (
    <ReactCrop
      {...(drawn && { crop: drawn })}
      className={styles.region}
      disabled={!drawn && matchMedia("(pointer: coarse)").matches} // a finger there scrolls, until a part is asked for
      ruleOfThirds={false}
      ariaLabels={{
        cropArea: search.region,
        nwDragHandle: search.corners.nw,
        nDragHandle: search.corners.n,
        neDragHandle: search.corners.ne,
        eDragHandle: search.corners.e,
        seDragHandle: search.corners.se,
        sDragHandle: search.corners.s,
        swDragHandle: search.corners.sw,
        wDragHandle: search.corners.w,
      }}
      onChange={(_, percent) => {
        setDrawn(percent);
        settle(percent, SETTLE_MS);
      }}
      onDragEnd={() => setDrawn((region) => (region && isTiny(region) ? undefined : region))}
      onComplete={(_, percent) => settle(percent, 0)}
    >
      <ServiceImage src={source} alt={search.yourPicture} draggable={false} onMissing={onMissing} />
    </ReactCrop>
  );
}
