// What does the page show? Either the gallery's latest pictures or the answers to one query, as the address says.

import { Problem, browse, image, info, search } from "./api.js";
import { fromAddress, takeIn } from "./intake.js";
import { ProofDialog } from "./proof.js";
import { RegionPicker } from "./region.js";
import { element, skeletons, tile } from "./tiles.js";
import { facts, fileSize, nameOf, pictures, readAs, sharesRegion } from "./words.js";

const $ = (id) => document.getElementById(id);
const LIKELY = 0.5;
const SKELETONS_AFTER_MS = 150;

const files = []; // what was dropped or pasted in this visit, so that `back` finds it again
let view = { query: null, where: "" };
let cursor = "";
let running = null;
const hits = new Map(); // what is shown, by id
let total = null;

const part = new RegionPicker($("frame"), $("region"), (crop) => go({ ...view.query, crop }));
const proof = new ProofDialog();

// ---- where we are -------------------------------------------------------------------------------------------------

function go(query, where = view.where) {
  view = { query, where };
  history.pushState({ file: keep(query?.file) }, "", address());
  show();
}

function keep(file) {
  if (!file) return undefined;
  if (!files.includes(file)) files.push(file);
  return files.indexOf(file);
}

function address() {
  const { query, where } = view;
  const said = { text: query?.text, id: query?.id, url: query?.url, crop: query?.crop?.map((share) => share.toFixed(3)).join(","), where };
  const kept = Object.entries(said).filter(([, value]) => value);
  if (query?.file) kept.unshift(["picture", files.indexOf(query.file) + 1]);
  return kept.length ? `?${new URLSearchParams(kept)}` : location.pathname;
}

function readAddress() {
  const said = new URLSearchParams(location.search);
  const file = files[history.state?.file];
  const crop = said.get("crop")?.split(",").map(Number);
  const from = said.get("id") ? { id: said.get("id") } : said.get("url") ? { url: said.get("url") } : file && { file };
  const text = said.get("text") || undefined;
  const picture = from && { ...from, crop: crop?.length === 4 ? crop : undefined };
  view = { query: picture || text ? { ...picture, text } : null, where: said.get("where") ?? "" };
  show();
}

const hasPicture = (query) => Boolean(query?.file || query?.url || query?.id);

// ---- what is shown ------------------------------------------------------------------------------------------------

function show() {
  const { query, where } = view;
  proof.close();
  document.body.dataset.state = hasPicture(query) ? "query" : query ? "words" : "browse";
  document.title = query ? "Answers · Lookalike" : "Lookalike";
  $("filter").value = where;
  $("words").value = query?.text ?? "";
  $("words").placeholder = hasPicture(query) ? "and: in the snow, -people" : 'playing dogs, "in the snow" -people';
  showRead(null);
  $("filter-clear").hidden = !where;
  part.set(query?.crop ?? null);
  $("part").textContent = query?.crop ? "Use all of it" : "Use a part of it";
  if (hasPicture(query)) showQuery(query);
  scrollTo(0, 0);
  load();
}

async function showQuery({ file, url, id }) {
  const key = file ?? url ?? id;
  if (showQuery.shown === key) return;
  showQuery.shown = key;
  URL.revokeObjectURL($("query-picture").src);
  const source = file ? URL.createObjectURL(file) : id ? `v1/images/${encodeURIComponent(id)}/thumbnail?size=1024` : "";
  showPicture(source, url ? "The service asks for this one, not your browser." : "This one cannot be shown.");
  $("query-name").textContent = file ? file.name : url ?? "";
  $("query-facts").textContent = file ? fileSize(file.size) : "";
  $("query-original").hidden = true;
  if (!id) return;
  const known = await image(id).catch(() => null);
  if (!known || showQuery.shown !== key) return;
  $("query-name").textContent = nameOf(known);
  $("query-facts").textContent = facts(known);
  $("query-original").href = known.file_url;
  $("query-original").hidden = false;
}

