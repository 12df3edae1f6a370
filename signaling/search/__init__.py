"""Songs by title: the catalogue, Spotify, YouTube."""
