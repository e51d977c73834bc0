"""The one long-running process of a node: gunicorn with threads, the jobs inside it."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from gunicorn import sock
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from common.config import BadConfig, NodeConfig, read_config
from common.errors import LiandongError
from common.node import serve_words
from common.node.loading import unsearched
from common.node.logs import configure_logs
from common.node.practice import check_as_asked
from common.node.refusals import check_made, check_user, no_node_in, of_the_system, on_console
from common.places.rules import level

if TYPE_CHECKING:
    from common.node.jobs import Jobs
    from common.node.profile import TierProfile
    from common.node.seal_process import SealKeeper

_TIERS = {"village_node": "village", "town_node": "township", "county_node": "county"}
# What the kernel may hold of an answer not yet sent down a thin line.
_UNSENT_BYTES = 16_384
# How the server ends when it could not listen; a worker that failed to start ends with another number.
_NOT_BOUND = 1
# How a worker ends that has told why it cannot start, which ends the server too; and how both are told of.
_HAS_TOLD, _REFUSED = Arbiter.APP_LOAD_ERROR, 2
# The server was handed what it listens at: by the service manager, or by the one that it follows.
_HANDED = ("LISTEN_FDS", "GUNICORN_FD")
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class PlainBind(LiandongError):
    """Pages would go over the net unencrypted."""

    code = "E412"
    status = 500
    sentence = (
        "监听地址不是本机地址（本机的写成 127.0.0.1:8600），"
        "必须先配置证书（tls_cert_file、tls_key_file）才能启动。"
    )


class AddressTaken(LiandongError):
    """Nothing can be served at the address in the settings."""

    code = "E475"
    status = 500
    sentence = (
        "不能在 {bind} 启动：本站可能已经在运行，或者别的程序占着这个端口，"
        "或者没有权限用它，或者本机没有这个地址。"
    )


class _Server(BaseApplication):
    def __init__(self, config: NodeConfig, profile: Callable[[], TierProfile]) -> None:
        self._config = config
        self._profile = profile
        self._jobs: Jobs | None = None
        self._seals: SealKeeper | None = None
        self._name = ""
        self._place: TextIO | None = None
        super().__init__()

    def run(self) -> None:
        """Serve until it is told to end; at a place that is taken nothing is said in the server's log."""
        if not any(name in os.environ for name in _HANDED):
            sock.close_sockets(sock.create_sockets(self.cfg, _unheard()))
        super().run()

    def load_config(self) -> None:
        config = self._config
        options: dict[str, Any] = {
            "bind": config.bind,
            "worker_class": "common.node.patience.PatientWorker",
            "workers": 1,
            "threads": config.threads,
            # With all else that is open below the 1024 files that a program may have where nobody says more.
            "worker_connections": 600,
            "timeout": 120,
            "graceful_timeout": 10,
            "keepalive": 15,
            "accesslog": None,
            "logger_class": "common.node.server_log.ServerLog",
            "loglevel": config.log_level.lower(),
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm",
            "on_starting": _tell_once,
            "when_ready": _thin_lines,
            "pre_fork": _share,
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
        with unsearched():
            return self._loaded()

    def _loaded(self) -> Any:
        # Imported in the worker alone: what the master never loads, no village has to carry twice.
        from common.node.assembly import build_app, build_node
        from common.node.jobs import Jobs
        from common.node.place import take_place
        from common.node.seal_process import SealKeeper
        from common.store.database import close_database, refusal_of
        from common.store.sorts import told_if_odd
        from common.web.factory import behind_proxies

        configure_logs(self._config.log_level)
        try:
            self._place = take_place(self._config)
            with told_if_odd():
                node = build_node(self._config, self._profile())
            if not node.is_made():
                raise no_node_in(self._config.data_dir)
        except Exception as error:
            refusal: LiandongError | None = error if isinstance(error, LiandongError) else refusal_of(error)
            if refusal is None and isinstance(error, OSError):
                refusal = of_the_system(error)
            if refusal is None:
                raise
            # Nobody who reads this can do anything with the places in the program that stand in a traceback.
            print(on_console(refusal), file=sys.stderr, flush=True)
            logging.getLogger("gunicorn.error").setLevel(logging.CRITICAL)
            sys.exit(_HAS_TOLD)
        self._jobs, self._name = Jobs(node), node.site_name()
        if node.profile.tier != _TIERS["village_node"]:
            package = next(name for name, tier in _TIERS.items() if tier == node.profile.tier)
            self._seals = SealKeeper(self._config.data_dir, package, os.environ)
        served = behind_proxies(build_app(node))
        # This thread only waits from now on; its connection would hold up to 2 MB of what it has read.
        close_database()
        return served

    def _start_jobs(self, worker: Any) -> None:
        if self._jobs is not None:
            self._jobs.start()
        if self._seals is not None:
            self._seals.start()
        serve_words.say(serve_words.opened(self._name, self._config))

    def _stop_jobs(self, server: Any, worker: Any) -> None:
        if self._jobs is not None:
            self._jobs.stop()
        if self._seals is not None:
            self._seals.stop()


def _unheard() -> logging.Logger:
    log = logging.Logger("listening")
    log.addHandler(logging.NullHandler())
    return log


class _Told(logging.Filter):
    """Leaves out what the server says of a worker that has told why it cannot start."""

    has_told = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the server's log keeps a line."""
        said, ended = str(record.msg), record.args
        if said.endswith("exited with code %s.") and isinstance(ended, tuple) and ended[-1] == _HAS_TOLD:
            self.has_told = 1
        return not self.has_told or record.levelno < logging.ERROR


def _tell_once(server: Any) -> None:
    server.log.error_log.addFilter(_Told())


def _thin_lines(server: Any) -> None:
    # What a listener has set holds for what it accepts.
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)


