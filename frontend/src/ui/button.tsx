import type { ButtonHTMLAttributes } from "react";

type Look = "gold" | "quiet" | "bare";

const LOOKS: Record<Look, string> = {
  gold: "bg-gold text-night font-display text-3xl px-8 py-3 shadow-[0_0_40px_rgb(245_196_81/0.35)] hover:brightness-110 disabled:bg-curtain disabled:text-dim disabled:shadow-none",
  quiet: "bg-curtain text-light font-semibold px-5 py-3 border border-edge hover:border-gold disabled:opacity-50",
  bare: "text-dim font-semibold px-3 py-2 hover:text-light",
};

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
}

export function Button({ look = "quiet", className = "", type = "button", ...rest }: Props) {
  return <button type={type} className={`min-h-12 rounded-full ${LOOKS[look]} ${className}`} {...rest} />;
}
