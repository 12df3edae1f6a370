/** Colours of the lane: apart for colour-blind eyes, and each with a shape of its own in the painters. */
export const INK = {
  hit: "#6fe3ff",
  near: "#cdb7ff",
  miss: "#ff8a57",
  free: "#9a8cb5", // a voice where nothing is written
  gold: "#f5c451",
  goldSolid: "#f5c451",
  goldHalf: "rgba(245,196,81,0.35)",
  hitSolid: "#3f9fc0",
  hitHalf: "rgba(63,159,192,0.45)",
  hollow: "rgba(12,9,20,0.6)",
  note: "#3b2d57",
  noteNow: "#5a4684",
  noteEdge: "#8d79b4",
  light: "#f6f1ff",
  night: "#120d1d",
  string: "rgba(246,241,255,0.05)",
  gap: "rgba(255,138,87,0.35)",
  playhead: "rgba(245,196,81,0.9)",
  dashes: [4, 4],
  solid: [] as number[],
};
