// How large is an element, and how far from the top of the document?

import { useLayoutEffect, useState, type RefObject } from "react";

export interface Extent {
  width: number;
  height: number;
  top: number;
}

export function useExtent(ref: RefObject<HTMLElement | null>): Extent {
  const [extent, setExtent] = useState<Extent>({ width: 0, height: 0, top: 0 });
  useLayoutEffect(() => {
    const measure = () => {
      const element = ref.current;
      if (!element) return;
      const box = element.getBoundingClientRect();
      const next = { width: Math.floor(box.width), height: Math.floor(box.height), top: Math.round(box.top + scrollY) };
      setExtent((last) => (JSON.stringify(last) === JSON.stringify(next) ? last : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    if (ref.current) observer.observe(ref.current);
    observer.observe(document.body); // what stands above may have grown
    return () => observer.disconnect();
  }, [ref]);
  return extent;
}
