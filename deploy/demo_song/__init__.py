"""The demo song: "Au clair de la lune" (traditional, public domain), written and synthesised by this project."""
