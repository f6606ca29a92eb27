// What lies on the disk, and how much room is left?

import type { Schemas } from "../../api/client.ts";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import styles from "./Disk.module.css";
import page from "./StatusPage.module.css";

const PARTS = ["gallery", "uploads", "thumbnails"] as const;

export function Disk({ disk }: { disk: Schemas["Disk"] }) {
  const { status } = useMessages();
  const formats = useFormats();
  const used = PARTS.reduce((sum, part) => sum + disk[part], 0);
  return (
    <section aria-label={status.disk} className={page.section}>
      <h2>{status.disk}</h2>
      <div className={styles.disk}>
        <div className={styles.bar} aria-hidden="true">
          {PARTS.filter((part) => disk[part] > 0).map((part) => (
            <span key={part} data-part={part} style={{ flexGrow: disk[part] / Math.max(1, used) }} />
          ))}
        </div>
        <dl>
          {PARTS.map((part) => (
            <div key={part}>
              <dt data-part={part}>{status.parts[part]}</dt>
              <dd>{formats.bytes(disk[part])}</dd>
            </div>
          ))}
          <div>
            <dt>{status.free}</dt>
            <dd>{formats.bytes(disk.free)}</dd>
          </div>
        </dl>
      </div>
    </section>
  );
}
