"""What a page may ask for: a paper as PDF, and which characters would be missing on it. No unit is needed."""

from __future__ import annotations

from common.documents.errors import CharactersMissing
from common.documents.fonts import coverages
from common.documents.press import Press
from common.documents.rules.text import PLACEHOLDER, marked, shown, visible_characters

__all__ = ("PLACEHOLDER", "Documents")


class Documents:
    """Papers of one node, for several threads at once. A call waits: make it outside any unit of work."""

    def __init__(self, press: Press | None = None) -> None:
        self._press = press or Press()

    def is_installed(self) -> bool:
        """Say whether this node prints PDF; where it does not, pages offer the browser's printing alone."""
        return self._press.is_installed()

    def render(self, html: str) -> bytes:
        """Return a whole page (`<html>…</html>`) as an A4 PDF with its fonts inside.

        The style sheet data/paper.css comes first, the page's own after it. Images are given as `data:` or
        inline SVG; `/static/NAME` gives our static files; nothing else is fetched.

        Raises:
            PrintFromBrowser: this node prints no PDF.
            CharactersMissing: no font has some of the characters; they would be gaps. See `mark_missing`.
            PrinterBusy, PaperTooLarge, ForeignResource, PrintFailed: as their names say.
        """
        missing = self._lacking(visible_characters(html)) if self.is_installed() else set()
        if missing:
            raise CharactersMissing(missing)
        return self._press.pdf(html.encode("utf-8", "replace"))

    def missing_characters(self, text: str) -> set[str]:
        """Return the characters of a text that would be gaps on the paper.

        Variation selectors and private-use characters are among them: what they mean is not in the fonts.

        Raises:
            PrintFromBrowser: the fonts are not installed.
        """
        return self._lacking(shown(text))

    def mark_missing(self, text: str) -> str:
        """Return the text with 〓 for each missing character, to be filled in by hand on the printed paper.

        Raises:
            PrintFromBrowser: the fonts are not installed.
        """
        return marked(text, self.missing_characters(text))

    def close(self) -> None:
        """End the printing process, if one runs; the next paper starts another."""
        self._press.close()

    @staticmethod
    def _lacking(characters: set[str]) -> set[str]:
        for coverage in coverages():
            characters = coverage.lacking(characters)
        return characters
