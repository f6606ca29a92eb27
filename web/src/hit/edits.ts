// What was done to a picture, in the visitor's language? The service says it in English, in few and fixed phrases.

import type { Messages } from "../messages/catalogue.ts";

type Edits = Messages["hit"]["edits"];

/** As src/lookalike/copies/wording.py writes them; a phrase that begins another stands behind it. */
const PHRASES: readonly (readonly [RegExp, (said: Edits, number: string) => string])[] = [
  [/^cropped to (\d+ %)/, (said, share) => said.cropped(share)],
  [/^set into a larger picture, (\d+ %) of it/, (said, share) => said.set(share)],
  [/^mirrored top to bottom/, (said) => said.flipped],
  [/^mirrored/, (said) => said.mirrored],
  [/^rotated 180°/, (said) => said.upsideDown],
  [/^rotated (\d+)° clockwise/, (said, degrees) => said.clockwise(degrees)],
  [/^rotated (\d+)° anticlockwise/, (said, degrees) => said.anticlockwise(degrees)],
  [/^seen at an angle/, (said) => said.angle],
  [/^stretched by (\d+ %)/, (said, share) => said.stretched(share)],
  [/^scaled to (\d+ %)/, (said, share) => said.scaled(share)],
  [/^colours inverted/, (said) => said.inverted],
  [/^same framing/, (said) => said.same],
  [/^(\d+) regions match/, (said, n) => said.regions(n)],
];

/** Translate what was done; a text that is not understood whole stays as it is. */
export function translateEdits(text: string, said: Edits): string {
  const parts: string[] = [];
  let rest = text;
  while (rest) {
    const found = PHRASES.map(([pattern, say]) => ({ match: pattern.exec(rest), say })).find(({ match }) => match);
    if (!found?.match) return text;
    parts.push(found.say(said, (found.match[1] ?? "").replace(" ", "\u00a0"))); // no line ends between a number and its sign
    rest = rest.slice(found.match[0].length).replace(/^, /, "");
  }
  return parts.join(", ");
}
