/** Length of a recording in seconds as this browser reads it; null where it cannot, which says nothing against it. */
export function durationOf(file: File): Promise<number | null> {
  return new Promise((resolve) => {
    const address = URL.createObjectURL(file);
    const audio = new Audio();
    const told = (seconds: number | null) => {
      URL.revokeObjectURL(address);
      resolve(seconds);
    };
    audio.onloadedmetadata = () => told(Number.isFinite(audio.duration) ? audio.duration : null);
    audio.onerror = () => told(null);
    audio.preload = "metadata";
    audio.src = address;
  });
}
