// Where is what looks like this picture? One step away, in a corner of its tile.

import { Link } from "../address/Link.tsx";
import { useMessages } from "../messages/Messages.tsx";
import { Icon } from "../parts/Icon.tsx";
import styles from "./SimilarLink.module.css";

interface SimilarLinkProps {
  to: string;
  /** The picture's. */
  name: string;
  className?: string | undefined;
}

/** Shows itself while its tile, an `article`, is pointed at or has the focus. */
export function SimilarLink({ to, name, className = "" }: SimilarLinkProps) {
  const { search } = useMessages();
  return (
    <Link
      to={to}
      toTop
      className={`${styles.similar} ${className}`}
      tabIndex={-1}
      title={search.similar}
      aria-label={search.similarTo(name)}
    >
      <Icon name="similar" size={18} />
    </Link>
  );
}
