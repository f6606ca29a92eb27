// Where is the service? Asked once, and kept with the browser's own settings.

import { USUAL, readService } from "./addresses.js";
import { bookmarklet } from "./bookmarklet.js";

const say = (name) => chrome.i18n.getMessage(name);
const field = document.querySelector("#service");
const status = document.querySelector("[role=status]");

document.documentElement.lang = chrome.i18n.getUILanguage();
for (const element of document.querySelectorAll("[data-said]")) element.textContent = say(element.dataset.said);

function show(service) {
  field.value = service;
  const link = document.querySelector("#bookmarklet");
  link.href = bookmarklet(service, say("bookmarkletHint"));
}

document.querySelector("#bookmarklet").addEventListener("click", (event) => event.preventDefault()); // it is to be dragged

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const service = readService(field.value);
  field.setAttribute("aria-invalid", String(!service));
  status.textContent = say(service ? "saved" : "wrong");
  if (!service) return;
  await chrome.storage.sync.set({ service });
  show(service);
});

const { service } = await chrome.storage.sync.get("service");
show(service ?? USUAL);
