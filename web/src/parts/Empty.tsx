// What stands where there is nothing? A sentence that says so, and what can be done.

import type { ReactNode } from "react";

import styles from "./Empty.module.css";
import { Icon, type IconName } from "./Icon.tsx";

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <span className={styles.sign}>
        <Icon name={icon} size={28} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
