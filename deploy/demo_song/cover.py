"""The demo song's cover: the moon over a roof."""

import random

SIZE = 512
STAR_COUNT = 40


def _stars() -> str:
    rng = random.Random(7)
    return "".join(
        f'<circle cx="{rng.randrange(SIZE)}" cy="{rng.randrange(320)}" r="{rng.uniform(0.6, 2.2):.1f}"/>'
        for _ in range(STAR_COUNT)
    )


def _gradients() -> str:
    night = '<stop stop-color="#0b1036"/><stop offset="1" stop-color="#5b2a86"/>'
    halo = '<stop stop-color="#ffe9a8" stop-opacity=".8"/><stop offset="1" stop-color="#ffe9a8" stop-opacity="0"/>'
    return (
        f'<defs><linearGradient id="night" x2="0" y2="1">{night}</linearGradient>'
        f'<radialGradient id="halo">{halo}</radialGradient></defs>'
    )


def cover_svg() -> str:
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">
{_gradients()}
<rect width="{SIZE}" height="{SIZE}" fill="url(#night)"/>
<g fill="#fff" opacity=".85">{_stars()}</g>
<circle cx="330" cy="180" r="170" fill="url(#halo)"/>
<path d="M330 90a92 92 0 1 0 84 130a76 76 0 1 1-84-130z" fill="#ffe9a8"/>
<path d="M0 430l120-90l60 45l110-80l130 95l92-60v172H0z" fill="#170b2e"/>
<rect x="262" y="380" width="46" height="60" rx="4" fill="#ffc857"/>
<path d="M285 380v60M262 410h46" stroke="#170b2e" stroke-width="4"/>
</svg>
"""
