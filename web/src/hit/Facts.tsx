// What is known about a picture, and why is it among the answers?

import type { ReactNode } from "react";

import { href } from "../address/address.ts";
import { Link } from "../address/Link.tsx";
import type { Hit, Image } from "../api/client.ts";
import { folderOf } from "../api/naming.ts";
import { inFolder, quoted } from "../filters/filters.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { buttonClass } from "../parts/Button.tsx";
import { translateEdits } from "./edits.ts";
import styles from "./Facts.module.css";

export function Why({ hit }: { hit: Hit }) {
  const { hit: said } = useMessages();
  const formats = useFormats();
  const { signal, regions, transform, words } = hit.evidence;
  const known = signal in said.signals ? (signal as keyof typeof said.signals) : "looks";
  return (
    <section className={styles.facts} aria-label={said.why}>
      <h3>{said.why}</h3>
      <p>{said.signals[known]}</p>
      {regions.length > 1 && <p>{said.matched(formats.number(regions.length))}</p>}
      <dl>
        {transform && (
          <Fact name={said.done}>
            <span data-transform>{translateEdits(transform, said.edits)}</span>
          </Fact>
        )}
        {words.length > 0 && <Fact name={said.found}>{words.join(", ")}</Fact>}
      </dl>
    </section>
  );
}

/** Characters of a caption that may not fit. */
const LONG = 240;

export function About({ image }: { image: Image }) {
  const { hit: said } = useMessages();
  const formats = useFormats();
  const metadata = Object.entries(image.metadata);
  const recognised = Object.entries(image.recognised).map(([name, share]) => `${name} ${formats.share(share)}`);
  return (
    <section className={styles.facts} aria-label={said.about}>
      <h3>{said.about}</h3>
      {image.caption && (
        <>
          {/* A long one scrolls, and holds nothing that takes the focus. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <p className={styles.caption} data-caption dir="auto" tabIndex={image.caption.length > LONG ? 0 : undefined}>
            {image.caption} <span>{captionBy(image.caption_source, said)}</span>
          </p>
        </>
      )}
      <dl>
        {image.tags.length > 0 && <Fact name={said.tags}>{image.tags.join(", ")}</Fact>}
        {recognised.length > 0 && <Fact name={said.recognised}>{recognised.join(", ")}</Fact>}
        {image.label && <Fact name={said.label}>{image.label}</Fact>}
        {image.owner && <Fact name={said.owner}>{image.owner}</Fact>}
        <Fact name={said.size}>
          {formats.number(image.width)} × {formats.number(image.height)} · {formats.bytes(image.bytes)} · {image.format.toUpperCase()}
        </Fact>
        {image.taken_at && <Fact name={said.taken}>{formats.moment(image.taken_at)}</Fact>}
        <Fact name={said.added}>{formats.moment(image.added_at)}</Fact>
        <Fact name={said.file}>
          <span className={styles.path}>{image.path}</span>
        </Fact>
        {metadata.length > 0 && (
          <Fact name={said.metadata}>
            <ul>
              {metadata.map(([name, value]) => (
                <li key={name}>
                  {name}: {typeof value === "string" ? value : JSON.stringify(value)}
                </li>
              ))}
            </ul>
          </Fact>
        )}
      </dl>
    </section>
  );
}

/** Ways to pictures that have something in common with this one. */
export function MoreOf({ image }: { image: Image }) {
  const { hit: said } = useMessages();
  const folder = folderOf(image.path);
  const day = image.taken_at?.slice(0, 10);
  const ways: [string, string][] = [];
  if (image.owner) ways.push([`owner:${quoted(image.owner)}`, said.moreOwner(image.owner)]);
  if (image.label) ways.push([`label:${quoted(image.label)}`, said.moreLabel(image.label)]);
  if (folder.length > 1) ways.push([`path:${inFolder(folder)}`, said.moreFolder]);
  if (day) ways.push([`taken:${day}`, said.moreDay]);
  if (!ways.length) return null;
  return (
    <section className={styles.facts} aria-label={said.moreOf}>
      <h3>{said.moreOf}</h3>
      <div className={styles.ways}>
        {ways.map(([where, text]) => (
          <Link key={where} to={href("browse", { where })} toTop className={buttonClass("plain", true)}>
            {text}
          </Link>
        ))}
      </div>
    </section>
  );
}

function captionBy(source: string, said: { byPerson: string; bySource: string; captionBy: (who: string) => string }): string {
  if (source === "person") return said.byPerson;
  if (source === "source") return said.bySource;
  return source ? said.captionBy(source) : "";
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
