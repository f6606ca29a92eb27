// How far is something? A bar; it only moves where nobody knows how much there is to do.

import styles from "./Progress.module.css";

export function Progress({ label, share }: { label: string; share: number | null }) {
  const percent = share === null ? undefined : Math.round(share * 100);
  return (
    <div
      className={styles.progress}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      data-unknown={share === null || undefined}
    >
      <span style={{ width: share === null ? undefined : `${(share * 100).toFixed(1)}%` }} />
    </div>
  );
}
