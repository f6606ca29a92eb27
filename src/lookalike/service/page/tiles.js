// How does one picture look in the grid? Everything that comes from a picture is text, never markup.

import { facts, kinship, nameOf, sharesRegion } from "./words.js";

const SKELETONS = [1.5, 0.75, 1.33, 1.78, 1, 1.5, 0.67, 1.33, 1.5, 1, 1.78, 0.75, 1.33, 1.5, 1, 1.33];

export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Make the tile of a picture of the gallery, or of a hit of a query that held words or none. */
export function tile(image, byWords = false) {
  const name = nameOf(image);
  const made = element("li", "tile");
  made.dataset.id = image.id;
  made.style.setProperty("--ratio", ratio(image.width / image.height));

  const link = element("a", "picture");
  link.href = `?id=${encodeURIComponent(image.id)}`;
  link.title = `${image.path}\n${facts(image)}`;
  link.append(thumbnail(image, name));

  const original = element("a", "original", "↗");
  original.href = image.file_url;
  original.target = "_blank";
  original.rel = "noopener";
  original.title = "Open the original";
  original.setAttribute("aria-label", `Open the original of ${name}`);

  made.append(link, original);
  if (image.tier && (!byWords || image.evidence.relation)) made.append(badge(image, name));
  if (image.tier) made.append(likeness(image, byWords));
  if (image.tier === "edited") made.append(element("p", "transform", image.evidence.transform));
  made.append(element("p", "name", name));
  return made;
}

export function skeletons() {
  return SKELETONS.map((shape) => {
    const made = element("li", "tile skeleton");
    made.style.setProperty("--ratio", shape);
    made.append(element("div", "picture"));
    made.setAttribute("aria-hidden", "true");
    return made;
  });
}

function thumbnail(image, name) {
  const picture = element("img");
  picture.alt = `Search by ${name}`;
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.draggable = true;
  picture.addEventListener("error", () => picture.replaceWith(placeholder(image, name)), { once: true });
  picture.src = `${image.thumbnail_url}?size=512`;
  return picture;
}

function placeholder(image, name) {
  const made = element("span", "missing", image.format.toUpperCase());
  made.append(element("small", "", "cannot be shown"));
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", `Search by ${name}, which cannot be shown`);
  return made;
}

/** Name the tier; where regions matched, as a button that shows them. */
function badge(hit, name) {
  const shown = hit.evidence.regions.length > 0;
  const made = element(shown ? "button" : "span", "badge", sharesRegion(hit) ? "part" : hit.tier);
  made.dataset.kin = made.textContent;
  if (!shown) return made;
  made.type = "button";
  made.title = "Show where they agree";
  made.setAttribute("aria-label", `${made.textContent}: show where ${name} agrees with your picture`);
  made.setAttribute("aria-haspopup", "dialog");
  return made;
}

function likeness(hit, byWords) {
  const made = element("p", "likeness", kinship(hit, byWords));
  made.dataset.tier = hit.tier;
  made.style.setProperty("--confidence", hit.confidence);
  return made;
}

/** Keep panoramas and scrolls from ruling a whole row. */
const ratio = (shape) => Math.min(2.2, Math.max(0.62, shape || 1)).toFixed(3);
