import type { Messages } from "../catalogue.ts";

export const browse: Messages["browse"] = {
  keys: "Pfeiltasten bewegen, Eingabe öffnet, Leertaste wählt aus, mit Umschalt mehrere. Entf löscht.",
  order: "Reihenfolge",
  orders: { added: "Neueste zuerst", taken: "Aufnahmedatum", earliest: "Älteste Aufnahmen zuerst", folder: "Ordner", largest: "Größte zuerst" },
  years: "Jahre",
  fromStart: "Alle",
  uploaded: "Hochgeladen",
  undated: "Ohne Datum",
  taken: (year, count) => `${count} aus dem Jahr ${year}`,
  choose: (name) => `${name} auswählen`,
  chooseAll: (what) => `Alle auswählen: ${what}`,
  chosen: (count) => `${count} ausgewählt`,
  chosenTools: "Was mit den ausgewählten geschehen kann",
  clear: "Keines auswählen",
  loading: "Weitere kommen…",
  all: (count) => `Das sind alle: ${count}.`,
  come: (count, isOne) => (isOne ? "Eines ist hinzugekommen: zeigen" : `${count} sind hinzugekommen: zeigen`),
  empty: "Laden Sie welche hoch, oder lassen Sie einen Ordner des Rechners aufnehmen, auf dem Lookalike läuft.",
  add: "Bilder hinzufügen",
  showAll: "Alle Bilder zeigen",
};
