"""How times, dates and amounts are written. Local time is Asia/Shanghai, whatever the machine thinks."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import gettext, ngettext
from jinja2 import pass_context
from jinja2.runtime import Context

from common.catalogue.rules.identity import mask_id_number, mask_name, mask_phone
from common.catalogue.rules.source_words import source_words
from common.days import local_day, local_minute
from common.web.help import help_of
from common.web.shortcuts import KEYS

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS


def register(app: Flask) -> None:
    """Give the templates of `app` these words as filters."""
    app.jinja_env.filters.update(local_time=local_time, local_date=local_date, yuan=yuan, ago=ago)
    app.jinja_env.filters.update(source_words=source_words)
    app.jinja_env.globals.update(
        help_of=help_of, shortcut_of=KEYS.get, has_pages=lambda group: group in app.blueprints
    )
    # Whole numbers stand only where the work needs them; lists and slips show these.
    app.jinja_env.filters.update(id_masked=mask_id_number, phone_masked=mask_phone, name_masked=mask_name)


def keep_text_text(app: Flask) -> None:
    """Let `_(word)` in a template be text like any other, once Babel has put its own way there.

    Babel's takes every word for markup and for a pattern. Words out of signed acts are looked up too, and
    who signed them may have put a tag or a `%` there. With values the words are always a template's own.
    """
    pattern: Any = app.jinja_env.globals["gettext"]

    @pass_context
    def said(context: Context, words: str, /, **values: Any) -> Any:
        # Of the empty word a catalogue tells who made it.
        return pattern(context, words, **values) if values else words and gettext(words)

    app.jinja_env.globals["gettext"] = said


def local_time(at_ms: int) -> str:
    """Return `2026-01-05 09:30` for UTC milliseconds; the last day there is for any later."""
    return local_minute(at_ms)


def local_date(at_ms: int) -> str:
    """Return `2026-01-05` for UTC milliseconds; the last day there is for any later."""
    return local_day(at_ms)


def yuan(fen: int) -> str:
    """Return an amount in fen as yuan with two decimals."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def ago(at_ms: int, now_ms: int) -> str:
    """Return how long ago in the largest unit that fits.

    Clocks differ a little, so what lies less than a day ahead counts as just now; beyond that one was wrong.
    """
    passed = now_ms - at_ms
    if passed <= -_DAY_MS:
        return str(gettext("不知多久前"))
    if passed < _MINUTE_MS:
        return str(gettext("刚刚"))
    if passed < _HOUR_MS:
        return str(ngettext("%(num)s 分钟前", "%(num)s 分钟前", passed // _MINUTE_MS))
    if passed < _DAY_MS:
        return str(ngettext("%(num)s 小时前", "%(num)s 小时前", passed // _HOUR_MS))
    return str(ngettext("%(num)s 天前", "%(num)s 天前", passed // _DAY_MS))
