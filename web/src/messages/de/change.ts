import type { Messages } from "../catalogue.ts";

export const change: Messages["change"] = {
  edit: "Bearbeiten",
  delete: "Löschen",
  deleteHint: "Es verlässt die Galerie. Ihre eigenen Dateien bleiben, wo sie sind; Hochgeladenes bleibt eine Stunde aufgehoben.",
  about: (name) => `Über ${name}`,
  aboutMany: (count) => `Über ${count} Bilder`,
  fields: { title: "Titel", caption: "Beschreibung", label: "Label", owner: "Besitzer" },
  tags: "Schlagwörter",
  addTags: "Schlagwörter, durch Kommas getrennt",
  removeTag: (tag) => `Schlagwort ${tag} entfernen`,
  ofAll: (some, all) => `${some} von ${all}`,
  differs: "Verschiedene; sie bleiben, wenn Sie nichts eingeben",
  save: "Speichern",
  saving: (done, all) => `${done} von ${all} gespeichert…`,
  saved: (count, isOne) => (isOne ? "Gespeichert." : `Für ${count} Bilder gespeichert.`),
  undone: "Alles steht wieder da wie zuvor.",
  notUndone: (count, isOne) => (isOne ? "Es bleibt, wie es ist: inzwischen neu beschrieben, oder zu lange her." : `${count} bleiben, wie sie sind: inzwischen neu beschrieben, oder zu lange her.`),
  deleting: (count: string, isOne: boolean) => (isOne ? "Ein Bild wird gelöscht…" : `${count} Bilder werden gelöscht…`),
  deleted: (count, isOne) => (isOne ? "Ein Bild gelöscht." : `${count} Bilder gelöscht.`),
  back: (count, isOne) => (isOne ? "Es ist wieder da." : `${count} Bilder sind wieder da.`),
  notBack: (count) => `Nicht zurückgekommen: ${count}. Es ist mehr als eine Stunde her.`,
};
