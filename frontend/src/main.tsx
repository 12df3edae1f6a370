import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { setUpLanguage } from "./i18n/language";
import { exposeDebug } from "./live/debug";
import { recallForChildren, recallNickname } from "./show/prefs";
import { backLeadsHome } from "./show/back";
import { recallSung } from "./show/encore";
import { tonight } from "./show/evening";
import { useShow } from "./show/state";
import { recallWaiting } from "./show/waiting";
import "./styles.css";

setUpLanguage();
useShow.setState({ nickname: recallNickname(), forChildren: recallForChildren() });
exposeDebug({ act: () => tonight()?.act ?? null, state: () => useShow.getState().screen });

backLeadsHome(() => void import("./show/performing").then(({ goHome }) => goHome()));

// The wings and all that the verdict needs are fetched for whoever comes back to them only, as is what prepares a song.
if (recallSung()) void import("./show/performing").then(({ resumeShow }) => resumeShow());
else if (recallWaiting()) void import("./show/preparing").then(({ resumePreparation }) => resumePreparation());

/** What no verdict came for is not kept for longer than it has to be, whoever sings next or not. */
function sweep(): void {
  import("./show/mending")
    .then(({ sweepRecordings }) => sweepRecordings())
    .catch((error: unknown) => console.warn("old recordings not looked for:", error));
}
if ("requestIdleCallback" in window) requestIdleCallback(sweep, { timeout: 30_000 });
else setTimeout(sweep, 5_000); // Safari

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
