import type { Messages } from "../catalogue.ts";

export const jobs: Messages["jobs"] = {
  kinds: {
    index: "Un dossier est indexé",
    retry: "Nouvel essai de ce qui a échoué",
    duplicates: "Recherche de doublons",
    apply: "Rangement des doublons",
    undo: "Retour en arrière",
  },
  states: { waiting: "attend son tour", running: "en cours", done: "terminé", failed: "échoué", cancelled: "annulé" },
  stopping: "s’arrête…",
  done: (count) => `${count} traités`,
  doneOf: (count, total) => `${count} sur ${total}`,
  rate: (count) => `${count} par seconde`,
  left: (span) => `encore ${span} environ`,
  outcomes: {
    added: "ajoutées",
    updated: "renouvelées",
    unchanged: "inchangées",
    removed: "disparues",
    unreadable: "illisibles",
    too_large: "trop grandes",
    unreachable: "inaccessibles",
    blocked: "bloquées",
    group: "groupes",
    done: "faits",
    left: "laissées",
    undone: "remises",
    restored: "de retour dans la galerie",
  },
  failures: (count) => `Ce qui a échoué, et pourquoi (${count})`,
};
