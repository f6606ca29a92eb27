// Where is everything asked? One box: words, an address, a picture that is chosen or taken.

import { useEffect, useId, useRef, useState, type FormEvent } from "react";

import { useMessages } from "../messages/Messages.tsx";
import { buttonClass, IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Camera } from "./Camera.tsx";
import { ACCEPTED, fromAddress, isMeantAsAddress, ofFile } from "./intake.ts";
import styles from "./QueryBox.module.css";
import type { QueryPicture } from "./query.ts";
import { Syntax } from "./Syntax.tsx";

interface QueryBoxProps {
  text: string;
  /** Whether a picture is searched with, which words then stand beside. */
  beside: boolean;
  large?: boolean;
  invalid?: boolean;
  onText: (text: string) => void;
  onPicture: (picture: QueryPicture) => void;
  /** Called where something is typed that begins as an address does, and is none. */
  onOdd: () => void;
}

/** As many characters of words as the service reads. What is pasted may be longer: an address, or a picture written as one. */
const LONGEST = 4_000;

export function QueryBox({ text, beside, large = false, invalid = false, onText, onPicture, onOdd }: QueryBoxProps) {
  const { search } = useMessages();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(text);
  const [isShooting, setShooting] = useState(false);
  useEffect(() => setTyped(text), [text, large]);
  useEffect(() => {
    if (!large) input.current?.blur(); // a phone's keyboard would lie over the answers that now come
    setShooting(false);
  }, [large]);

  function submit(event: FormEvent) {
    event.preventDefault();
    const picture = fromAddress(typed);
    if (picture) {
      setTyped(text);
      onPicture(picture);
    } else if (isMeantAsAddress(typed)) {
      onOdd();
    } else {
      onText(typed.trim().slice(0, LONGEST).trimEnd());
    }
  }

  return (
    <form role="search" className={styles.box} data-large={large || undefined} onSubmit={submit}>
      <span className={styles.sign}>
        <Icon name="search" />
      </span>
      <label htmlFor={id} className="away">
        {search.box}
      </label>
      <input
        id={id}
        ref={input}
        type="search"
        autoComplete="off"
        autoCapitalize="none"
        enterKeyHint="search"
        placeholder={beside ? search.placeholderBeside : search.placeholder}
        aria-invalid={invalid || undefined}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {typed && (
        <IconButton
          icon="close"
          size={18}
          label={search.clear}
          onClick={() => {
            setTyped("");
            if (text) onText("");
            input.current?.focus();
          }}
        />
      )}
      <Syntax />
      <span className={styles.rule} aria-hidden="true" />
      <input
        ref={chooser}
        type="file"
        accept={ACCEPTED}
        className="away"
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) onPicture(ofFile(file));
          target.value = "";
        }}
      />
      <IconButton icon="image" label={beside ? search.chooseOther : search.choose} onClick={() => chooser.current?.click()} />
      <IconButton icon="camera" label={search.camera} onClick={() => setShooting(true)} />
      <button type="submit" className={[buttonClass("main"), styles.go].join(" ")}>
        <span>{search.go}</span>
        <Icon name="right" size={18} />
      </button>
      {isShooting && (
        <Camera
          onClose={() => setShooting(false)}
          onPicture={(file) => {
            setShooting(false);
            onPicture(ofFile(file));
          }}
        />
      )}
    </form>
  );
}
