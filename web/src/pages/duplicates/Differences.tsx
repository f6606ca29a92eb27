// In what do two pictures differ, in figures? The better value is marked.

import type { Image } from "../../api/client.ts";
import { folderOf, nameOf } from "../../api/naming.ts";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import styles from "./CompareDialog.module.css";

interface Line {
  name: string;
  texts: [string, string];
  /** Which one is better; undefined where neither is. */
  better?: 0 | 1;
}

const more = (one: number, other: number): 0 | 1 | undefined => (one === other ? undefined : one > other ? 0 : 1);

export function Differences({ kept, other }: { kept: Image; other: Image }) {
  const { duplicates, hit } = useMessages();
  const formats = useFormats();
  const both = (text: (image: Image) => string): [string, string] => [text(kept), text(other)];
  const line = (name: string, text: (image: Image) => string, better?: 0 | 1): Line => ({ name, texts: both(text), ...(better !== undefined && { better }) });
  const lines: Line[] = [
    line(duplicates.pixels, (image) => `${formats.number(image.width)} × ${formats.number(image.height)}`, more(kept.width * kept.height, other.width * other.height)),
    line(duplicates.bytes, (image) => formats.bytes(image.bytes), more(kept.bytes, other.bytes)),
    line(hit.format, (image) => image.format.toUpperCase()),
    line(hit.taken, (image) => (image.taken_at ? formats.moment(image.taken_at) : "–")),
    line(hit.added, (image) => formats.moment(image.added_at)),
    line(hit.file, nameOf),
    line(hit.folder, (image) => folderOf(image.path)),
    line(hit.caption, (image) => image.caption || "–"),
    line(hit.tags, (image) => image.tags.join(", ") || "–"),
  ];
  return (
    <table className={styles.differences}>
      <thead>
        <tr>
          <td />
          <th scope="col">{duplicates.keptOne}</th>
          <th scope="col">{duplicates.otherOne}</th>
        </tr>
      </thead>
      <tbody>
        {lines
          .filter(({ texts }) => texts.some((text) => text !== "–"))
          .map(({ name, texts, better }) => (
            <tr key={name} data-same={texts[0] === texts[1] || undefined}>
              <th scope="row">{name}</th>
              {texts.map((text, n) => (
                <td key={n} data-better={better === n || undefined}>
                  {text}
                  {better === n && <span className="away">{duplicates.better}</span>}
                </td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
}
