// What is shown where an address leads nowhere?

import { href } from "../address/address.ts";
import { Link } from "../address/Link.tsx";
import { useMessages } from "../messages/Messages.tsx";
import { buttonClass } from "../parts/Button.tsx";
import { Empty } from "../parts/Empty.tsx";

export function Nowhere() {
  const { nowhere } = useMessages().frame;
  return (
    <Empty icon="search" title={nowhere.title}>
      <p>{nowhere.text}</p>
      <Link to={href("search")} className={buttonClass("main")}>
        {nowhere.home}
      </Link>
    </Empty>
  );
}
