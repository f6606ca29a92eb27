// Which tags do the pictures carry, and which shall they? Chips to take away, and a field to add some.

import { useId, type KeyboardEvent } from "react";

import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Icon } from "../parts/Icon.tsx";
import styles from "./EditDialog.module.css";
import { withTags, withoutTag, type Draft, type Words } from "./editing.ts";

interface TagsProps {
  words: Words;
  /** How many pictures there are. */
  count: number;
  draft: Draft;
  typed: string;
  onDraft: (draft: Draft) => void;
  onTyped: (typed: string) => void;
}

export function Tags({ words, count, draft, typed, onDraft, onTyped }: TagsProps) {
  const { change } = useMessages();
  const formats = useFormats();
  const id = useId();
  const there = [...words.tags].filter(([tag]) => !draft.removed.includes(tag));

  function add() {
    onDraft(withTags(draft, typed));
    onTyped("");
  }
  function onKeyDown(event: KeyboardEvent) {
    if ((event.key !== "Enter" && event.key !== ",") || !typed.trim()) return;
    event.preventDefault();
    add();
  }

  const chip = (tag: string, note: string) => (
    <li key={tag}>
      <span>{tag}</span>
      {note && <small>{note}</small>}
      <button type="button" aria-label={change.removeTag(tag)} title={change.removeTag(tag)} onClick={() => onDraft(withoutTag(draft, tag))}>
        <Icon name="close" size={14} />
      </button>
    </li>
  );
  return (
    <div className={styles.row}>
      <label htmlFor={id}>{change.tags}</label>
      {there.length + draft.added.length > 0 && (
        <ul className={styles.tags}>
          {there.map(([tag, carrying]) => chip(tag, carrying < count ? change.ofAll(formats.number(carrying), formats.number(count)) : ""))}
          {draft.added.map((tag) => chip(tag, ""))}
        </ul>
      )}
      <input
        id={id}
        value={typed}
        autoComplete="off"
        placeholder={change.addTags}
        className={styles.field}
        onChange={({ target }) => onTyped(target.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
