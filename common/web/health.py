"""One address that says whether the node can serve: for deploy scripts and watchers on the same network."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from common.store.database import database
from common.web.guard import public
from common.web.ports import current_node

health = Blueprint("health", __name__)


@health.get("/healthz")
@public
def healthz() -> Response:
    """Answer that the process runs and the database can be read; nothing about people or cases."""
    database.execute_sql("SELECT 1").fetchone()
    return jsonify(status="ok", address=current_node().me)
