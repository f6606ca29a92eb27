import { expect, test } from "vitest";

import type { Image } from "../../api/client.ts";
import { MOST, UNDECIDED, decide, foldersOf, isAside, keeping, lettingStay, planFor, putting, type Choices, type Group } from "./keeping.ts";

const image = (id: string, facts: Partial<Image> = {}) =>
  ({ id, uri: `file:///p/${id}.jpg`, path: `/p/${id}.jpg`, width: 100, height: 100, bytes: 1000, format: "jpeg", taken_at: null, added_at: "2026-01-01T00:00:00Z", ...facts }) as Image;
const group = (number: number, images: Image[], tier = "edited") =>
  ({ number, tier, keep: images[0], spare: images.slice(1).map((one) => ({ ...one, reason: "" })), kept_for: "", spare_bytes: 0 }) as unknown as Group;
const choices = (some: Partial<Choices>): Choices => ({ ...UNDECIDED, ...some });

const large = image("large", { width: 200, bytes: 900, taken_at: "2022-01-01T00:00:00" });
const lossless = image("lossless", { format: "png" });
const old = image("old", { taken_at: "2019-01-01T00:00:00" });
const three = group(1, [large, lossless, old]);

test.each([
  ["largest", "large", "pixels"],
  ["quality", "lossless", "format"],
  ["oldest", "old", "age"],
] as const)("by the rule %s, %s is kept for its %s and the others go", (rule, id, measure) => {
  const { keep, goes, why } = decide(three, choices({ rule }));
  expect([keep.id, why, goes.length]).toEqual([id, measure, 2]);
});

test("a picture without a date is no older than one with a date", () => {
  expect(decide(group(1, [image("a"), old]), choices({ rule: "oldest" })).keep.id).toBe("old");
});

test("equal pictures are told apart by their names, always alike", () => {
  const [one, other] = [image("b"), image("a")];
  expect(decide(group(1, [one, other]), UNDECIDED).keep.id).toBe("a");
  expect(decide(group(1, [other, one]), UNDECIDED)).toMatchObject({ keep: { id: "a" }, why: "name" });
});

test("what lies in a protected folder stays, all of it, and is preferred", () => {
  const [mine, too] = [image("mine", { path: "/albums/1.jpg" }), image("too", { path: "/albums/2.jpg" })];
  const { keep, goes, stays, why } = decide(group(1, [large, mine, too]), choices({ folders: ["/albums/"] }));
  expect([keep.path.startsWith("/albums/"), why, goes.map(({ id }) => id), stays.length]).toEqual([true, "folder", ["large"], 1]);
});

test("what a person chose counts more than any rule", () => {
  const decided = decide(three, choices({ keep: new Set(["old"]), staying: new Set(["lossless"]) }));
  expect([decided.keep.id, decided.why, decided.goes.map(({ id }) => id)]).toEqual(["old", "person", ["large"]]);
});

test("what was decided of a group holds when somebody looks again and groups are numbered anew", () => {
  const left = choices({ aside: putting(new Map(), three, true), keep: keeping(new Set(["a"]), three, "old") });
  const again = group(9, [old, image("new"), lossless, large]);
  expect([isAside(again, left), decide(again, left).keep.id, decide(again, left).why]).toEqual([true, "old", "person"]);
  const other = group(1, [image("a"), image("b")]);
  expect([isAside(other, left), decide(other, left).keep.id]).toEqual([false, "a"]);
  expect([...keeping(left.keep, three, "large")]).toEqual(["a", "large"]);
});

test("of two pictures that a person kept neither goes when their groups become one, until that person has it go", () => {
  const both = choices({ keep: new Set(["old", "large"]) });
  const fates = (now: Choices) => [decide(three, now).keep.id, decide(three, now).goes.map(({ id }) => id)];
  expect(fates(both)).toEqual(["large", ["lossless"]]);
  const without = { ...both, ...lettingStay(both, "old") };
  expect(fates(without)).toEqual(["large", ["lossless", "old"]]);
  expect(fates({ ...without, ...lettingStay(without, "old") })).toEqual(["large", ["lossless"]]);
});

test("groups that are only similar are left alone until somebody takes them up", () => {
  const similar = group(7, [image("a"), image("b")], "similar");
  expect(isAside(similar, UNDECIDED)).toBe(true);
  const taken = choices({ aside: putting(new Map(), similar, false) });
  expect(isAside(similar, taken)).toBe(false);
  expect(isAside({ ...similar, keep: image("another") }, taken)).toBe(true);
  expect(planFor([similar], UNDECIDED, "forget", "")).toBeNull();
});

test("a plan names groups and what goes, and what is kept where the service proposed another", () => {
  const asked = planFor([three, group(2, [image("a"), image("b")])], choices({ rule: "oldest", folders: ["/albums/"] }), "move", "/spare");
  expect(asked).toEqual({ action: "move", to: "/spare", groups: [1, 2], keep: { 1: "old" }, spare: ["large", "lossless", "b"], protect: [] });
});

test("of more than the service takes at a time as many go as it takes, also of one single group", () => {
  const many = Array.from({ length: MOST + 3 }, (_, n) => image(`m${n}`));
  const asked = planFor([group(1, [large, image("one")]), group(2, many), group(3, [image("x"), image("y")])], UNDECIDED, "forget", "");
  expect([asked?.groups, asked?.spare.length, new Set(asked?.spare).size]).toEqual([[1, 2], MOST, MOST]);
  expect(planFor([group(2, many)], choices({ keep: new Set(["m9"]) }), "forget", "")?.spare).not.toContain("m0");
});

test("nothing to do is no plan: an empty list of groups would mean all of them", () => {
  expect(planFor([three], choices({ aside: putting(new Map(), three, true) }), "delete", "")).toBeNull();
  expect(planFor([], UNDECIDED, "delete", "")).toBeNull();
});

test("folders are offered, the fullest first", () => {
  expect(foldersOf([three, group(2, [image("x", { path: "/q/x.jpg" })])])).toEqual(["/p/", "/q/"]);
});

test("a folder above several others is offered before them, but neither one on the way to a single one nor one that holds all", () => {
  const paths = ["/p/originals/2019/a.jpg", "/p/originals/2020/b.jpg", "/p/originals/c.jpg", "/p/copies/x/1.jpg", "/p/copies/x/2.jpg", "/p/mail/in/3.jpg", "/p/mail/out/4.jpg"];
  const lying = paths.map((path, n) => image(String(n), { path }));
  expect(foldersOf([group(1, lying)])).toEqual(["/p/originals/", "/p/copies/x/", "/p/mail/", "/p/mail/in/", "/p/mail/out/", "/p/originals/2019/", "/p/originals/2020/"]);
  const verdict = decide(group(1, lying), choices({ folders: ["/p/originals/"] }));
  expect([verdict.stays.length, verdict.goes.length]).toEqual([2, 4]);
});
