// How large is a picture shown, and which part of it is in sight?

export interface Size {
  width: number;
  height: number;
}

export interface Zoom {
  /** 1 where all of it fits into its place. */
  readonly scale: number;
  /** How far it is moved from the middle, in CSS pixels. */
  readonly x: number;
  readonly y: number;
}

/** A picture, the place that it is shown in, and how many pixels of the screen a CSS pixel has. */
export interface Shown {
  picture: Size;
  place: Size;
  density: number;
}

export const FITTED: Zoom = { scale: 1, x: 0, y: 0 };
/** How much larger a small picture, which is shown at its full size already, can be made. */
const LEAST = 2;

const fitting = ({ picture, place }: Shown): number => Math.min(place.width / picture.width, place.height / picture.height);

/** Give the largest scale: a pixel of the picture is one of the screen's. */
export const largest = (shown: Shown): number => Math.max(LEAST, 1 / (fitting(shown) * shown.density));

/** Move it, as far as something of it would come in sight. */
export function moved(zoom: Zoom, by: { x: number; y: number }, shown: Shown): Zoom {
  const within = (side: keyof Size, at: number) => {
    const most = Math.max(0, (shown.picture[side] * fitting(shown) * zoom.scale - shown.place[side]) / 2);
    return Math.min(most, Math.max(-most, at));
  };
  return { scale: zoom.scale, x: within("width", zoom.x + by.x), y: within("height", zoom.y + by.y) };
}

/** Make it so many times as large, about a point from the middle of its place that stays where it is. */
export function zoomed(zoom: Zoom, times: number, at: { x: number; y: number }, shown: Shown): Zoom {
  const scale = Math.min(largest(shown), zoom.scale * times);
  if (scale <= 1) return FITTED;
  const grown = scale / zoom.scale;
  return moved({ scale, x: at.x - (at.x - zoom.x) * grown, y: at.y - (at.y - zoom.y) * grown }, { x: 0, y: 0 }, shown);
}

/** What every browser that the app runs in can draw. */
const DRAWN = ["jpeg", "png", "webp", "avif", "gif"];
/** What may be animated. */
const MOVING = ["gif", "webp", "avif"];
/** Of a larger one, the decoded pixels would take more than 240 MB. */
const MOST_PIXELS = 60_000_000;

interface Original extends Size {
  format: string;
}

/** Tell whether the original shows more than its thumbnail, whose longest side is `side`, and can be shown. */
export function isWorthShowing({ format, width, height }: Original, side: number, reducesMotion: boolean): boolean {
  if (!DRAWN.includes(format) || width * height > MOST_PIXELS || (reducesMotion && MOVING.includes(format))) return false;
  return Math.max(width, height) > side || format === "gif";
}
