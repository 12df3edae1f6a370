import { Component, type ReactNode } from "react";

import { useTexts } from "../i18n/language";
import { Button } from "./button";
import { Trouble } from "./trouble";

interface State {
  readonly fallen: boolean;
}

/** Comes down instead of an empty page, where a part of the page could not be fetched or broke. */
export class SafetyCurtain extends Component<{ children: ReactNode }, State> {
  override state: State = { fallen: false };

  static getDerivedStateFromError(): State {
    return { fallen: true };
  }

  override componentDidCatch(error: unknown): void {
    console.warn("the page broke:", error);
  }

  override render(): ReactNode {
    return this.state.fallen ? <Fallen /> : this.props.children;
  }
}

function Fallen() {
  const { common } = useTexts();
  return (
    <main data-testid="stuck" className="safe mx-auto grid min-h-dvh max-w-xl content-center">
      <Trouble words={common.stuck}>
        <Button onClick={() => location.reload()} className="justify-self-start">
          {common.reload}
        </Button>
      </Trouble>
    </main>
  );
}
