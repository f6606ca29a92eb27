import type { Messages } from "../catalogue.ts";

export const problems: Messages["problems"] = {
  inItsWords: "Ce qu’en dit le service (en anglais)",
  kinds: {
    "bad-input": { title: "Demande non comprise", detail: "Le service ne comprend pas la demande.", fix: "Modifiez la demande. Si vous n’avez rien changé, rechargez la page." },
    "bad-filter": { title: "Filtre non compris", detail: "Il y a une faute dans le filtre, à l’endroit marqué.", fix: "Écrivez un champ et une valeur, comme label:dog ou width>=1000." },
    "bad-words": { title: "Mots non compris", detail: "Il n’y a rien à chercher dans ces mots.", fix: "Écrivez au moins un mot de ce que les images doivent montrer." },
    "bad-address": { title: "Ce n’est pas une adresse", detail: "Ce n’est pas l’adresse d’une image sur le web.", fix: "Copiez l’adresse de l’image elle-même ; elle commence par https:// ou http://." },
    "login-needed": { title: "Qui êtes-vous ?", detail: "Le service ne vous connaît pas, ou plus.", fix: "Connectez-vous avec une clé." },
    "blocked": { title: "Image bloquée", detail: "Quelqu’un a mis cette image, ou une image similaire, sur la liste des images bloquées.", fix: "La personne qui gère le service peut l’admettre de nouveau." },
    "not-allowed": { title: "Non autorisé", detail: "Vous n’en avez pas le droit ici.", fix: "Demandez à la personne qui gère le service une clé qui le permet." },
    "out-of-bounds": { title: "Pas dans ce dossier", detail: "Le service ne travaille pas dans ce dossier.", fix: "La personne qui le gère peut nommer un dossier parent dans le réglage index_roots." },
    "not-found": { title: "Introuvable", detail: "Ce que vous demandez n’est pas là, ou n’y est plus.", fix: "Cela a peut-être été supprimé ou déplacé. Cherchez de nouveau." },
    "conflict": { title: "Pas maintenant", detail: "Autre chose s’est passé entre-temps.", fix: "Regardez encore une fois, puis réessayez." },
    "too-large": { title: "Trop grand", detail: "C’est plus grand que ce que le service accepte.", fix: "Prenez une image plus petite, ou moins d’images à la fois." },
    "unreadable-image": { title: "Pas une image lisible", detail: "Le fichier n’est pas une image lisible, ou il est endommagé.", fix: "Ouvrez-le dans un logiciel d’images et enregistrez-le en JPEG ou PNG." },
    "too-often": { title: "Trop souvent", detail: "Vous avez fait beaucoup de demandes en peu de temps.", fix: "Attendez un instant, puis réessayez." },
    "lookalike-error": { title: "Quelque chose a échoué", detail: "Le service n’a pas pu le faire.", fix: "Réessayez. Le journal du programme en dit plus." },
    "gallery-error": { title: "La galerie ne peut pas le faire", detail: "La galerie ne peut pas être lue ou écrite comme il faut.", fix: "Reste-t-il de la place sur le disque ? Le journal du programme en dit plus." },
    "machine-error": { title: "L’ordinateur ne peut pas le faire", detail: "L’ordinateur sur lequel tourne le service n’a pas assez de place, ou ne peut pas écrire là où il le faut.", fix: "Reste-t-il de la place sur le disque, ou dans la carte graphique ? La personne qui gère le service en trouve plus dans le journal du programme." },
    "missing-extra": { title: "Non installé", detail: "Il manque au service une partie nécessaire.", fix: "La personne qui le gère peut l’installer." },
    "unreachable": { title: "Inaccessible", detail: "Ce qui se trouve sur le web, ou sur un autre lecteur, n’a pas répondu, ou ne peut être interrogé.", fix: "Vérifiez l’adresse, ou enregistrez l’image et choisissez le fichier." },
    "overloaded": { title: "Surchargé", detail: "Le service a plus à faire qu’il ne le peut en ce moment.", fix: "Attendez un instant, puis réessayez." },
    "other": { title: "Cela n’a pas marché", detail: "Le service a refusé sans dire pourquoi.", fix: "Réessayez. Le journal du programme en dit plus." },
  },
};
