// How does a group look? The picture to keep first, then those that go, and what a person may decide about each.

import { memo } from "react";

import type { Image } from "../../api/client.ts";
import { folderOf, nameOf } from "../../api/naming.ts";
import { Picture } from "../../masonry/Picture.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import styles from "./GroupCard.module.css";
import type { Group, Verdict } from "./keeping.ts";

export interface Deciding {
  onKeep: (group: Group, id: string) => void;
  onStay: (id: string) => void;
  onAside: (group: Group, aside: boolean) => void;
  onCompare: (id: string) => void;
}

interface GroupCardProps {
  group: Group;
  verdict: Verdict;
  isAside: boolean;
  deciding: Deciding;
}

export const GroupCard = memo(function GroupCard({ group, verdict, isAside, deciding }: GroupCardProps) {
  const { duplicates } = useMessages();
  const formats = useFormats();
  const { keep, goes, stays, why } = verdict;
  const bytes = goes.reduce((sum, image) => sum + image.bytes, 0);
  const count = formats.number(goes.length + stays.length + 1);
  return (
    <article className={styles.group} data-group={group.number} data-aside={isAside || undefined} aria-label={duplicates.group(formats.number(group.number))}>
      <header>
        <span className={styles.tier} data-tier={group.tier}>
          {duplicates.tiers[group.tier]}
        </span>
        <p>{goes.length && !isAside ? duplicates.frees(count, formats.bytes(bytes)) : duplicates.staysAsIs(count)}</p>
        <Button small look="bare" aria-pressed={isAside} onClick={() => deciding.onAside(group, !isAside)}>
          {duplicates.aside}
        </Button>
      </header>
      <ul className={styles.pictures}>
        <Member image={keep} fate="keep" note={duplicates.why[why]} group={group} deciding={deciding} against={(goes[0] ?? stays[0])?.id ?? ""} />
        {[...goes, ...stays].map((image) => (
          <Member key={image.id} image={image} fate={stays.includes(image) || isAside ? "stays" : "goes"} note="" group={group} deciding={deciding} against={image.id} />
        ))}
      </ul>
    </article>
  );
});

interface MemberProps {
  image: Image;
  fate: "keep" | "goes" | "stays";
  note: string;
  group: Group;
  deciding: Deciding;
  /** What is compared where this one is opened: itself, or for the kept one its first spare. */
  against: string;
}

function Member({ image, fate, note, group, deciding, against }: MemberProps) {
  const { duplicates } = useMessages();
  const formats = useFormats();
  const name = nameOf(image);
  return (
    <li className={styles.member} data-fate={fate} data-id={image.id}>
      <button type="button" className={styles.picture} aria-label={duplicates.compare(duplicates.fates[fate], name)} title={image.path} onClick={() => deciding.onCompare(against)}>
        <Picture image={image} alt="" size={256} />
        <span className={styles.fate}>
          <Icon name={fate === "goes" ? "close" : "check"} size={14} />
          {duplicates.fates[fate]}
        </span>
      </button>
      <p className={styles.name} title={image.path}>
        <bdi>{name}</bdi>
      </p>
      <p className={styles.facts}>
        {formats.number(image.width)} × {formats.number(image.height)} · {formats.bytes(image.bytes)} · {image.format.toUpperCase()}
      </p>
      <p className={styles.facts} title={folderOf(image.path)}>
        <bdi>{folderOf(image.path).split("/").filter(Boolean).pop() ?? "/"}</bdi>
        {image.taken_at && ` · ${formats.day(image.taken_at)}`}
      </p>
      {fate === "keep" ? (
        <p className={styles.why}>{note}</p>
      ) : (
        <div className={styles.buttons}>
          <Button small onClick={() => deciding.onKeep(group, image.id)} aria-label={duplicates.keepThisOne(name)}>
            {duplicates.keepThis}
          </Button>
          <Button small look="bare" aria-pressed={fate === "stays"} onClick={() => deciding.onStay(image.id)} aria-label={duplicates.stayToo(name)}>
            {duplicates.stay}
          </Button>
        </div>
      )}
    </li>
  );
}