def _share(server: Any, worker: Any) -> None:
    """Leave what the master has loaded out of the worker's collections, which would copy it page by page."""
    gc.collect()
    gc.freeze()


def _modern_tls(config: Any, default: Any) -> ssl.SSLContext:
    from common.node.patience import TlsSocket

    context: ssl.SSLContext = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = TlsSocket
    return context


class WrongTier(LiandongError):
    """The address is of another level than this program is for."""

    code = "E416"
    status = 409
    sentence = "地址 {address} 不是本程序对应的层级，请用该层级的程序。"


def serve_package(data: Path, package: str, environment: Mapping[str, str], practice: int = 0) -> int:
    """Serve the node in `data` with the program of a node package; return the exit code.

    `practice` is 1 when it was asked for as one for practice.
    """
    try:
        check_user(data)
        config = read_config(data, environment)
        check_made(config)
        check_as_asked(config, practice)
        if config.address and level(config.address) != _TIERS[package]:
            raise WrongTier(address=config.address)
        serve(config, lambda: _profile_of(package))
    except LiandongError as problem:
        print(problem, file=sys.stderr)
        return 2
    except OSError as problem:
        print(of_the_system(problem), file=sys.stderr)
        return 2
    return 0


def _profile_of(package: str) -> TierProfile:
    profile: TierProfile = importlib.import_module(f"{package}.profile").PROFILE
    return profile


def serve(config: NodeConfig, profile: Callable[[], TierProfile]) -> None:
    """Serve a node until it is told to end; `profile` is asked for in the worker.

    Raises:
        PlainBind: the address is not loopback and there is no certificate with its key.
        BadConfig: certificate or key cannot be used, or the key of the sessions has no folder.
        AddressTaken: somebody else serves there, or this user may not.
    """
    if config.bind.rpartition(":")[0] not in _LOOPBACK and not (config.tls_cert_file and config.tls_key_file):
        raise PlainBind
    _check_tls(config)
    _check_session_key(config)
    # Large uploads are spooled to a file first: beside the data, where there is room, not in a small /tmp.
    spool = config.path("tmp")
    spool.mkdir(exist_ok=True)
    tempfile.tempdir = str(spool)
    master = os.getpid()
    try:
        _Server(config, profile).run()
    except SystemExit as ended:
        # The server tries for some seconds before it ends; workers end here, too.
        if ended.code == _NOT_BOUND and os.getpid() == master:
            raise AddressTaken(bind=config.bind) from None
        if ended.code == _HAS_TOLD and os.getpid() == master:
            sys.exit(_REFUSED)
        if not ended.code and os.getpid() == master:
            serve_words.say(serve_words.closed(config))
        raise


def _check_tls(config: NodeConfig) -> None:
    names = {"tls_cert_file": config.tls_cert_file, "tls_key_file": config.tls_key_file}
    if not any(names.values()):
        return
    for name, value in names.items():
        if not value:
            raise BadConfig(name=name, why="tls_cert_file 和 tls_key_file 要同时给出")
        if not config.path(value).is_file() or not os.access(config.path(value), os.R_OK):
            raise BadConfig(name=name, why=f"读不到 {config.path(value)}")
    certificate, key = (config.path(value) for value in names.values())
    try:
        # A key with a password would have it asked for at a terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, lambda: "")
    except (OSError, ValueError):
        why = f"{certificate} 和 {key} 不是一对可用的证书和私钥（PEM，私钥不加密）"
        raise BadConfig(name="tls_cert_file", why=why) from None


def _check_session_key(config: NodeConfig) -> None:
    path = config.path(config.secret_key_file)
    if path.is_dir() or not path.parent.is_dir():
        raise BadConfig(name="secret_key_file", why=f"应是一个文件，所在文件夹要先建好：{path}")
