/** Keeps the screen on while somebody sings, and again after the page was hidden. */
export class WakeLock {
  private sentinel: WakeLockSentinel | null = null;
  private readonly visible = () => {
    if (document.visibilityState === "visible") void this.acquire();
  };

  hold(): void {
    document.addEventListener("visibilitychange", this.visible);
    void this.acquire();
  }

  release(): void {
    document.removeEventListener("visibilitychange", this.visible);
    void this.sentinel?.release();
    this.sentinel = null;
  }

  private async acquire(): Promise<void> {
    if (!("wakeLock" in navigator)) return;
    // A browser may refuse (low battery): the show goes on with a screen that dims.
    this.sentinel = await navigator.wakeLock.request("screen").catch(() => null);
  }
}
