// What if the browser cannot show the query's picture? The service draws the two where they agree.

import { useEffect, useState } from "react";

import { drawing } from "../answers/asking.ts";
import { isAbort } from "../api/problem.ts";
import { useMessages } from "../messages/Messages.tsx";
import { Notice } from "../parts/Notice.tsx";
import type { Crop, QueryPicture } from "../query/query.ts";
import styles from "./Drawn.module.css";

interface DrawnProps {
  picture: QueryPicture;
  crop: Crop | null;
  id: string;
  draw: "side_by_side" | "overlay";
}

export function Drawn({ picture, crop, id, draw }: DrawnProps) {
  const { hit } = useMessages();
  const [source, setSource] = useState("");
  const [error, setError] = useState<unknown>(null);
  const about = JSON.stringify([picture, crop]);
  useEffect(() => {
    const leaving = new AbortController();
    let made = "";
    const [of, part] = JSON.parse(about) as [QueryPicture, Crop | null];
    setSource("");
    setError(null);
    drawing({ picture: of, crop: part }, id, draw, leaving.signal).then(
      (jpeg) => {
        if (leaving.signal.aborted) return;
        made = URL.createObjectURL(jpeg);
        setSource(made);
      },
      (reason: unknown) => leaving.signal.aborted || isAbort(reason) || setError(reason),
    );
    return () => {
      leaving.abort();
      URL.revokeObjectURL(made);
    };
  }, [about, id, draw]);
  if (error) return <Notice error={error} />;
  if (!source) return <p className={styles.waiting}>{hit.drawing}</p>;
  return <img className={styles.drawn} src={source} alt={draw === "overlay" ? hit.drawnOver : hit.drawn} />;
}
