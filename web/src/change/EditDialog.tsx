// How does a person write about a picture, or about many at once?

import { useCallback, useEffect, useId, useMemo, useRef, useState, type FormEvent } from "react";

import { answer, api, partly, type EditedImage, type Image } from "../api/client.ts";
import { nameOf } from "../api/naming.ts";
import { several } from "../api/several.ts";
import { useFormats, useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { Notice, tellShortly } from "../parts/Notice.tsx";
import { useToast } from "../parts/Toasts.tsx";
import { note } from "./changes.ts";
import styles from "./EditDialog.module.css";
import { FIELDS, UNTOUCHED, patchOf, withErased, withField, wordsOf, withTags, type Draft, type FieldName } from "./editing.ts";
import { Tags } from "./Tags.tsx";
import { useUndoing } from "./useUndoing.ts";

interface EditDialogProps {
  images: readonly Image[];
  onClose: () => void;
}

/** A picture as it was saved, and what was said of it. */
interface Saved {
  said: string;
  image: EditedImage;
}

export function EditDialog({ images, onClose }: EditDialogProps) {
  const messages = useMessages();
  const { change, frame } = messages;
  const formats = useFormats();
  const toast = useToast();
  const words = useMemo(() => wordsOf(images), [images]);
  const [draft, setDraft] = useState<Draft>(UNTOUCHED);
  const [typed, setTyped] = useState("");
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const saved = useRef(new Map<string, Saved>());
  const offered = useRef<number>(undefined);
  const onUndone = useCallback((back: readonly Image[]) => {
    for (const { id } of back) saved.current.delete(id);
  }, []);
  const offerUndo = useUndoing(onUndone);
  const closing = useRef<AbortController | null>(null);
  useEffect(() => () => closing.current?.abort(), []); // what is under way is finished, so that it can be undone, and no more is begun
  const [only] = images;
  const title = images.length === 1 && only ? change.about(nameOf(only)) : change.aboutMany(formats.number(images.length));

  /** Have pictures as they were, where something else is to be said of them: the service takes back only what was said last. */
  async function takeBack(others: readonly Saved[]) {
    if (!others.length) return;
    const edits = others.map(({ image }) => image.edit);
    const { images: back } = await answer(api.POST("/v1/images/undo", { body: partly({ edits }) }));
    note({ kind: "change", images: back });
    for (const { image } of others) saved.current.delete(image.id);
  }

  async function save(event: FormEvent) {
    event.preventDefault();
    const body = patchOf(words, withTags(draft, typed));
    if (!body) return onClose();
    const said = JSON.stringify(body);
    setError(null);
    setDone(0);
    try {
      await takeBack([...saved.current.values()].filter((one) => one.said !== said));
    } catch (error) {
      setDone(null);
      return setError(error);
    }
    const left = images.filter(({ id }) => !saved.current.has(id));
    const before = images.length - left.length;
    setDone(before);
    const write = ({ id }: Image) => answer(api.PATCH("/v1/images/{id}", { params: { path: { id } }, body: partly(body) }));
    const { signal } = (closing.current = new AbortController());
    const outcomes = await several(left, write, { onDone: (count) => setDone(before + count), signal });
    const wrong = outcomes.failed[0]?.error ?? null;
    for (const image of outcomes.done) saved.current.set(image.id, { said, image });
    note({ kind: "change", images: outcomes.done });
    if (outcomes.done.length) offered.current = offerUndo([...saved.current.values()].map(({ image }) => image), offered.current);
    if (!signal.aborted) {
      setDone(null);
      if (wrong !== null) setError(wrong);
      else if (!outcomes.left.length) onClose();
    } else if (wrong !== null) {
      toast({ text: tellShortly(wrong, messages) });
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void save(event)}>
        {FIELDS.map((name) => (
          <Field
            key={name}
            name={name}
            value={draft.fields[name] ?? words.fields[name] ?? ""}
            differs={words.fields[name] === null}
            isErased={draft.erased.includes(name)}
            onValue={(value) => setDraft(withField(draft, name, value))}
            onErase={() => setDraft(withErased(draft, name))}
          />
        ))}
        <Tags words={words} count={images.length} draft={draft} typed={typed} onDraft={setDraft} onTyped={setTyped} />
        {error !== null && <Notice error={error} />}
        <div className={styles.buttons}>
          <Button onClick={onClose}>{frame.cancel}</Button>
          <Button look="main" type="submit" disabled={done !== null}>
            {done !== null && images.length > 1 ? change.saving(formats.number(done), formats.number(images.length)) : change.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  name: FieldName;
  value: string;
  /** Whether the pictures have different ones, which stay unless something is typed, or all are erased. */
  differs: boolean;
  isErased: boolean;
  onValue: (value: string) => void;
  onErase: () => void;
}

const LONGEST: Record<FieldName, number> = { title: 1_000, caption: 5_000, label: 200, owner: 200 };

function Field({ name, value, differs, isErased, onValue, onErase }: FieldProps) {
  const { change } = useMessages();
  const id = useId();
  const placeholder = isErased ? change.erased : differs ? change.differs : "";
  const shared = { id, value, maxLength: LONGEST[name], placeholder, className: styles.field };
  return (
    <div className={styles.row}>
      <div className={styles.head}>
        <label htmlFor={id}>{change.fields[name]}</label>
        {differs && (
          <Button look="bare" small icon="trash" aria-pressed={isErased} aria-label={`${change.erase}: ${change.fields[name]}`} onClick={onErase}>
            {change.erase}
          </Button>
        )}
      </div>
      {name === "caption" ? (
        <textarea {...shared} rows={3} onChange={({ target }) => onValue(target.value)} />
      ) : (
        <input {...shared} autoComplete="off" onChange={({ target }) => onValue(target.value)} />
      )}
    </div>
  );
}
