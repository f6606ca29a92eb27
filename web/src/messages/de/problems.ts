import type { Messages } from "../catalogue.ts";

export const problems: Messages["problems"] = {
  inItsWords: "Was der Dienst dazu sagt (englisch)",
  kinds: {
    "bad-input": { title: "Nicht verstanden", detail: "Der Dienst versteht nicht, was gefragt ist.", fix: "Ändern Sie die Anfrage. Haben Sie nichts geändert, laden Sie die Seite neu." },
    "bad-filter": { title: "Den Filter versteht niemand", detail: "Im Filter ist ein Fehler, an der Marke.", fix: "Schreiben Sie ein Feld und einen Wert, etwa label:dog oder width>=1000." },
    "bad-words": { title: "Die Wörter sagen nichts", detail: "In diesen Wörtern ist nichts, wonach sich suchen lässt.", fix: "Schreiben Sie mindestens ein Wort, das die Bilder zeigen sollen." },
    "bad-address": { title: "Das ist keine Adresse", detail: "Das ist nicht die Adresse eines Bildes im Web.", fix: "Kopieren Sie die Adresse des Bildes selbst; sie beginnt mit https:// oder http://." },
    "login-needed": { title: "Wer sind Sie?", detail: "Der Dienst kennt Sie nicht, oder nicht mehr.", fix: "Melden Sie sich mit einem Schlüssel an." },
    "blocked": { title: "Nicht erwünscht", detail: "Dieses Bild oder ein ähnliches steht auf der Liste derer, die draußen bleiben.", fix: "Wer den Dienst betreibt, kann es wieder zulassen." },
    "not-allowed": { title: "Nicht erlaubt", detail: "Das dürfen Sie hier nicht.", fix: "Bitten Sie den Betreiber um einen Schlüssel, der es darf." },
    "out-of-bounds": { title: "Nicht in diesem Ordner", detail: "In diesem Ordner arbeitet der Dienst nicht.", fix: "Der Betreiber kann einen Ordner darüber in der Einstellung index_roots nennen." },
    "not-found": { title: "Nicht da", detail: "Das Gesuchte ist nicht da, oder nicht mehr.", fix: "Vielleicht wurde es gelöscht oder verschoben. Suchen Sie es noch einmal." },
    "conflict": { title: "Nicht jetzt", detail: "Inzwischen ist etwas dazwischengekommen.", fix: "Sehen Sie noch einmal nach, und versuchen Sie es dann erneut." },
    "too-large": { title: "Zu groß", detail: "Das ist größer, als der Dienst annimmt.", fix: "Nehmen Sie ein kleineres Bild, oder weniger auf einmal." },
    "unreadable-image": { title: "Kein lesbares Bild", detail: "Die Datei ist kein lesbares Bild, oder sie ist beschädigt.", fix: "Öffnen Sie sie in einem Bildprogramm und speichern Sie sie als JPEG oder PNG." },
    "too-often": { title: "Zu oft", detail: "Sie haben in kurzer Zeit sehr oft gefragt.", fix: "Warten Sie einen Augenblick, und versuchen Sie es noch einmal." },
    "lookalike-error": { title: "Etwas ging schief", detail: "Der Dienst konnte das nicht ausführen.", fix: "Versuchen Sie es noch einmal. Mehr steht im Protokoll des Programms." },
    "gallery-error": { title: "Das kann die Galerie nicht", detail: "Die Galerie lässt sich nicht lesen oder beschreiben, wie sie sollte.", fix: "Ist noch Platz auf der Platte? Mehr steht im Protokoll des Programms." },
    "missing-extra": { title: "Nicht installiert", detail: "Dem Dienst fehlt ein Teil, den dies braucht.", fix: "Der Betreiber kann ihn installieren." },
    "unreachable": { title: "Nicht erreichbar", detail: "Was im Web oder auf einer anderen Platte liegt, hat nicht geantwortet oder darf nicht gefragt werden.", fix: "Prüfen Sie die Adresse, oder speichern Sie das Bild und wählen die Datei." },
    "overloaded": { title: "Zu beschäftigt", detail: "Der Dienst hat gerade mehr zu tun, als er schafft.", fix: "Warten Sie einen Augenblick, und versuchen Sie es noch einmal." },
    "other": { title: "Das ging nicht", detail: "Der Dienst hat abgelehnt und nicht gesagt, warum.", fix: "Versuchen Sie es noch einmal. Mehr steht im Protokoll des Programms." },
  },
};
