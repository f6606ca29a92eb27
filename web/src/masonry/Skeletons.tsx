// What stands where pictures are about to come?

import styles from "./Skeletons.module.css";

const SHAPES = [1.5, 0.75, 1.33, 1.78, 1, 1.5, 0.67, 1.33, 1.5, 1, 1.78, 0.75, 1.33, 1.5, 1];

export function Skeletons({ count = SHAPES.length }: { count?: number }) {
  return (
    <div className={styles.skeletons} aria-hidden="true">
      {SHAPES.slice(0, count).map((ratio, n) => (
        <div key={n} className={styles.skeleton} style={{ aspectRatio: ratio }} />
      ))}
    </div>
  );
}
