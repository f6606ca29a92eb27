// How far is the window scrolled? Told in steps, so that what is drawn changes now and then and not with each pixel.

import { useEffect, useState } from "react";

import { rush } from "./rush.ts";

const STEP = 300;
const stepped = (): number => Math.round(scrollY / STEP) * STEP;

export function useScrolled(): number {
  const [scrolled, setScrolled] = useState(stepped);
  useEffect(() => {
    const follow = () => {
      rush.note(scrollY, performance.now());
      setScrolled(stepped());
    };
    addEventListener("scroll", follow, { passive: true });
    return () => removeEventListener("scroll", follow);
  }, []);
  return scrolled;
}
