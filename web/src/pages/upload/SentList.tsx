// What becomes of each file? What is on its way, what failed and why, and what is safely stored.

import { useSyncExternalStore } from "react";

import { href } from "../../address/address.ts";
import { Link } from "../../address/Link.tsx";
import { Picture } from "../../masonry/Picture.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { Button, buttonClass, IconButton } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { tellShortly } from "../../parts/Notice.tsx";
import { Progress } from "../../parts/Progress.tsx";
import type { Sent } from "./queue.ts";
import { uploads } from "./sending.ts";
import styles from "./SentList.module.css";

const SHOWN_FAILURES = 200;
const SHOWN_STORED = 48;

export function SentList() {
  const { upload, frame } = useMessages();
  const formats = useFormats();
  const sent = useSyncExternalStore(uploads.subscribe, uploads.snapshot);
  if (!sent.length) return null;
  const of = (...states: Sent["state"][]) => sent.filter(({ state }) => states.includes(state));
  const [under, failed, stored, known] = [of("waiting", "sending"), of("failed"), of("stored"), of("known")];
  const bytes = sent.reduce((sum, { file }) => sum + file.size, 0);
  const gone = sent.reduce((sum, { file, share, state }) => sum + file.size * (state === "failed" ? 1 : share), 0);
  const over = stored.length + known.length + failed.length;
  const parts = [
    stored.length > 0 && upload.stored(formats.number(stored.length), stored.length === 1),
    known.length > 0 && upload.known(formats.number(known.length), known.length === 1),
    failed.length > 0 && upload.failed(formats.number(failed.length)),
  ].filter(Boolean);
  return (
    <section className={styles.sent} aria-label={upload.progress}>
      <header>
        <h2>{under.length ? upload.underWay(formats.number(over), formats.number(sent.length)) : upload.over}</h2>
        {failed.length > 0 && (
          <Button small icon="again" onClick={() => uploads.again()}>
            {upload.again}
          </Button>
        )}
        {under.length > 0 ? (
          <Button small onClick={() => uploads.cancelAll()}>
            {frame.cancel}
          </Button>
        ) : (
          <>
            <Button small look="bare" onClick={() => uploads.clear()}>
              {upload.clear}
            </Button>
            {stored.length > 0 && (
              <Link to={href("browse")} className={buttonClass("main", true)}>
                {upload.look}
              </Link>
            )}
          </>
        )}
      </header>
      {under.length > 0 && <Progress label={upload.progress} share={bytes ? gone / bytes : 0} />}
      <p className={styles.sum} role="status" data-sum>
        {parts.join(" · ")}
      </p>
      <ul className={styles.list}>
        {of("sending").map((one) => (
          <Row key={one.key} one={one} />
        ))}
        {failed.slice(0, SHOWN_FAILURES).map((one) => (
          <Row key={one.key} one={one} />
        ))}
      </ul>
      <ul className={styles.stored} aria-label={upload.storedOnes}>
        {[...stored, ...known].slice(-SHOWN_STORED).reverse().map(
          ({ key, image, file, state }) =>
            image && (
              <li key={key} data-state={state}>
                <Link to={href("browse", { hit: image.id })} title={file.name} aria-label={file.name}>
                  <Picture image={image} alt="" size={256} />
                </Link>
              </li>
            ),
        )}
      </ul>
    </section>
  );
}

function Row({ one }: { one: Sent }) {
  const messages = useMessages();
  const { upload, frame } = messages;
  const formats = useFormats();
  const { key, file, state, share, problem } = one;
  const isFailed = state === "failed";
  return (
    <li className={styles.row} data-state={state}>
      <Icon name={isFailed ? "warning" : "upload"} />
      <div className={styles.about}>
        <p className={styles.name}>
          <bdi>{file.name}</bdi> <span>{formats.bytes(file.size)}</span>
        </p>
        {isFailed ? (
          <p className={styles.reason} data-reason>
            {tellShortly(problem, messages)}
          </p>
        ) : share < 1 ? (
          <Progress label={file.name} share={share} />
        ) : (
          <p className={styles.storing}>{upload.storing}</p>
        )}
      </div>
      {isFailed && <IconButton icon="again" label={`${frame.tryAgain}: ${file.name}`} onClick={() => uploads.again(key)} />}
      <IconButton icon="close" label={isFailed ? upload.forget(file.name) : upload.cancelOne(file.name)} onClick={() => uploads.cancel(key)} />
    </li>
  );
}
