import type { ReactNode } from "react";

/** The page's backdrop: night, velvet and two spotlights. */
export function Limelight({ children, still = false }: { children: ReactNode; still?: boolean }) {
  return (
    <div className="limelight relative min-h-full overflow-x-clip">
      {!still && (
        <div aria-hidden="true" className="fixed inset-0 overflow-hidden">
          <div className="spot" />
          <div className="spot" />
        </div>
      )}
      <div className="relative">{children}</div>
    </div>
  );
}
