// What is said when the service refuses? By the last part of a problem’s `type`; `other` where it has none.

export const problems = {
  inItsWords: "What the service says",
  kinds: {
    "bad-input": { title: "Not understood", detail: "The service does not understand what it was asked.", fix: "Change what you asked for. If you changed nothing, load the page again." },
    "bad-filter": { title: "The filter is not understood", detail: "There is a mistake in the filter, at the mark.", fix: "Write a field and a value, such as label:dog or width>=1000." },
    "bad-words": { title: "The words are not understood", detail: "There is nothing in these words to look for.", fix: "Write at least one word that the pictures should show." },
    "bad-address": { title: "That is no address", detail: "This is not the address of a picture on the web.", fix: "Copy the picture’s own address; it begins with https:// or http://." },
    "login-needed": { title: "Who are you?", detail: "The service does not know you, or no longer.", fix: "Sign in with a key." },
    "blocked": { title: "Not wanted", detail: "Somebody put this picture, or one like it, on the list of those that stay out.", fix: "Whoever runs the service can let it in again." },
    "not-allowed": { title: "Not allowed", detail: "You may not do this here.", fix: "Ask whoever runs the service for a key that may." },
    "out-of-bounds": { title: "Not in this folder", detail: "The service does not work in this folder.", fix: "Whoever runs it can name a folder above it in the setting index_roots." },
    "not-found": { title: "Not there", detail: "What you asked for is not there, or not any more.", fix: "It may have been deleted or moved. Look for it again." },
    "conflict": { title: "Not now", detail: "Something else has come in between.", fix: "Look once more, then try again." },
    "too-large": { title: "Too large", detail: "This is larger than the service takes.", fix: "Use a smaller picture, or fewer at once." },
    "unreadable-image": { title: "No readable picture", detail: "The file is no picture that can be read, or it is damaged.", fix: "Open it in a program for pictures, and save it as JPEG or PNG." },
    "too-often": { title: "Too often", detail: "You have asked very often in a short time.", fix: "Wait a moment, then try again." },
    "lookalike-error": { title: "Something went wrong", detail: "The service could not do this.", fix: "Try again. The program’s own log says more." },
    "gallery-error": { title: "The gallery cannot do this", detail: "The gallery cannot be read or written as it should be.", fix: "Is there room on the disk? The program’s own log says more." },
    "machine-error": { title: "The machine cannot do this", detail: "The machine that the service runs on has too little room, or may not write where it has to.", fix: "Is there room on the disk, or in the graphics card? Whoever runs the service can see more in the program’s own log." },
    "missing-extra": { title: "Not installed", detail: "The service lacks a part that this needs.", fix: "Whoever runs it can install that part." },
    "unreachable": { title: "Cannot be reached", detail: "What lies on the web, or on another drive, did not answer, or may not be asked.", fix: "Check the address, or save the picture and choose the file." },
    "overloaded": { title: "Too busy", detail: "The service has more to do than it can at the moment.", fix: "Wait a moment, then try again." },
    "other": { title: "That did not work", detail: "The service refused, and did not say why.", fix: "Try again. The program’s own log says more." },
  },
};
