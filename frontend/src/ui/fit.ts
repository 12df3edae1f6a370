/** Type as large as its box allows. */

import { useLayoutEffect, type RefObject } from "react";

/** The largest whole size between `least` and `most` that fits; `least` when none does. */
export function largest(least: number, most: number, fits: (size: number) => boolean): number {
  let low = least;
  let high = most;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const LEAST_PX = 26;
const SHARE_OF_WIDTH = 0.17; // larger, a short line would shout beside a long one
const MOST_PX = 92;

/** Sets the element's font size so that it fills its parent, again whenever the parent changes its size. */
export function useFit(text: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = text.current;
    const box = element?.parentElement;
    if (!element || !box) return;
    const fits = (sizePx: number) => {
      element.style.fontSize = `${sizePx}px`;
      return element.scrollHeight <= box.clientHeight && element.scrollWidth <= box.clientWidth;
    };
    const fit = () => {
      const mostPx = Math.round(Math.min(MOST_PX, Math.max(LEAST_PX, box.clientWidth * SHARE_OF_WIDTH)));
      fits(largest(LEAST_PX, mostPx, fits));
    };
    fit();
    const resized = new ResizeObserver(fit);
    resized.observe(box);
    return () => resized.disconnect();
  });
}
