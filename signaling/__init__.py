"""The service that the page talks to: songs, sessions, results, and the judging of takes."""
