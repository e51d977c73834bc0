"""The one long-running process of a node: gunicorn with threads, the jobs inside it."""

from __future__ import annotations

import logging
import ssl
import tempfile
from typing import Any

from gunicorn.app.base import BaseApplication

from common.config import NodeConfig
from common.errors import LiandongError
from common.node.assembly import build_app, build_node
from common.node.jobs import Jobs
from common.node.logs import configure_logs
from common.node.profile import TierProfile
from common.web.factory import behind_proxies

log = logging.getLogger(__name__)
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class PlainBind(LiandongError):
    """Pages would go over the net unencrypted."""

    code = "E412"
    status = 500
    sentence = "监听地址不是本机地址，必须先配置证书（tls_cert_file、tls_key_file）才能启动。"


class _Server(BaseApplication):
    def __init__(self, config: NodeConfig, profile: TierProfile) -> None:
        self._config = config
        self._profile = profile
        self._jobs: Jobs | None = None
        super().__init__()

    def load_config(self) -> None:
        config = self._config
        options: dict[str, Any] = {
            "bind": config.bind,
            "worker_class": "gthread",
            "workers": 1,
            "threads": config.threads,
            "timeout": 120,
            "graceful_timeout": 10,
            "keepalive": 15,
            "accesslog": None,
            "loglevel": config.log_level.lower(),
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm",
            "post_worker_init": self._start_jobs,
            "worker_exit": self._stop_jobs,
        }
        if config.tls_cert_file:
            options["certfile"] = str(config.path(config.tls_cert_file))
            options["keyfile"] = str(config.path(config.tls_key_file))
            options["ssl_context"] = _modern_tls
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        configure_logs(self._config.log_level)
        node = build_node(self._config, self._profile)
        self._jobs = Jobs(node)
        return behind_proxies(build_app(node))

    def _start_jobs(self, worker: Any) -> None:
        if self._jobs is not None:
            self._jobs.start()

    def _stop_jobs(self, server: Any, worker: Any) -> None:
        if self._jobs is not None:
            self._jobs.stop()


def _modern_tls(config: Any, default: Any) -> ssl.SSLContext:
    context: ssl.SSLContext = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def serve(config: NodeConfig, profile: TierProfile) -> None:
    """Serve a node until it is told to end.

    Raises:
        PlainBind: the address is not loopback and there is no certificate.
    """
    host = config.bind.rsplit(":", 1)[0]
    if host not in _LOOPBACK and not config.tls_cert_file:
        raise PlainBind
    # Large uploads are spooled to a file first: beside the data, where there is room, not in a small /tmp.
    spool = config.path("tmp")
    spool.mkdir(exist_ok=True)
    tempfile.tempdir = str(spool)
    _Server(config, profile).run()
