"""From a source to a song that can be sung: fetched, given its lyrics, prepared, taken into the catalogue."""