/** Say how the words were read, and what could not be taken into account. */
function showRead(answer) {
  const said = [answer?.understood && readAs(answer.understood), ...(answer?.remarks ?? [])].filter(Boolean);
  $("understood").textContent = said.join(" ");
  $("understood").hidden = !said.length;
}

function showPicture(source, otherwise) {
  const picture = $("query-picture");
  const seen = (visible) => {
    picture.hidden = !visible;
    $("stand-in").hidden = visible;
    $("stand-in").textContent = otherwise;
    $("part").hidden = !visible;
    part.usable = visible;
  };
  picture.onload = () => seen(true);
  picture.onerror = () => seen(false);
  seen(Boolean(source));
  if (source) picture.src = source;
  else picture.removeAttribute("src");
}

async function load(from = "") {
  running?.abort();
  const { signal } = (running = new AbortController());
  const { query, where } = view;
  const focused = document.activeElement?.closest?.(".tile"); // before anything that holds the focus is hidden
  $("more").disabled = true;
  const waiting = setTimeout(() => showWaiting(from, focused), SKELETONS_AFTER_MS);
  try {
    const answer = await (query ? search(query, { where, cursor: from, signal }) : browse({ where, cursor: from, signal }));
    if (signal.aborted) return;
    clearTimeout(waiting);
    showAnswer(answer, Boolean(from), focused);
  } catch (error) {
    if (signal.aborted) return;
    clearTimeout(waiting);
    showProblem(error, () => load(from), Boolean(from));
  } finally {
    clearTimeout(waiting);
    $("more").disabled = false;
  }
}

function showWaiting(from, focused) {
  if (from) return;
  showProblem(null);
  $("near").replaceChildren(...skeletons());
  $("rest").hidden = $("more").hidden = true;
  $("status").textContent = view.query ? "Looking…" : "";
  keepFocus(focused);
}

function showAnswer(answer, append, focused) {
  const found = answer.hits ?? answer.images;
  const isNear = (one) => !one.tier || one.tier !== "similar" || one.confidence >= LIKELY || sharesRegion(one);
  if (!append) hits.clear();
  for (const hit of answer.hits ?? []) hits.set(hit.id, hit);
  const tiles = (some) => some.map((one) => (one.tier ? tile(one, Boolean(view.query?.text)) : shownTile(one.id) ?? tile(one)));
  const put = append ? "append" : "replaceChildren";
  $("near")[put](...tiles(found.filter(isNear)));
  $("far")[put](...tiles(found.filter((one) => !isNear(one))));
  showProblem(null);
  showRead(answer);
  $("rest").hidden = !$("far").children.length;
  cursor = answer.cursor;
  $("more").hidden = !cursor;
  showStatus();
  keepFocus(focused);
}

/** Give the focus to the headline where the tile that had it is gone, unless the person has moved on. */
function keepFocus(tile) {
  const { activeElement } = document;
  const nobody = !activeElement || activeElement === document.body || !activeElement.isConnected;
  if (tile && nobody && (!tile.isConnected || tile.closest("[hidden]"))) $("status").focus({ preventScroll: true });
}

/** Keep what is there already, so that a gallery that fills up does not flicker. */
const shownTile = (id) => document.querySelector(`#near > [data-id="${CSS.escape(id)}"]:not(:has(.likeness))`);

