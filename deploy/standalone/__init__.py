"""All services on one machine, supervised: what `voicejury serve` runs."""
