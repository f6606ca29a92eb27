// Which item lies next to one, in the direction of an arrow key?

/** An item's place: its column, and where it begins and ends. */
export interface Place {
  index: number;
  lane: number;
  start: number;
  end: number;
}

/** Give the index that a key leads to; the same one at an edge, undefined for keys that lead nowhere. */
export function moved(places: readonly Place[], from: number, key: string): number | undefined {
  const here = places[from];
  if (!here) return undefined;
  switch (key) {
    case "Home":
      return 0;
    case "End":
      return places.length - 1;
    case "ArrowDown":
      return places.find((one) => one.index > from && one.lane === here.lane)?.index ?? from;
    case "ArrowUp":
      return places.findLast((one) => one.index < from && one.lane === here.lane)?.index ?? from;
    case "ArrowRight":
      return beside(places, here, 1) ?? from;
    case "ArrowLeft":
      return beside(places, here, -1) ?? from;
    default:
      return undefined;
  }
}

/** Give what lies level with the middle of an item, in the column beside it. */
function beside(places: readonly Place[], here: Place, step: 1 | -1): number | undefined {
  const middle = (here.start + here.end) / 2;
  const distance = (one: Place) => Math.max(one.start - middle, middle - one.end, 0);
  let nearest: Place | undefined;
  for (const one of places) {
    if (one.lane === here.lane + step && (!nearest || distance(one) < distance(nearest))) nearest = one;
  }
  return nearest?.index;
}
