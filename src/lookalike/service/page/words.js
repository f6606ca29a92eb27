// How are numbers and names put for people?

const whole = new Intl.NumberFormat("en");

const LIKENESS = [
  [0.9, "looks much alike"],
  [0.5, "looks alike"],
  [0.1, "a faint likeness"],
  [0, "hardly alike"],
];

const FIT = [
  [0.9, "fits well"],
  [0.5, "fits"],
  [0.1, "hardly fits"],
  [0, "does not fit"],
];

export const pictures = (n) => `${whole.format(n)} ${n === 1 ? "picture" : "pictures"}`;

export function fileSize(bytes) {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

export const nameOf = (image) => image.title || image.path.split("/").filter(Boolean).pop() || image.uri;

export function facts(image) {
  const taken = image.taken_at ? `, ${image.taken_at.slice(0, 10)}` : "";
  return `${image.width} × ${image.height}, ${image.format.toUpperCase()}, ${fileSize(image.bytes)}${taken}`;
}

/** Tell whether a hit is another picture that has something in common with the query. */
export const sharesRegion = (hit) => hit.evidence.relation === "shares_region";

/** Say how a hit is related to the query, which held words or none; a rounded 0 or 100 % would claim too much. */
export function kinship(hit, byWords = false) {
  if (hit.tier === "identical") return "the very same picture";
  const percent = `·\u00a0${Math.min(99, Math.max(1, Math.round(hit.confidence * 100)))}\u00a0%`;
  if (hit.tier === "edited") return `the same, edited ${percent}`;
  if (sharesRegion(hit)) return "a part is the same";
  if (hit.evidence.words.length) return `says ${hit.evidence.words.join(", ")} ${percent}`;
  const [, words] = (byWords ? FIT : LIKENESS).find(([least]) => hit.confidence >= least);
  return `${words} ${percent}`;
}

/** Say how words were read, where that is not plain to see; empty where it is. */
export function readAs({ words, phrases, excluded, weights, filter }) {
  const parts = [...words, ...phrases.map((phrase) => `“${phrase}”`)];
  const odd = Object.entries(weights).map(([word, weight]) => `${word} × ${weight}`);
  const rest = [
    odd.length && `counting ${odd.join(", ")}`,
    excluded.length && `without ${excluded.join(", ")}`,
    filter && `where ${filter}`,
  ].filter(Boolean);
  if (!rest.length && !phrases.length) return "";
  return [parts.length ? `Looked for ${parts.join(", ")}` : "Looked", ...rest].join("; ") + ".";
}
