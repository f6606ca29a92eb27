// What lies over the page while something is dragged onto it?

import { useMessages } from "../messages/Messages.tsx";
import styles from "./Curtain.module.css";

export function Curtain() {
  const { search } = useMessages();
  return (
    <div className={styles.curtain}>
      <p>{search.letGo}</p>
    </div>
  );
}
