import type { Messages } from "../catalogue.ts";

export const browse: Messages["browse"] = {
  keys: "Les flèches déplacent, Entrée ouvre, la barre d’espace choisit, avec Maj plusieurs. Suppr supprime.",
  order: "Ordre",
  orders: { added: "Les plus récentes d’abord", taken: "Date de prise de vue", earliest: "Prises le plus tôt d’abord", folder: "Dossiers", largest: "Les plus grandes d’abord" },
  years: "Années",
  fromStart: "Toutes",
  uploaded: "Ajoutées",
  undated: "Sans date",
  taken: (year, count) => `En ${year} : ${count}`,
  choose: (name) => `Choisir ${name}`,
  chooseAll: (what) => `Tout choisir : ${what}`,
  chosen: (count) => `Sélection : ${count}`,
  chosenTools: "Que faire des images choisies",
  clear: "N’en choisir aucune",
  loading: "D’autres arrivent…",
  all: (count) => `C’est tout : ${count}.`,
  come: (count, isOne) => (isOne ? "Une est arrivée : la montrer" : `${count} sont arrivées : les montrer`),
  empty: "Ajoutez-en, ou faites indexer un dossier de la machine qui fait tourner Lookalike.",
  add: "Ajouter des images",
  showAll: "Montrer toutes les images",
};
