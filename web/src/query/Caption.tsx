// What does the query's picture show, in words? A suggestion that can be changed and searched with.

import { useEffect, useId, useState } from "react";

import { describe } from "../answers/asking.ts";
import { isAbort } from "../api/problem.ts";
import { useMessages } from "../messages/Messages.tsx";
import { IconButton } from "../parts/Button.tsx";
import styles from "./Caption.module.css";
import type { Crop, QueryPicture } from "./query.ts";

interface CaptionProps {
  picture: QueryPicture;
  crop: Crop | null;
  /** What the picture's record or the answer says already; empty where nothing does. */
  known: string;
  onSearch: (words: string) => void;
}

/** Long enough that a search which is being asked comes first. */
const AFTER_MS = 600;

export function Caption({ picture, crop, known, onSearch }: CaptionProps) {
  const { search } = useMessages();
  const id = useId();
  const [suggested, setSuggested] = useState<string | null>(null);
  const [changed, setChanged] = useState<string | null>(null);
  const about = JSON.stringify([picture, crop]);
  useEffect(() => {
    setChanged(null);
    setSuggested(known || null);
    if (known) return;
    const leaving = new AbortController();
    const [of, part] = JSON.parse(about) as [QueryPicture, Crop | null];
    const waiting = setTimeout(() => {
      describe({ picture: of, crop: part }, leaving.signal).then(setSuggested, (error: unknown) => isAbort(error) || setSuggested(""));
    }, AFTER_MS);
    return () => {
      clearTimeout(waiting);
      leaving.abort();
    };
  }, [about, known]);

  const words = changed ?? suggested;
  if (words === "" && changed === null) return null;
  return (
    <form
      className={styles.caption}
      onSubmit={(event) => {
        event.preventDefault();
        if (words?.trim()) onSearch(words.trim());
      }}
    >
      <label htmlFor={id}>{search.caption}</label>
      <div className={styles.field}>
        <textarea
          id={id}
          rows={1}
          title={search.captionHint}
          value={words ?? ""}
          placeholder={search.lookingAtIt}
          aria-busy={words === null}
          onChange={(event) => setChanged(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
        <IconButton type="submit" icon="search" size={18} label={search.byCaption} disabled={!words?.trim()} />
      </div>
    </form>
  );
}
