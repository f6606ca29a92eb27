// How is a comparison of two pictures shown like a hit of a search?

import type { Hit, Image, MatchedRegion, Schemas } from "../../api/client.ts";

const ALL: [number, number][] = [[0, 0], [1, 0], [1, 1], [0, 1]];

/** Where all pixels are the same, nobody looked for regions: it is the whole of both. */
const WHOLE: MatchedRegion = { query: ALL, image: ALL, homography: [1, 0, 0, 0, 1, 0, 0, 0, 1], inliers: 0, agreement: 1, mirrored: false, inverted: false };

export function asHit(image: Image, { tier, confidence, ...evidence }: Schemas["Comparison"]): Hit {
  const regions = evidence.regions.length || tier !== "identical" ? evidence.regions : [WHOLE];
  return { ...image, rank: 1, score: confidence, confidence, tier: tier ?? "similar", evidence: { ...evidence, regions } };
}
