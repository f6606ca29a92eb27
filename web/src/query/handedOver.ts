// Has another program handed a picture over, as the browser extension does? In the address, behind the #.

import { go, href } from "../address/address.ts";
import { fromAddress } from "./intake.ts";
import { EMPTY, sayView } from "./query.ts";

/** Take such a picture out of the address, and search with it. */
export function takeHandedOver(): void {
  const text = location.hash.slice(1);
  if (!text.startsWith("data:image/")) return;
  const picture = fromAddress(text);
  history.replaceState(null, "", location.pathname + location.search);
  if (picture) go(href("search", sayView({ ...EMPTY, picture })), { replace: true });
}
