import type { Messages } from "../catalogue.ts";

export const change: Messages["change"] = {
  edit: "Modifier",
  delete: "Supprimer",
  deleteHint: "Elle quitte la galerie. Vos propres fichiers restent où ils sont ; ce qui a été ajouté ici est gardé une heure.",
  about: (name) => `À propos de ${name}`,
  aboutMany: (count) => `À propos de ${count} images`,
  fields: { title: "Titre", caption: "Légende", label: "Étiquette", owner: "Propriétaire" },
  tags: "Mots-clés",
  addTags: "Mots-clés, séparés par des virgules",
  removeTag: (tag) => `Retirer le mot-clé ${tag}`,
  ofAll: (some, all) => `${some} sur ${all}`,
  differs: "Différents ; ils restent si vous n’écrivez rien",
  save: "Enregistrer",
  saving: (done, all) => `${done} sur ${all} enregistrées…`,
  saved: (count, isOne) => (isOne ? "Enregistré." : `Enregistré pour ${count} images.`),
  undone: "Tout est de nouveau comme avant.",
  notUndone: (count, isOne) => (isOne ? "Elle reste ainsi : décrite de nouveau depuis, ou trop de temps a passé." : `${count} restent ainsi : décrites de nouveau depuis, ou trop de temps a passé.`),
  deleting: (count: string, isOne: boolean) => (isOne ? "Suppression d’une image…" : `Suppression de ${count} images…`),
  deleted: (count, isOne) => (isOne ? "Une image supprimée." : `${count} images supprimées.`),
  back: (count, isOne) => (isOne ? "Elle est de retour." : `${count} images sont de retour.`),
  notBack: (count) => `Sans retour possible : ${count}. Plus d’une heure a passé.`,
};
