/** Gold paper from the ceiling, once, for whoever has earned it. */

const PIECES = 44;
const GOLDEN_ANGLE = 137.5; // spreads the pieces without a random number

export function Confetti() {
  return (
    <div aria-hidden="true" className="pointer-events-none fixed inset-0 z-10 overflow-hidden">
      {Array.from({ length: PIECES }, (_, index) => (
        <i
          key={index}
          className="confetti"
          style={{
            left: `${(index * GOLDEN_ANGLE) % 100}%`,
            animationDelay: `${((index * 7) % 13) * 0.09}s`,
            animationDuration: `${2.4 + ((index * 5) % 9) * 0.2}s`,
            opacity: 0.65 + (index % 3) * 0.17,
          }}
        />
      ))}
    </div>
  );
}
