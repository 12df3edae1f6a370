import { domAnimation, LazyMotion, MotionConfig } from "motion/react";
import { lazy, Suspense } from "react";

import { Dressing } from "./dressing/dressing";
import { Home } from "./home/home";
import { useTexts } from "./i18n/language";
import { useShow, type Screen } from "./show/state";
import { Stage } from "./stage/stage";

// Nobody needs the end of the evening for the first paint.
const Wings = lazy(() => import("./wings/wings").then(({ Wings }) => ({ default: Wings })));
const VerdictScreen = lazy(() => import("./verdict/verdict").then(({ VerdictScreen }) => ({ default: VerdictScreen })));
const HistoryScreen = lazy(() => import("./history/history").then(({ HistoryScreen }) => ({ default: HistoryScreen })));

function screenOf(screen: Screen) {
  switch (screen) {
    case "home":
      return <Home />;
    case "dressing":
      return <Dressing />;
    case "stage":
      return <Stage />;
    case "wings":
      return <Wings />;
    case "verdict":
      return <VerdictScreen />;
    case "history":
      return <HistoryScreen />;
    default:
      return screen satisfies never;
  }
}

export function App() {
  const screen = useShow((state) => state.screen);
  const { common } = useTexts();
  return (
    <LazyMotion features={domAnimation} strict>
      <MotionConfig reducedMotion="user">
        <Suspense fallback={<p role="status" className="safe text-xl">{common.loading}</p>}>{screenOf(screen)}</Suspense>
      </MotionConfig>
    </LazyMotion>
  );
}
