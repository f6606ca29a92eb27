// What can go wrong when the service is asked? It says so itself (RFC 9457), or it does not answer at all.

import type { Wording } from "../messages/wordings.ts";

export type ProblemKind = "silent" | "login" | "busy" | "gone" | "refused";

interface Said {
  type?: string;
  title?: string;
  detail?: string;
  fix?: string;
  /** What `detail` says, by a code. */
  wording?: Wording | null;
}

export class Problem extends Error {
  /** HTTP's status; 0 where there was no answer. */
  readonly status: number;
  /** The kind of problem, as the service names it: `bad-input`. */
  readonly slug: string;
  readonly title: string;
  readonly detail: string;
  readonly fix: string;
  readonly wording: Wording | null;

  constructor(status: number, said: Said) {
    super(said.detail || said.title || String(status));
    this.name = "Problem";
    this.status = status;
    this.slug = said.type?.split("#")[1] ?? "";
    this.title = said.title ?? "";
    this.detail = said.detail ?? "";
    this.fix = said.fix ?? "";
    this.wording = said.wording ?? null;
  }

  get kind(): ProblemKind {
    if (this.status === 0) return "silent";
    if (this.status === 401) return "login";
    if (this.status === 404) return "gone";
    return [429, 502, 503, 504].includes(this.status) ? "busy" : "refused";
  }

  /** Whether the same request may succeed a little later. */
  get isPassing(): boolean {
    return this.kind === "silent" || this.kind === "busy";
  }
}

/** Something that was never asked, as it cannot be; told in the visitor's language already. */
export class Unaskable extends Error {
  readonly title: string;

  constructor({ title, detail }: { title: string; detail: string }) {
    super(detail);
    this.name = "Unaskable";
    this.title = title;
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const said: unknown = await response.json().catch(() => null);
  return new Problem(response.status, said !== null && typeof said === "object" ? said : {});
}

const KINDS: Readonly<Record<string, string>> = { unreadable: "unreadable-image", too_large: "too-large", unreachable: "unreachable", blocked: "blocked" };

/** Give what became of a picture as a problem, in the terms of the service's other problems. */
export const problemOfOutcome = ({ outcome, reason, wording }: { outcome: string; reason: string; wording?: Wording | null }): Problem =>
  new Problem(422, { type: `/docs#${KINDS[outcome] ?? ""}`, detail: reason, wording });

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
