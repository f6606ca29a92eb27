// Which files are on their way into the gallery? A few at a time, also while other pages are looked at.

import type { Image } from "../../api/client.ts";
import { Problem, isAbort, problemOfOutcome } from "../../api/problem.ts";
import { rest } from "../../api/rest.ts";

export type State = "waiting" | "sending" | "stored" | "known" | "failed";

export interface Sent {
  readonly key: string;
  /** Names this upload to the service, so that sending it twice does no harm; another one once it was refused. */
  readonly name: string;
  readonly file: File;
  readonly state: State;
  /** Share that has left this machine. */
  readonly share: number;
  readonly image: Image | null;
  /** Why it failed; null where it did not. */
  readonly problem: unknown;
}

export interface Answer {
  outcome: string;
  reason: string;
  image: Image | null;
}

export interface Transport {
  /** Send a file; throws a `Problem`, or an abort. */
  (file: File, name: string, onShare: (share: number) => void, signal: AbortSignal): Promise<Answer>;
}

interface Pace {
  atATime: number;
  tries: number;
  /** How long to wait before the nth further try. */
  waitMs: (n: number) => number;
}

const PACE: Pace = { atATime: 3, tries: 6, waitMs: (n) => 1000 * 2 ** n };
const TAKEN_IN: Readonly<Record<string, State>> = { added: "stored", updated: "stored", unchanged: "known" };
const UNDER_WAY = 409;

const newName = (): string => `upload-${[...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("")}`;

/** Tell whether the service surely did not take a file in: it would say so again, for a day, to whoever sends the same name. */
const isRefusal = (problem: unknown): boolean =>
  problem instanceof Problem && !problem.isPassing && problem.status < 500 && problem.status !== UNDER_WAY;

export class UploadQueue {
  #sent = new Map<string, Sent>();
  #running = new Map<string, AbortController>();
  #shown: readonly Sent[] = [];
  #listeners = new Set<() => void>();
  readonly #transport: Transport;
  readonly #pace: Pace;

  constructor(transport: Transport, pace: Partial<Pace> = {}) {
    this.#transport = transport;
    this.#pace = { ...PACE, ...pace };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): readonly Sent[] => this.#shown;

  get isBusy(): boolean {
    return this.#shown.some(({ state }) => state === "waiting" || state === "sending");
  }

  add(files: readonly File[]): void {
    for (const file of files) {
      const key = newName();
      this.#sent.set(key, { key, name: key, file, state: "waiting", share: 0, image: null, problem: null });
    }
    this.#tell();
    this.#go();
  }

  /** Stop one upload; what has been stored meanwhile stays. */
  cancel(key: string): void {
    this.#sent.delete(key);
    this.#running.get(key)?.abort();
    this.#tell();
  }

  cancelAll(): void {
    for (const { key, state } of this.#shown) if (state === "waiting" || state === "sending") this.cancel(key);
  }

  /** Try again what failed; all of it, or one. */
  again(key?: string): void {
    for (const one of this.#shown) {
      if (one.state !== "failed" || (key && one.key !== key)) continue;
      const name = isRefusal(one.problem) ? newName() : one.name;
      this.#set(one.key, { name, state: "waiting", share: 0, problem: null });
    }
    this.#go();
  }

  /** Forget what is over. */
  clear(): void {
    for (const { key, state } of this.#shown) if (state !== "waiting" && state !== "sending") this.#sent.delete(key);
    this.#tell();
  }

  /** Stop all of them, and forget that they were. */
  forget(): void {
    this.cancelAll();
    this.clear();
  }

  #go(): void {
    for (const { key, state } of this.#sent.values()) {
      if (this.#running.size >= this.#pace.atATime) return;
      if (state === "waiting" && !this.#running.has(key)) void this.#send(key);
    }
  }

  async #send(key: string): Promise<void> {
    const { signal } = this.#begin(key);
    try {
      const answer = await this.#patiently(key, signal);
      const state = TAKEN_IN[answer.outcome] ?? "failed";
      this.#set(key, { state, image: answer.image, share: 1, problem: state === "failed" ? problemOfOutcome(answer) : null });
    } catch (problem) {
      if (!isAbort(problem)) this.#set(key, { state: "failed", problem });
    } finally {
      this.#running.delete(key);
      this.#go();
    }
  }

  #begin(key: string): AbortController {
    const control = new AbortController();
    this.#running.set(key, control);
    this.#set(key, { state: "sending", share: 0 });
    return control;
  }

  /** Send it, again and again while the service has too much to do or does not answer. */
  async #patiently(key: string, signal: AbortSignal): Promise<Answer> {
    for (let n = 0; ; n += 1) {
      const sent = this.#sent.get(key);
      if (!sent) throw new DOMException("cancelled", "AbortError");
      try {
        return await this.#transport(sent.file, sent.name, (share) => this.#set(key, { share }), signal);
      } catch (error) {
        const passing = error instanceof Problem && (error.isPassing || error.status === UNDER_WAY);
        if (!passing || n + 1 >= this.#pace.tries) throw error;
        await rest(this.#pace.waitMs(n), signal);
      }
    }
  }

  #set(key: string, change: Partial<Sent>): void {
    const now = this.#sent.get(key);
    if (!now) return;
    this.#sent.set(key, { ...now, ...change });
    this.#tell();
  }

  #tell(): void {
    this.#shown = [...this.#sent.values()];
    for (const listener of this.#listeners) listener();
  }
}
