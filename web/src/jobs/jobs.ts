// How far is a job, and how long will it take?

import type { Schemas } from "../api/client.ts";
import type { Wording } from "../messages/wordings.ts";

export type Job = Schemas["Job"];

export const isOver = ({ state }: Pick<Job, "state">): boolean => state !== "waiting" && state !== "running";

/** Give the share that is done; null while nobody knows how much there is. */
export const shareOf = ({ done, total, state }: Pick<Job, "done" | "total" | "state">): number | null =>
  state === "done" ? 1 : total === null ? null : total > 0 ? Math.min(1, done / total) : 0;

const LEAST_S = 3;

/** Give things a second, and seconds left; null while it is too early to say. */
export function paceOf(job: Job, now: number): { rate: number; left_s: number | null } | null {
  if (!job.started_at || !job.done) return null;
  const took_s = ((job.ended_at ? Date.parse(job.ended_at) : now) - Date.parse(job.started_at)) / 1000;
  if (took_s < LEAST_S) return null;
  const rate = job.done / took_s;
  return { rate, left_s: job.total === null || isOver(job) ? null : Math.max(0, job.total - job.done) / rate };
}

/** One thing that a job dealt with. */
export interface Outcome {
  path: string;
  outcome: string;
  reason: string;
  wording?: Wording | null;
}

const FAILED = new Set(["unreadable", "too_large", "unreachable", "blocked", "left"]);
const KEPT = 100;

/** Add an outcome to those worth telling: what failed, the newest first, and not without end. */
export function withOutcome(told: readonly Outcome[], next: Outcome): readonly Outcome[] {
  return FAILED.has(next.outcome) ? [next, ...told].slice(0, KEPT) : told;
}
