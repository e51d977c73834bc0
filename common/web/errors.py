"""The one place where errors become pages (or JSON): what happened, what was kept, what to do, the code.

Pages never catch. Unknown exceptions are bugs: the log gets all of it, the person only a number to quote.
Codes E220–E239.
"""

from __future__ import annotations

import errno
import logging
from typing import Any

from flask import Flask, Response, flash, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from common.errors import BadInput, LiandongError, NotFound
from common.store.database import DiskFault, refusal_of
from common.store.sorts import odd_behind
from common.web.english import spoken
from common.web.forms import redrawn
from common.web.limits import TYPED
from sync.protocol.errors import SyncError

_log = logging.getLogger("liandong.web")
_DISK_FAILS = (errno.EIO, errno.EROFS)


class FormExpired(LiandongError):
    """The secret of the form does not fit the browser's session."""

    code = "E220"
    status = 400
    sentence = "这个页面放得太久，或是在另一个窗口里登录过，不能直接提交。"
    kept = "没有作任何改动。"
    advice = "请返回上一页并刷新，再提交一次；填写的内容一般还在浏览器里。"


class UploadTooLarge(LiandongError):
    """The whole request is longer than allowed."""

    code = "E221"
    status = 413
    sentence = "一次提交的材料总共超过 {megabytes} MB，没有收取。"
    kept = "没有作任何改动。"
    advice = "请把照片分几次上传，或调低照片分辨率。"


class FormTooLong(LiandongError):
    """What was typed into one form is longer than any form is."""

    code = "E228"
    status = 413
    sentence = "这一页填写的内容太长（超过 {kilobytes} KB），没有收取。"
    kept = "没有作任何改动。"
    advice = "请返回上一页，把太长的一栏改短再提交；长的文字可以拍成照片作为材料上传。"


class PageNotFound(NotFound):
    """There is no such page."""

    code = "E222"
    sentence = "没有这个网页。"
    advice = "请核对网址，或返回首页从菜单进入。"


class SignedOut(LiandongError):
    """The page is for people who have signed in."""

    code = "E223"
    status = 401
    sentence = "请先登录。"
    advice = "登录超过时限没有操作，系统会自动退出，以防他人使用。"


class BadRequest(LiandongError):
    """The browser or program asked in a way this page does not understand."""

    code = "E224"
    status = 400
    sentence = "请求的方式不对，系统没有处理。"
    kept = "没有作任何改动。"
    advice = "请返回首页从菜单进入。"


class Unexpected(LiandongError):
    """An error of the program; the log has it under the request's number."""

    code = "E225"
    status = 500
    sentence = "系统出现意外错误，本次操作没有完成。"
    kept = "这一次填写的内容没有存入；以前已经显示办件编号的，以编号为准。"
    advice = "请稍后再试；如再次出现，请把下面的日志号告诉管理员。"


def register(app: Flask) -> None:
    """Let `app` answer every error in this module's way."""
    app.register_error_handler(LiandongError, _told)
    app.register_error_handler(SyncError, _sync_told)
    app.register_error_handler(CSRFError, lambda _: _told(FormExpired()))
    app.register_error_handler(HTTPException, _http_told)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """Say whether a program asks, not a browser."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" or request.path.startswith("/api/")


def _told(error: LiandongError) -> Response:
    if error.status >= 500:
        _log.error("%s request=%s path=%s", error, g.get("request_id", ""), request.path, exc_info=error)
    if wants_json():
        return _as_json(error)
    again = redrawn(error)
    if again is None:
        return _as_page(error)
    page = make_response(again)
    if page.location:
        # The page of the form leads elsewhere by now, where what was looked for and is gone has gone, too.
        if error.status != NotFound.status:
            flash(error.told(error.sentence, gettext), "warn")
        return page
    page.status_code = error.status
    return page


# Every refusal undoes its unit of work, so this is true of each that does not say more.
_NOTHING_KEPT = "没有作任何改动。"
_ASK = "请返回上一页，照提示改正后再试；仍不行的，把错误代码和日志号告诉本站管理员。"


def _as_page(error: LiandongError) -> Response:
    kept = error.kept or (_NOTHING_KEPT if request.method == "POST" else "")
    page = render_template(
        "error.html",
        happened=error.told(error.sentence, gettext),
        kept=error.told(kept, gettext) if kept else "",
        advice=error.told(error.advice or _ASK, gettext),
        problems=error.problems if isinstance(error, BadInput) else [],
        error=error,
    )
    response = make_response(page, error.status)
    if error.status == 503:
        response.headers["Retry-After"] = "30"
        # To a node below it is this node's own word, no proxy's.
        response.headers["X-Liandong-Code"] = error.code
    return response


def _as_json(error: LiandongError) -> Response:
    said: dict[str, Any] = {
        "code": error.code,
        "sentence": spoken(error.told(error.sentence, gettext)),
        "request": g.get("request_id", ""),
    }
    if isinstance(error, BadInput):
        said["problems"] = [
            {"field": p.field, "code": p.code, "sentence": spoken(p.sentence)} for p in error.problems
        ]
    response = jsonify(error=said)
    response.status_code = error.status
    return response


def _sync_told(error: SyncError) -> Response:
    told = BadRequest(error.sentence)
    told.code = error.code
    return _told(told)


def _http_told(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        told = _too_large(request.max_content_length or 0)
        # The form was not read, so it cannot be shown again with what was typed.
        return _as_json(told) if wants_json() else _as_page(told)
    if error.code == 404:
        return _told(PageNotFound())
    if error.code is not None and error.code >= 500:
        return _unexpected(error)
    if error.code is not None and error.code < 400:
        return make_response(error.get_response())
    misread = BadRequest()
    misread.status = error.code or 400
    return _told(misread)


def _too_large(limit: int) -> LiandongError:
    if request.mimetype == TYPED:
        return FormTooLong(kilobytes=limit // 1024)
    return UploadTooLarge(megabytes=max(1, limit // (1024 * 1024)))


def _unexpected(error: Exception) -> Response:
    # Where papers lie beside the database the disk fails outside any unit of work.
    is_disk = isinstance(error, OSError) and error.errno in _DISK_FAILS
    told = odd_behind(error) or refusal_of(error) or (DiskFault() if is_disk else Unexpected())
    told.__cause__ = error
    return _told(told)