function showStatus() {
  const near = $("near").children.length;
  const any = near + $("far").children.length;
  const numberOf = (kin) => $("near").querySelectorAll(`.badge[data-kin=${kin}]`).length;
  const [same, edited, shared] = ["identical", "edited", "part"].map(numberOf);
  const words = Boolean(view.query?.text);
  $("rest-title").textContent = near ? `Less ${words ? "fitting" : "alike"} from here on` : "The nearest there are";
  const none = words ? "None of them fits well" : "None of them looks like your picture";
  $("rest-note").textContent = near ? "" : `${none}; they only come closest.`;
  let status;
  if (!view.query) status = any ? "Latest pictures" : view.where ? "No picture passes this filter" : "No pictures yet";
  else if (same) status = same === 1 ? "Here it is" : `Here it is, ${same} times`;
  else if (edited) status = edited === 1 ? "Here it is, edited" : `Here it is, edited, ${edited} times`;
  else if (near && words) status = "These fit";
  else if (near) status = shared === near ? "A part of it is here" : "These look alike";
  else if (words) status = any || !view.where ? "Nothing here fits well" : "No picture passes this filter";
  else status = any || !view.where ? "Nothing like it here" : "No picture passes this filter";
  $("status").textContent = status;
  if (!any && !view.query && !view.where) {
    const hint = element("li", "hint", "Fill the gallery from a folder: ");
    hint.append(element("code", "", "lookalike index ~/Pictures"));
    $("near").replaceChildren(hint);
  }
}

function showProblem(error, again, keepGrid = false) {
  const box = $("problem");
  const ofFilter = Boolean(error?.detail?.includes("\n"));
  const ofWords = Boolean(error?.detail?.startsWith("The words"));
  box.hidden = !error;
  $("filter").setAttribute("aria-invalid", String(ofFilter && !ofWords));
  $("words").setAttribute("aria-invalid", String(ofWords));
  if (!error) return;
  if (!(error instanceof Problem)) console.error(error);
  const { title = "Something went wrong in this page", detail = String(error), fix = "", status = -1 } = error;
  box.replaceChildren(element("strong", "", title), element(ofFilter ? "pre" : "p", "", detail));
  if (fix) box.append(element("p", "fix", fix));
  if ([0, 502, 503].includes(status) && again) {
    const button = element("button", "", "Try again");
    button.addEventListener("click", again);
    box.append(button);
  }
  if (keepGrid) return;
  for (const grid of [$("near"), $("far")]) grid.replaceChildren();
  $("rest").hidden = $("more").hidden = true;
  $("status").textContent = "";
}

// ---- how many there are -------------------------------------------------------------------------------------------

async function count() {
  let growing = false;
  if (!document.hidden) {
    const known = await info().catch(() => null);
    if (known) {
      growing = total !== null && known.images !== total;
      total = known.images;
      $("count").textContent = pictures(known.images);
      $("count").classList.toggle("growing", growing);
      if (growing && !view.query && scrollY < 200 && !running?.signal.aborted) load();
    }
  }
  setTimeout(count, growing ? 2_000 : 5_000);
}

// ---- what people do -----------------------------------------------------------------------------------------------

const odd = (sentence) => showProblem(new Problem({ title: "That is no picture", detail: sentence }), null, true);

takeIn({ chooser: $("file"), curtain: $("curtain") }, go, odd);

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.picture, #home");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (link.id === "home") go(null, "");
  else go({ id: link.closest(".tile").dataset.id });
});
document.addEventListener("click", (event) => {
  const badge = event.target.closest?.("button.badge");
  if (badge) proof.open(view.query, hits.get(badge.closest(".tile").dataset.id));
});
$("words-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("words").value.trim();
  const picture = await fromAddress(text);
  if (picture) return go(picture);
  const { query } = view;
  go(hasPicture(query) ? { ...query, text: text || undefined } : text ? { text } : null);
});
$("address-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const typed = $("address").value.trim();
  if (!typed) return;
  const query = await fromAddress(/^[\w-]+(\.[\w-]+)+\//.test(typed) ? `https://${typed}` : typed);
  if (query) go(query);
  else odd("An address starts with https:// or http://.");
});
$("filter-form").addEventListener("submit", (event) => {
  event.preventDefault();
  go(view.query, $("filter").value.trim());
});
$("filter-clear").addEventListener("click", () => go(view.query, ""));
$("part").addEventListener("click", () => (view.query.crop ? go({ ...view.query, crop: undefined }) : part.begin()));
$("more").addEventListener("click", () => load(cursor));
addEventListener("popstate", readAddress);

readAddress();
count();
