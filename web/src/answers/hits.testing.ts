// Hits for tests, with what a test does not care about filled in.

import type { Hit, Tier } from "../api/client.ts";

interface Said {
  tier?: Tier;
  confidence?: number;
  relation?: "same" | "shares_region" | null;
  words?: string[];
  width?: number;
  taken_at?: string | null;
}

export function hit(id: string, { tier = "similar", confidence = 0.5, relation = null, words = [], width = 40, taken_at = null }: Said = {}): Hit {
  return {
    id,
    uri: `file:///pictures/${id}.jpg`,
    path: `/pictures/${id}.jpg`,
    width,
    height: 30,
    format: "jpeg",
    bytes: 1000,
    sha256: id,
    taken_at,
    added_at: "2026-01-01T00:00:00Z",
    title: "",
    caption: "",
    caption_source: "",
    tags: [],
    recognised: {},
    label: "",
    owner: "",
    link: "",
    metadata: {},
    edited: [],
    thumbnail_url: `/v1/images/${id}/thumbnail`,
    file_url: `/v1/images/${id}/file`,
    rank: 1,
    score: confidence,
    confidence,
    tier,
    evidence: { signal: "mini@2/semantic", relation, transform: "", regions: [], words },
  };
}
