import { LazyMotion, MotionConfig } from "motion/react";
import { lazy, Suspense, useEffect, useState } from "react";

import { Home } from "./home/home";
import { useTexts } from "./i18n/language";
import { useShow, type Screen } from "./show/state";
import { SafetyCurtain } from "./ui/safety-curtain";

// The first paint needs the songs only; the rest comes while the singer chooses one.
const importDressing = () => import("./dressing/dressing");
const importStage = () => import("./stage/stage");
const motionFeatures = () => import("./ui/motion-features").then(({ domAnimation }) => domAnimation);
const Dressing = lazy(() => importDressing().then(({ Dressing }) => ({ default: Dressing })));
const Stage = lazy(() => importStage().then(({ Stage }) => ({ default: Stage })));
const importWings = () => import("./wings/wings"); // the network may be gone by the end of the song
const Wings = lazy(() => importWings().then(({ Wings }) => ({ default: Wings })));
const importVerdict = () => import("./verdict/verdict");
const VerdictScreen = lazy(() => importVerdict().then(({ VerdictScreen }) => ({ default: VerdictScreen })));
const HistoryScreen = lazy(() => import("./history/history").then(({ HistoryScreen }) => ({ default: HistoryScreen })));

/** Shows nothing yet: it stands ready, so that the reveal goes on there without a break. */
function VerdictBehind() {
  const [isHere, setIsHere] = useState(false);
  useEffect(() => {
    importVerdict().then(
      () => setIsHere(true),
      (error: unknown) => console.warn("verdict: not fetched yet:", error), // asked again when there is one
    );
  }, []);
  return (
    isHere && (
      <Suspense fallback={null}>
        <VerdictScreen />
      </Suspense>
    )
  );
}

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
          <VerdictBehind />
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
    for (const fetchAhead of [importDressing, importStage, importWings, importVerdict]) fetchAhead().catch(() => undefined); // asked again when needed
  }, []);
  return (
    <LazyMotion features={motionFeatures} strict>
      <MotionConfig reducedMotion="user">
        <SafetyCurtain key={screen}>
          <Suspense fallback={<p role="status" className="safe text-xl">{common.loading}</p>}>{screenOf(screen)}</Suspense>
        </SafetyCurtain>
      </MotionConfig>
    </LazyMotion>
  );
}
