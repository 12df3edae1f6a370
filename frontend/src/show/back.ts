/** The phone's back gesture leads backstage, from wherever one is, instead of out of the theatre. */

import { useShow } from "./state";

export function backLeadsHome(goHome: () => void): void {
  let away = false;
  useShow.subscribe(({ screen }) => {
    if (screen !== "home" && !away) {
      away = true;
      history.pushState(null, "");
    } else if (screen === "home" && away) {
      away = false;
      history.back();
    }
  });
  window.addEventListener("popstate", () => {
    if (!away) return;
    away = false;
    goHome();
  });
}
