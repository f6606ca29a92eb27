import { expect, test } from "vitest";

import { isOver, paceOf, shareOf, withOutcome, type Job, type Outcome } from "./jobs.ts";

const job = (facts: Partial<Job>) => ({ state: "running", done: 0, total: null, started_at: null, ended_at: null, ...facts }) as Job;
const AT = "2026-01-31T12:00:00Z";
const later = (seconds: number) => Date.parse(AT) + seconds * 1000;

test("nobody knows the share before everything is counted, and it never exceeds all", () => {
  expect(shareOf(job({ done: 5 }))).toBeNull();
  expect(shareOf(job({ done: 5, total: 20 }))).toBe(0.25);
  expect(shareOf(job({ done: 21, total: 20 }))).toBe(1);
  expect(shareOf(job({ total: 0 }))).toBe(0);
  expect(shareOf(job({ state: "done", done: 0, total: null }))).toBe(1);
});

test("the pace is told once it means something, and the time left while there is some", () => {
  expect(paceOf(job({ started_at: AT, done: 5 }), later(1))).toBeNull();
  expect(paceOf(job({ started_at: AT, done: 50, total: 150 }), later(10))).toEqual({ rate: 5, left_s: 20 });
  const ended = job({ state: "done", started_at: AT, ended_at: new Date(later(20)).toISOString(), done: 50, total: 50 });
  expect(paceOf(ended, later(9999))).toEqual({ rate: 2.5, left_s: null });
});

test("of what a job did, failures are told, the newest first and not without end", () => {
  const outcome = (path: string, of = "unreadable"): Outcome => ({ path, outcome: of, reason: "" });
  let told: readonly Outcome[] = withOutcome([], outcome("a"));
  told = withOutcome(told, outcome("b", "added"));
  told = withOutcome(told, outcome("c"));
  expect(told.map(({ path }) => path)).toEqual(["c", "a"]);
  for (let n = 0; n < 300; n += 1) told = withOutcome(told, outcome(String(n)));
  expect(told).toHaveLength(100);
});

test("a job that waits or works is not over", () => {
  expect((["waiting", "running", "done", "failed", "cancelled"] as const).map((state) => isOver(job({ state })))).toEqual([false, false, true, true, true]);
});
