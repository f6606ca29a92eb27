import type { Messages } from "../catalogue.ts";

export const jobs: Messages["jobs"] = {
  kinds: {
    index: "Ein Ordner wird aufgenommen",
    retry: "Fehlgeschlagenes noch einmal",
    duplicates: "Doppelte werden gesucht",
    apply: "Doppelte werden aufgeräumt",
    undo: "Es wird zurückgenommen",
  },
  states: { waiting: "wartet", running: "läuft", done: "fertig", failed: "fehlgeschlagen", cancelled: "abgebrochen" },
  stopping: "hält an…",
  done: (count) => `${count} erledigt`,
  doneOf: (count, total) => `${count} von ${total}`,
  rate: (count) => `${count} pro Sekunde`,
  left: (span) => `noch etwa ${span}`,
  outcomes: {
    added: "neu",
    updated: "erneuert",
    unchanged: "unverändert",
    removed: "verschwunden",
    unreadable: "unlesbar",
    too_large: "zu groß",
    unreachable: "unerreichbar",
    blocked: "gesperrt",
    group: "Gruppen",
    done: "erledigt",
    left: "gelassen",
    undone: "zurückgelegt",
    restored: "wieder in der Galerie",
  },
  failures: (count) => `Was nicht ging, und warum (${count})`,
};
