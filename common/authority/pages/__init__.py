"""The pages of letters of authority, and what filing asks of one that is entered on the way."""

from __future__ import annotations

from common.authority.pages.desk import letters, may_open, relative_of
from common.authority.pages.fields import RELATIVE, RELATIVE_FIELDS

__all__ = ("RELATIVE", "RELATIVE_FIELDS", "letters", "may_open", "relative_of")
