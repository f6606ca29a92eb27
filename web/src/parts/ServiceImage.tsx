// How is a picture of the service shown? By its address; where a key must be shown for it, it is fetched first.

import { useEffect, useState, type ComponentProps } from "react";

import { IS_ELSEWHERE, needsKey, showingKey } from "../api/service.ts";

/** How pictures of a service on another origin are asked for: as it lets pages of ours read them, without cookies. */
const CROSS_ORIGIN = IS_ELSEWHERE ? "anonymous" : undefined;

interface ServiceImageProps extends Omit<ComponentProps<"img">, "src" | "alt" | "onError"> {
  src: string;
  alt: string;
  /** Called where it cannot be had, or shown. */
  onMissing?: (() => void) | undefined;
}

export function ServiceImage({ src, alt, onMissing, ...others }: ServiceImageProps) {
  const fetched = useFetched(src, onMissing);
  return <img {...others} crossOrigin={CROSS_ORIGIN} src={fetched} alt={alt} onError={onMissing} />;
}

/** Give an address that an <img> can show; undefined while the picture is fetched. */
function useFetched(src: string, onMissing?: () => void): string | undefined {
  const guarded = needsKey(src);
  const [made, setMade] = useState<{ of: string; url: string } | null>(null);
  const [missing, setMissing] = useState("");
  useEffect(() => {
    if (!guarded) return;
    const leaving = new AbortController();
    let url = "";
    const load = async () => {
      const response = await fetch(src, { headers: showingKey(), signal: leaving.signal });
      if (!response.ok) throw new Error(String(response.status));
      url = URL.createObjectURL(await response.blob());
      if (leaving.signal.aborted) URL.revokeObjectURL(url);
      else setMade({ of: src, url });
    };
    load().catch(() => leaving.signal.aborted || setMissing(src));
    return () => {
      leaving.abort();
      URL.revokeObjectURL(url);
    };
  }, [src, guarded]);
  useEffect(() => {
    if (missing === src) onMissing?.();
  }, [missing, src, onMissing]);
  if (!guarded) return src;
  return made?.of === src ? made.url : undefined;
}
