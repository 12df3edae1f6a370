import { useTexts } from "../i18n/language";
import { goHome, judgeAgain, singAgain } from "../show/performing";
import { useShow } from "../show/state";
import { Booth } from "../ui/booth";
import { Button } from "../ui/button";
import { ScreenHeading } from "../ui/heading";
import { PERSONAS } from "../ui/juror-face";
import { Trouble } from "../ui/trouble";
import { faultOf } from "./faults";

const OFTEN = 3;

/** The jury could not judge: why, and what can be done. */
export function Failed() {
  const { wings, verdict, common } = useTexts();
  const session = useShow((state) => state.session);
  const { detail, failures } = useShow((state) => state.deliberation);
  const often = failures >= OFTEN;
  return (
    <main
      data-testid="judge-failed"
      data-failures={failures}
      className="safe mx-auto grid min-h-dvh max-w-3xl content-center justify-items-center gap-6 landscape:max-lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] landscape:max-lg:items-center"
    >
      <div className="grid w-full max-w-md grid-cols-3 gap-2 md:gap-4">
        {PERSONAS.map((persona) => (
          <Booth key={persona} persona={persona} light="off" />
        ))}
      </div>
      <div className="grid w-full max-w-xl gap-4 landscape:max-lg:gap-2">
        <ScreenHeading className="text-center text-6xl landscape:max-lg:text-left landscape:max-lg:text-4xl">{wings.failed}</ScreenHeading>
        <Trouble words={often ? wings.often : wings.faults[faultOf(detail)]}>
          <p className="font-semibold text-hit">{wings.kept}</p>
        </Trouble>
        <div className="flex flex-wrap gap-3 landscape:max-lg:gap-2">
          {session && (
            <Button look={often ? "quiet" : "gold"} data-testid="judge-again" onClick={() => void judgeAgain(session)} className={often ? "order-2 flex-1" : "w-full"}>
              {wings.judgeAgain}
            </Button>
          )}
          <Button look={often ? "gold" : "quiet"} data-testid="sing-again" onClick={singAgain} className={often ? "order-1 w-full" : "flex-1"}>
            {verdict.again}
          </Button>
          <Button onClick={goHome} className="order-3 flex-1">
            {common.back}
          </Button>
        </div>
      </div>
    </main>
  );
}
