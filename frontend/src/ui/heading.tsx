import { useEffect, useRef, type ReactNode } from "react";

/** The heading of a screen takes the focus when the screen appears, so that a screen reader says where one is. */
export function ScreenHeading({ children, className = "" }: { children: ReactNode; className?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={heading} tabIndex={-1} className={`${className || "text-5xl lg:text-7xl"}`}>
      {children}
    </h1>
  );
}
