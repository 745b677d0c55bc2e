"""One object in words: from a plain dict, its events and a moment to parts of lines. Pure; knows no screen."""
