/** Rejects with the signal's reason once it is aborted, at once where it was before. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const leave = () => (clearTimeout(timer), reject(signal.reason as Error));
    const timer = setTimeout(() => (signal.removeEventListener("abort", leave), resolve()), ms);
    signal.addEventListener("abort", leave, { once: true });
  });
}
