import { LazyMotion, MotionConfig } from "motion/react";
import { lazy, Suspense, useEffect } from "react";

import { Home } from "./home/home";
import { useTexts } from "./i18n/language";
import { useShow, type Screen } from "./show/state";

// The first paint needs the songs only; the rest comes while the singer chooses one.
const importDressing = () => import("./dressing/dressing");
const importStage = () => import("./stage/stage");
const motionFeatures = () => import("./ui/motion-features").then(({ domAnimation }) => domAnimation);
const Dressing = lazy(() => importDressing().then(({ Dressing }) => ({ default: Dressing })));
const Stage = lazy(() => importStage().then(({ Stage }) => ({ default: Stage })));
const importWings = () => import("./wings/wings"); // the network may be gone by the end of the song
const Wings = lazy(() => importWings().then(({ Wings }) => ({ default: Wings })));
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
      return (
        <>
          <Wings />
          <Suspense fallback={null}>
            <VerdictScreen /> {/* nothing yet: it is fetched here, so that the reveal goes on there without a break */}
          </Suspense>
        </>
      );
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
  useEffect(() => {
    for (const fetchAhead of [importDressing, importStage, importWings]) fetchAhead().catch(() => undefined); // asked again when needed
  }, []);
  return (
    <LazyMotion features={motionFeatures} strict>
      <MotionConfig reducedMotion="user">
        <Suspense fallback={<p role="status" className="safe text-xl">{common.loading}</p>}>{screenOf(screen)}</Suspense>
      </MotionConfig>
    </LazyMotion>
  );
}
