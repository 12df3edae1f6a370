"""Where the recording of a song comes from: YouTube, an upload, a folder of this machine."""
