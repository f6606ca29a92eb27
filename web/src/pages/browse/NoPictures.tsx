// What stands where no picture is? A way to get some, or out of the filter.

import { href } from "../../address/address.ts";
import { Link } from "../../address/Link.tsx";
import { useMessages } from "../../messages/Messages.tsx";
import { Button, buttonClass } from "../../parts/Button.tsx";
import { Empty } from "../../parts/Empty.tsx";

export function NoPictures({ filtered, onAll }: { filtered: boolean; onAll: () => void }) {
  const { browse, search } = useMessages();
  if (filtered) {
    return (
      <Empty icon="filter" title={search.status.filtered}>
        <Button onClick={onAll}>{browse.showAll}</Button>
      </Empty>
    );
  }
  return (
    <Empty icon="image" title={search.emptyGallery.title}>
      <p>{browse.empty}</p>
      <Link to={href("upload")} className={buttonClass("main")}>
        {browse.add}
      </Link>
    </Empty>
  );
}
