// What is seen by those whom the service does not know, or not any more?

import { useId, useState, type FormEvent } from "react";

import { Problem } from "../api/problem.ts";
import { useMessages } from "../messages/Messages.tsx";
import { Button } from "../parts/Button.tsx";
import { Notice } from "../parts/Notice.tsx";
import { useModal } from "../parts/useModal.ts";
import styles from "./Login.module.css";
import { useAccess } from "./Session.tsx";

export function Login() {
  const { frame } = useMessages();
  return (
    <main className={styles.login}>
      <Card text={frame.login.text} />
    </main>
  );
}

/** Lies over the page where a session has ended, so that what is being done there stays as it is. It goes when somebody has signed in. */
export function LoginAgain() {
  const { frame } = useMessages();
  const ref = useModal();
  return (
    <dialog
      ref={ref}
      className={styles.again}
      aria-label={frame.login.title}
      onCancel={(event) => event.preventDefault()}
      onClose={() => ref.current?.showModal()} // some browsers close it at the second Escape, whoever objects
    >
      <Card text={frame.login.ended} />
    </dialog>
  );
}

function Card({ text }: { text: string }) {
  const { frame } = useMessages();
  const { enter } = useAccess();
  const id = useId();
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wrong = error instanceof Problem && error.kind === "login";

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    await enter(key.trim()).catch(setError);
    setBusy(false);
  }

  return (
    <form className={styles.card} onSubmit={(event) => void submit(event)}>
      <img src="./icon.svg" alt="" width="44" height="44" />
      <h1>{frame.login.title}</h1>
      <p>{text}</p>
      <label htmlFor={id}>{frame.login.key}</label>
      <input
        id={id}
        type="password"
        autoComplete="current-password"
        required
        value={key}
        onChange={(event) => setKey(event.target.value)}
        aria-invalid={wrong}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
      />
      {wrong && (
        <p id={`${id}-wrong`} className={styles.wrong} role="alert">
          {frame.login.wrong}
        </p>
      )}
      {error !== null && !wrong && <Notice error={error} />}
      <Button look="main" type="submit" disabled={busy || !key.trim()}>
        {frame.login.enter}
      </Button>
    </form>
  );
}
