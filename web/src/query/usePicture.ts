// How does the picture that is searched with look, and what is it called?

import { useEffect, useState } from "react";

import { answer, api, thumbnail, type Image } from "../api/client.ts";
import { nameOf } from "../api/naming.ts";
import { find } from "./kept.ts";
import type { QueryPicture } from "./query.ts";

export interface Shown {
  /** Where an <img> finds it; empty where the browser cannot. */
  source: string;
  name: string;
  /** The file, where it came from this machine. */
  file?: File;
  /** The gallery's record, where it is one of its pictures. */
  image?: Image;
}

/** Give how a query's picture is shown; null while that is not known, and where there is none. */
export function usePicture(picture: QueryPicture | null): Shown | null {
  const [shown, setShown] = useState<{ of: QueryPicture; what: Shown } | null>(null);
  const key = JSON.stringify(picture);
  useEffect(() => {
    const of = JSON.parse(key) as QueryPicture | null;
    if (!of) return;
    const leaving = new AbortController();
    let made = "";
    const show = (what: Shown) => leaving.signal.aborted || setShown({ of, what });
    if (of.kind === "url") show({ source: "", name: of.url });
    else if (of.kind === "file") {
      void find(of.key).then((file) => {
        if (leaving.signal.aborted) return;
        made = file ? URL.createObjectURL(file) : "";
        show({ source: made, name: file?.name ?? "", ...(file && { file }) });
      });
    } else {
      const path = `/v1/images/${encodeURIComponent(of.id)}/thumbnail`;
      show({ source: thumbnail({ thumbnail_url: path }, 1024), name: "" });
      answer(api.GET("/v1/images/{id}", { params: { path: { id: of.id } }, signal: leaving.signal })).then(
        (image) => show({ source: thumbnail(image, 1024), name: nameOf(image), image }),
        () => show({ source: "", name: "" }),
      );
    }
    return () => {
      leaving.abort();
      if (made) URL.revokeObjectURL(made);
    };
  }, [key]);
  return shown && JSON.stringify(shown.of) === key ? shown.what : null;
}
