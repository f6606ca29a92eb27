// What does the search page show? The box alone with the latest pictures, or a query and its answers.

import { useCallback, useEffect, useId, useMemo, useState } from "react";

import { close, go, href, useAddress, type Way } from "../../address/address.ts";
import { Problem, Unaskable } from "../../api/problem.ts";
import { Answers } from "../../answers/Answers.tsx";
import { groupHits } from "../../answers/groups.ts";
import { Tune } from "../../answers/Tune.tsx";
import { useAnswers } from "../../answers/useAnswers.ts";
import { ChangeActions } from "../../change/ChangeActions.tsx";
import { useDeleting } from "../../change/useDeleting.ts";
import { useMended } from "../../change/useMended.ts";
import { FilterBar } from "../../filters/FilterBar.tsx";
import { HitDialog } from "../../hit/HitDialog.tsx";
import { useFormats, useMessages } from "../../messages/Messages.tsx";
import { buttonClass } from "../../parts/Button.tsx";
import { Curtain } from "../../parts/Curtain.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { useToast } from "../../parts/Toasts.tsx";
import { ACCEPTED, ofFile } from "../../query/intake.ts";
import { isEmpty, readView, sayView, type QueryPicture, type View } from "../../query/query.ts";
import { QueryBox } from "../../query/QueryBox.tsx";
import { QueryCard } from "../../query/QueryCard.tsx";
import { Terms } from "../../query/Terms.tsx";
import { termsOf } from "../../query/terms.ts";
import { useTakingIn, type Odd } from "../../query/useTakingIn.ts";
import { Latest } from "./Latest.tsx";
import styles from "./SearchPage.module.css";

const show = (view: View, way: Way = {}) => go(href("search", sayView(view)), way);

export function SearchPage() {
  const { search } = useMessages();
  const formats = useFormats();
  const toast = useToast();
  const { said } = useAddress();
  const view = useMemo(() => readView(said), [said]);
  const answers = useAnswers(view);
  const [odd, setOdd] = useState<Unaskable | null>(null);
  const asksNothing = isEmpty(view);

  const withPicture = useCallback(
    (picture: QueryPicture) => {
      setOdd(null);
      show({ ...readView(new URLSearchParams()), where: view.where, picture }, { toTop: true });
    },
    [view.where],
  );
  const notAPicture = (how: Odd | "typed") => setOdd(new Unaskable({ title: search.notAPicture.title, detail: search.notAPicture[how] }));
  const isOver = useTakingIn({
    takesOwn: true,
    found: (picture, others) => {
      withPicture(picture);
      if (others) toast({ text: search.onlyFirst(formats.number(others + 1)), seconds: 8 });
    },
    odd: notAPicture,
  });
  useEffect(() => {
    document.title = asksNothing ? "Lookalike" : `${view.text || search.picture} · Lookalike`;
  }, [asksNothing, view.text, search]);

  const wrong = answers.error instanceof Problem ? answers.error.slug : "";
  return (
    <>
      <div className={asksNothing ? styles.ask : styles.asked}>
        {asksNothing && <h1>{search.title}</h1>}
        <QueryBox
          text={view.text}
          beside={view.picture !== null}
          large={asksNothing}
          invalid={wrong === "bad-words"}
          onText={(text) => {
            setOdd(null);
            if (text === view.text && !asksNothing) answers.again();
            else show({ ...view, text, hit: "" });
          }}
          onPicture={withPicture}
          onOdd={() => notAPicture("typed")}
        />
        {asksNothing && <Choose onPicture={withPicture} />}
        {odd && <Notice error={odd} />}
      </div>
      {asksNothing ? <Latest view={view} onView={show} /> : <Result view={view} answers={answers} wrongFilter={wrong === "bad-filter"} />}
      {isOver && <Curtain />}
    </>
  );
}

/** The other way to begin, which most people come for. */
function Choose({ onPicture }: { onPicture: (picture: QueryPicture) => void }) {
  const { search } = useMessages();
  const id = useId();
  return (
    <p className={styles.choose}>
      <input
        id={id}
        type="file"
        accept={ACCEPTED}
        className="away"
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) onPicture(ofFile(file));
        }}
      />
      <label htmlFor={id} className={buttonClass("plain")}>
        <Icon name="image" size={18} />
        {search.choose}
      </label>
      <span>{search.orDrop}</span>
    </p>
  );
}

interface ResultProps {
  view: View;
  answers: ReturnType<typeof useAnswers>;
  wrongFilter: boolean;
}

function Result({ view, answers, wrongFilter }: ResultProps) {
  const { first } = answers;
  const hits = useMended(answers.hits, first);
  const remove = useDeleting();
  const understood = first?.understood;
  const isPlain = !understood || (termsOf(understood).length < 2 && !understood.excluded.length);
  const { least, most, sort } = view;
  const groups = useMemo(() => groupHits(hits, { least, most, sort }), [hits, least, most, sort]);
  const shown = useMemo(() => Object.values(groups).flat(), [groups]);
  return (
    <div className={styles.result} data-picture={view.picture ? true : undefined}>
      {view.picture && (
        <aside className={styles.query}>
          <QueryCard
            picture={view.picture}
            crop={view.crop}
            description={view.mode === "auto" || view.mode === "picture" ? "" : (first?.description ?? "")}
            onCrop={(crop) => show({ ...view, crop, hit: "" }, { replace: crop !== null && view.crop !== null })} // one step for `back`, however it is moved
            onRemove={() => show({ ...view, picture: null, crop: null, mode: "auto", hit: "" })}
            onWords={(text) => show({ ...view, text, mode: "caption", hit: "" })}
          />
        </aside>
      )}
      <Answers view={view} answers={answers} groups={groups}>
        <div className={styles.tools}>
          {understood && !isPlain && <Terms understood={understood} onText={(text) => show({ ...view, text })} />}
          <FilterBar where={view.where} invalid={wrongFilter} onWhere={(where) => show({ ...view, where })}>
            <Tune view={view} onView={(next) => show(next, { replace: true })} />
          </FilterBar>
        </div>
      </Answers>
      {view.hit && (
        <HitDialog
          id={view.hit}
          among={shown}
          query={view}
          onOpen={(hit) => show({ ...view, hit }, { replace: true })}
          onNearEnd={answers.more}
          onClose={() => close(href("search", sayView({ ...view, hit: "" })))}
        >
          {(image) => (
            <ChangeActions
              image={image}
              onDelete={() => {
                close(href("search", sayView({ ...view, hit: "" })));
                remove([image.id]);
              }}
            />
          )}
        </HitDialog>
      )}
    </div>
  );
}
