// Where among the pictures is somebody, as the address says it?

import type { Said } from "../../address/address.ts";
import { ORDERS, type OrderName } from "./order.ts";

export interface Place {
  /** A filter in the service's language. */
  readonly where: string;
  readonly order: OrderName;
  /** The year that the list begins with; `none` for pictures without a date; empty for the beginning. */
  readonly from: string;
  /** The id of the picture that is opened; empty for none. */
  readonly hit: string;
}

/** What a link that somebody broke by hand names besides is no place in the list. */
const YEAR = /^(1[89]|2[01])\d\d$|^none$/;

export function readPlace(said: URLSearchParams): Place {
  return {
    where: said.get("where") ?? "",
    order: ORDERS.find((one) => one === said.get("order")) ?? "added",
    from: YEAR.exec(said.get("from") ?? "")?.[0] ?? "",
    hit: said.get("hit") ?? "",
  };
}

export const sayPlace = ({ where, order, from, hit }: Place): Said => ({
  where,
  order: order === "added" ? undefined : order,
  from,
  hit,
});
