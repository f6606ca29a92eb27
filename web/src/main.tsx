// Where does the app begin?

import "./style/tokens.css";
import "./style/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./App.tsx";
import { takeHandedOver } from "./query/handedOver.ts";
import { forgetOld } from "./query/kept.ts";
import { followTheme } from "./style/theme.ts";
import { startWorker } from "./worker/register.ts";

followTheme();
startWorker();
void forgetOld();
takeHandedOver();
addEventListener("hashchange", takeHandedOver);
const place = document.getElementById("app");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
