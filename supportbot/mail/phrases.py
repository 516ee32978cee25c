"""How tables of words are written: patterns over lower-case text with single blanks, one a language."""

import re


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


class Phrases:
    """Patterns of several languages. Each is tried only on a text that holds one of its stems, which costs little to see."""

    def __init__(self, *rows: tuple[str, str]) -> None:
        """Each row: stems with bars between them, and the pattern that needs one of them."""
        self.rows = tuple((tuple(stems.split("|")), re.compile(pattern)) for stems, pattern in rows)

    def found_in(self, text: str) -> bool:
        """Whether one of the phrases stands in `text`: lower case, single blanks."""
        for stems, pattern in self.rows:  # plain loops: this is asked of every mail, many times
            for stem in stems:
                if stem in text:
                    if pattern.search(text) is not None:
                        return True
                    break
        return False
