// What stands where no hit is shown? Why there is none, and the way on.

import { useEffect, useState } from "react";

import { href } from "../address/address.ts";
import { Link } from "../address/Link.tsx";
import { answer, api, type Schemas } from "../api/client.ts";
import { useMessages } from "../messages/Messages.tsx";
import { buttonClass } from "../parts/Button.tsx";
import { Empty } from "../parts/Empty.tsx";
import { sayView, type View } from "../query/query.ts";
import { leavesOut, writeWanted } from "../query/terms.ts";

interface NothingProps {
  view: View;
  /** How many hits the service gave, of which none is shown. */
  given: number;
  understood: Schemas["Understood"] | null;
}

export function Nothing({ view, given, understood }: NothingProps) {
  const { search } = useMessages();
  const wider = (change: Partial<View>) => href("search", sayView({ ...view, ...change, hit: "" }));
  if (given > 0) {
    return (
      <Empty icon="sliders" title={search.status.tooStrict}>
        <p>{search.status.tooStrictHint}</p>
      </Empty>
    );
  }
  if (view.where) {
    return (
      <Empty icon="filter" title={search.noneLeft.title}>
        <p>{search.noneLeft.text}</p>
        <Link to={wider({ where: "" })} className={buttonClass("plain")}>
          {search.noneLeft.without}
        </Link>
      </Empty>
    );
  }
  if (understood && leavesOut(understood)) {
    const wanted = writeWanted(understood);
    return (
      <Empty icon="filter" title={search.noneWanted.title}>
        <p>{search.noneWanted.text}</p>
        {wanted || view.picture ? (
          <Link to={wider({ text: wanted })} className={buttonClass("plain")}>
            {search.noneWanted.without}
          </Link>
        ) : (
          <BrowseAll />
        )}
      </Empty>
    );
  }
  return <NothingAtAll />;
}

function BrowseAll() {
  const { search } = useMessages();
  return (
    <Link to={href("browse")} className={buttonClass("plain")}>
      {search.browseAll}
    </Link>
  );
}

/** Give how many pictures the gallery holds; null while nobody knows. */
function useCount(): number | null {
  const [count, setCount] = useState<number | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    answer(api.GET("/v1/info", { signal: leaving.signal })).then(
      ({ images }) => setCount(images),
      () => undefined, // the headline says enough
    );
    return () => leaving.abort();
  }, []);
  return count;
}

function NothingAtAll() {
  const { search } = useMessages();
  const count = useCount();
  if (count === null) return null;
  if (count > 0) {
    return (
      <Empty icon="search" title={search.noneAnswers.title}>
        <p>{search.noneAnswers.text}</p>
        <BrowseAll />
      </Empty>
    );
  }
  return (
    <Empty icon="image" title={search.emptyGallery.title}>
      <Link to={href("upload")} className={buttonClass("main")}>
        {search.emptyGallery.uploadSome}
      </Link>
    </Empty>
  );
}
