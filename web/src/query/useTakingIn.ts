// How is a picture to search with taken in, that is pasted or dropped anywhere on the page?

import { fromTransfer, holdsFolder, mayBePicture, picturesIn } from "./intake.ts";
import type { QueryPicture } from "./query.ts";
import { useIncoming } from "./useIncoming.ts";

/** How something comes in that is no picture. */
export type Odd = "pasted" | "dropped" | "folder";

interface Taker {
  /** Whether a picture of the page itself is taken, too, when it is dragged. */
  takesOwn: boolean;
  /** Called with a picture, and how many came with it. */
  found: (picture: QueryPicture, others: number) => void;
  /** Called with how something came that is no picture. */
  odd: (how: Odd) => void;
}

/** Listen to the whole page; tells whether something is just being dragged over it. */
export function useTakingIn({ takesOwn, found, odd }: Taker): boolean {
  const take = (data: DataTransfer, how: Odd) => {
    if (holdsFolder(data)) return odd("folder");
    const picture = fromTransfer(data);
    if (picture) found(picture, picture.kind === "file" ? Math.max(0, picturesIn(data).length - 1) : 0);
    else odd(how);
  };
  return useIncoming({ isMeant: mayBePicture, takesOwn, take });
}
