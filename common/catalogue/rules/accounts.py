"""The number of an account at a bank: how it is kept, and what is wrong with it. Pure."""

from __future__ import annotations

import re

from common.catalogue.rules.values import FieldSpec

WRONG = "应为 12 到 30 位数字，可以有空格，请照卡或存折填"
_SHAPE = re.compile(r"[0-9]{12,30}")
_BETWEEN = re.compile(r"[\s-]")


def is_account(spec: FieldSpec) -> bool:
    """Say whether a field asks for the number of an account at a bank."""
    return spec.kind == "text" and any(words in spec.label for words in ("银行账号", "银行卡号", "收款账号"))


def tidy_account(typed: str) -> str:
    """Return a number as it is kept: without the signs between its groups."""
    return _BETWEEN.sub("", typed)


def account_problem(number: str) -> str:
    """Return what is wrong with a tidy number, empty when nothing is."""
    return "" if _SHAPE.fullmatch(number) else WRONG
