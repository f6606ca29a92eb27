import type { Messages } from "../catalogue.ts";

export const problems: Messages["problems"] = {
  inItsWords: "Was der Dienst dazu sagt (englisch)",
  kinds: {
    "bad-input": { title: "Nicht verstanden", detail: "Der Dienst versteht diese Anfrage nicht.", fix: "Ändern Sie Ihre Anfrage. Wenn Sie nichts geändert haben, laden Sie die Seite neu." },
    "bad-filter": { title: "Filter nicht verstanden", detail: "Im Filter ist ein Fehler, an der markierten Stelle.", fix: "Schreiben Sie ein Feld und einen Wert, etwa label:dog oder width>=1000." },
    "bad-words": { title: "Wörter nicht verstanden", detail: "In diesen Wörtern ist nichts, wonach sich suchen lässt.", fix: "Schreiben Sie mindestens ein Wort, das die Bilder zeigen sollen." },
    "bad-address": { title: "Das ist keine Adresse", detail: "Das ist nicht die Adresse eines Bildes im Web.", fix: "Kopieren Sie die Adresse des Bildes selbst; sie beginnt mit https:// oder http://." },
    "login-needed": { title: "Wer sind Sie?", detail: "Der Dienst kennt Sie nicht oder nicht mehr.", fix: "Melden Sie sich mit einem Schlüssel an." },
    "blocked": { title: "Bild gesperrt", detail: "Jemand hat dieses Bild oder ein ähnliches auf die Sperrliste gesetzt.", fix: "Wer den Dienst betreibt, kann es wieder zulassen." },
    "not-allowed": { title: "Nicht erlaubt", detail: "Das dürfen Sie hier nicht.", fix: "Bitten Sie die Person, die den Dienst betreibt, um einen Schlüssel, der es darf." },
    "out-of-bounds": { title: "Nicht in diesem Ordner", detail: "In diesem Ordner arbeitet der Dienst nicht.", fix: "Wer ihn betreibt, kann in der Einstellung index_roots einen übergeordneten Ordner nennen." },
    "not-found": { title: "Nicht da", detail: "Das Gesuchte ist nicht da oder nicht mehr da.", fix: "Vielleicht wurde es gelöscht oder verschoben. Suchen Sie es noch einmal." },
    "conflict": { title: "Nicht jetzt", detail: "Es ist etwas anderes dazwischengekommen.", fix: "Sehen Sie noch einmal nach und versuchen Sie es dann erneut." },
    "too-large": { title: "Zu groß", detail: "Das ist größer, als der Dienst zulässt.", fix: "Nehmen Sie ein kleineres Bild oder weniger Bilder auf einmal." },
    "unreadable-image": { title: "Kein lesbares Bild", detail: "Die Datei ist kein lesbares Bild, oder sie ist beschädigt.", fix: "Öffnen Sie sie in einem Bildprogramm und speichern Sie sie als JPEG oder PNG." },
    "too-often": { title: "Zu oft", detail: "Sie haben in kurzer Zeit sehr viele Anfragen gestellt.", fix: "Warten Sie einen Augenblick und versuchen Sie es noch einmal." },
    "lookalike-error": { title: "Etwas ist schiefgegangen", detail: "Der Dienst konnte das nicht ausführen.", fix: "Versuchen Sie es noch einmal. Mehr steht im Protokoll des Programms." },
    "gallery-error": { title: "Das kann die Galerie nicht", detail: "Die Galerie lässt sich nicht lesen oder beschreiben, wie sie sollte.", fix: "Ist noch Platz auf der Festplatte? Mehr steht im Protokoll des Programms." },
    "machine-error": { title: "Das kann der Rechner nicht", detail: "Der Rechner, auf dem der Dienst läuft, hat zu wenig Platz oder darf nicht schreiben, wo er müsste.", fix: "Ist noch Platz auf der Festplatte, oder in der Grafikkarte? Wer den Dienst betreibt, findet mehr im Protokoll des Programms." },
    "missing-extra": { title: "Nicht installiert", detail: "Dem Dienst fehlt ein Teil, den dies braucht.", fix: "Wer ihn betreibt, kann diesen Teil installieren." },
    "unreachable": { title: "Nicht erreichbar", detail: "Was im Web oder auf einem anderen Laufwerk liegt, hat nicht geantwortet oder darf nicht abgerufen werden.", fix: "Prüfen Sie die Adresse, oder speichern Sie das Bild und wählen Sie die Datei." },
    "overloaded": { title: "Überlastet", detail: "Der Dienst hat gerade mehr zu tun, als er schafft.", fix: "Warten Sie einen Augenblick und versuchen Sie es noch einmal." },
    "other": { title: "Das ging nicht", detail: "Der Dienst hat abgelehnt und nicht gesagt, warum.", fix: "Versuchen Sie es noch einmal. Mehr steht im Protokoll des Programms." },
  },
};
