// What becomes of a part that has a fault, or whose code could not be fetched? The rest stays, with a way to load all anew.

import { Component, useState, type ReactNode } from "react";

import { root } from "../address/address.ts";
import { Problem } from "../api/problem.ts";
import { Notice } from "./Notice.tsx";

/** Keeps a fault of one part from taking the whole app with it. */
export class Mending extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    return this.state.error === null ? this.props.children : <Fault error={this.state.error} />;
  }
}

function Fault({ error }: { error: unknown }) {
  const [told, setTold] = useState(error);
  return <Notice error={told} again={() => void loadAnew().catch(setTold)} />;
}

/**
 * Load the app anew, where it is there: else nothing would be left of it. Code that could not be fetched once is not
 * fetched again otherwise. Source: https://github.com/whatwg/html/issues/6768
 */
async function loadAnew(): Promise<void> {
  const found = await fetch(root(), { cache: "no-store" }).catch(() => null);
  if (!found?.ok) throw new Problem(found?.status ?? 0, {});
  location.reload();
}
