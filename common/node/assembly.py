"""The composition root: puts one node together from its settings and its profile."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import resources

from common.calendar.service import Calendars
from common.casework.context import CaseContext
from common.casework.service import Casework
from common.catalogue.service import Catalogue
from common.clock import Clock, SystemClock
from common.config import NodeConfig
from common.days import local_date
from common.desk.service import Drafts
from common.documents.service import Documents
from common.node import trail_mark
from common.node.application import NodeApplication
from common.node.backups.backup_origin import doubt
from common.node.backups.last_backup import overdue
from common.node.enrolling.enrolment import EnrolmentDesk
from common.node.heart import Clocks, Heart
from common.node.keyring.keys import ROSTER, KeyFile
from common.node.keyring.trust import Trust, roster_key_in_force
from common.node.line import runner_of
from common.node.neighbours import Neighbours, staffed_by
from common.node.node import Node
from common.node.practice import check_network
from common.node.profile import TierProfile
from common.node.proving import make_archive, make_proofs
from common.node.seal_news import SealNews
from common.node.watches.disk import DiskWatch
from common.node.watches.staffing import Shelf, Staffing, make_staffing
from common.node.watches.unsure import Unsure
from common.papers.service import Papers
from common.people.rules.sessions import SignInLimits
from common.people.service import People
from common.places.listed import read_places
from common.places.rules import Place
from common.seal.service import Seals
from common.store import audit
from common.store.database import database, open_database
from common.store.migrate import migrate
from common.store.outbox import Outbox
from common.store.sorts import check_read_always
from common.web.factory import make_app, register_node_api
from common.web.ports import WebApp
from sync.adapters.blob_files import BlobFiles
from sync.adapters.engine import Engine, World
from sync.adapters.http_server import Door, make_blueprint
from sync.adapters.spool import SqlSpool
from sync.adapters.witness import FILE as WITNESS_FILE
from sync.adapters.witness import WitnessFile
from sync.protocol import signed
from sync.protocol.core import Means, Note
from sync.protocol.documents import DOC
from sync.protocol.errors import BadRoster, CodeUsedTwice
from sync.protocol.offer import Budget
from sync.protocol.pacing import ANSWER_START_BYTES
from sync.protocol.peer import Peer
from sync.protocol.records import dictionary_name
from sync.protocol.shelf import ShelfDoc, read_doc
from sync.protocol.signing import RealSuite

DATABASE_FILE = "node.sqlite3"
SEALS = "seal"
_WAITED_FOR_MAX = 1_000
PAPERS_FOLDER = "papers"
SOON_MS = 250
_THREADS_OF_PEOPLE = 2
# The newest first: it is written with, the others are read for ever.
_DICTIONARIES = ("zdict-v2.bin", "zdict-v1.bin")


def build_node(config: NodeConfig, profile: TierProfile, clock: Clock | None = None) -> Node:
    """Return the node of a data folder, its database migrated and its parts connected; nothing runs yet.

    Raises:
        OddValues: what each exchange goes by is not what a program has written; nothing was signed by it.
    """
    clock = clock or SystemClock()
    DiskWatch(config).make_room()
    opened = open_database(config.path(DATABASE_FILE), config.busy_timeout_ms)
    migrate(opened, config.path("migrate.lock"))
    check_read_always()
    blobs = BlobFiles(config.path(PAPERS_FOLDER))
    keys = KeyFile(config.path("keys.json"), RealSuite())
    spool = SqlSpool(database.obj)
    keys.promote(roster_key_in_force(spool))
    known = {dictionary_name(one): one for one in read_dictionaries()}
    means = Means(
        spool=spool,
        blobs=blobs,
        suite=RealSuite(),
        random=secrets.token_bytes,
        keys=keys,
        roster_key=keys.special(ROSTER),
        dictionaries=known,
        dictionary=next(iter(known)),
    )
    witness = WitnessFile(config.path(WITNESS_FILE))
    heart = Heart(spool, Peer(means), Clocks(clock, secrets.token_hex(4)), witness)
    return _connect(config, profile, clock, (heart, keys, blobs))


def _connect(
    config: NodeConfig, profile: TierProfile, clock: Clock, parts: tuple[Heart, KeyFile, BlobFiles]
) -> Node:
    heart, keys, blobs = parts
    me, publisher, note = config.address, Shelf(heart, config.address), heart.peer.core.note
    catalogue = Catalogue(publisher, me, heart.tree, note, today=lambda: local_date(clock.now_ms()))
    calendars = Calendars(publisher, me, heart.tree, note)
    staffing = make_staffing(heart, me, People(secrets.token_bytes, _limits(config)), secrets.token_bytes)
    places, unsure = read_places(me), Unsure()
    cases = _cases(heart, (catalogue, calendars, staffing), (me, places), (unsure, lambda: node))
    application = NodeApplication(cases, catalogue, calendars, staffing, _seal_news(config, heart))
    world = World(heart.unit, heart.clocks.evidence, lambda notes: node.journal(notes), heart.witness.cover)
    node = Node(
        config=config,
        profile=profile,
        me=config.address,
        clock=clock,
        heart=heart,
        keys=keys,
        engine=Engine(heart.peer, application, world),
        runner=None,
        blobs=blobs,
        casework=Casework(cases),
        catalogue=catalogue,
        calendars=calendars,
        staffing=staffing,
        papers=Papers(blobs, config.paper_bytes_max),
        places=places,
        drafts=Drafts(secrets.token_bytes),
        enrolment=EnrolmentDesk(heart.peer.core, keys.special(ROSTER), secrets.token_bytes),
        proofs=make_proofs(config, heart.spool, keys, heart.peer.core.suite, clock),
        archives=lambda: make_archive(config, heart.peer.core, blobs, node.place_name),
        documents=Documents(),
        seals=Seals(config.data_dir),
        disk=DiskWatch(config),
        trust=Trust(heart, keys, application),
    )
    _begin(node, application)
    node.runner = runner_of(node)
    return node


def _seal_news(config: NodeConfig, heart: Heart) -> SealNews:
    return SealNews(config.path(SEALS), heart, config.address)


def _begin(node: Node, application: NodeApplication) -> None:
    """Do what every start of a node begins with, before anybody signs in or anything is exchanged."""
    reason, told = "", list[Note]()
    with node.unit():
        node.people.start(node.clock.moment())
        if node.spool.identity() is not None:
            check_network(node.config, node.peer.core.roster.network)
            reason = _wake_up(node)
            # A newer program may know what an older one had to put aside, and read what that one could not.
            woke = application.adopt(list(_documents(node.spool)))
            # What still cannot be used was told of when it came; that this is an older copy is new.
            told = [note for note in node.peer.take_notes() if reason and note.detail.startswith(reason)]
            node.peer.wake({"version"} | woke, application)
            # A county that was put back first hears what it had published since.
            if not reason:
                application.seals.tell()
    if node.spool.identity() is not None:
        node.heart.attest()
    if reason:
        trail_mark.keep_anew(node)
    if told:
        node.journal(told)


def _wake_up(node: Node) -> str:
    """Before anything is signed: find out whether this database is an older copy of what was here."""
    now = node.clock.now_ms()
    reason = node.peer.awake(node.heart.witness.read(), now)
    if reason:
        identity = node.peer.core.identity
        audit.record("", "node.put_back", node.me, {"epoch": identity.epoch, "why": reason}, now)
        node.outages.begin_anew()
        node.silences.begin_anew()
    return reason


def _documents(spool: SqlSpool) -> Iterator[ShelfDoc]:
    """Return the shelf documents in force, and former ones that acts wait for though they are here."""
    waited_for = (spool.doc(key.removeprefix(DOC)) for key in spool.parked_for(DOC, _WAITED_FOR_MAX))
    in_force = ((held.statement, held.content) for held in spool.all_held(signed.SHELF))
    for found in (*in_force, *waited_for):
        # One that the disk has damaged must not keep a node from starting; `verify` names it.
        with suppress(BadRoster):
            if found is not None:
                yield read_doc(*found)


def _cases(
    heart: Heart,
    known: tuple[Catalogue, Calendars, Staffing],
    here: tuple[str, Mapping[str, Place]],
    back: tuple[Unsure, Callable[[], Node]],
) -> CaseContext:
    catalogue, calendars, staffing = known
    me, places = here
    unsure, node = back
    return CaseContext(
        me=me,
        tree=heart.tree,
        outbox=Outbox(heart),
        catalogue=catalogue,
        random=secrets.token_bytes,
        epoch_n=heart.epoch_n,
        sync=heart,
        calendar=calendars.current,
        last_contact=heart.last_contact,
        absent_agents=staffing.stand_ins.absent_agents,
        neighbours=Neighbours(heart, me, heart.clocks.clock.now_ms, places),
        staffed=lambda: staffed_by(staffing.people),
        unsure=lambda: unsure.of(node()),
        put_back_at=lambda: unsure.since(node()),
    )


def build_app(node: Node) -> WebApp:
    """Return the web application of a node: its pages, and the door other nodes knock at."""
    app = make_app(node, node.profile, node.profile.blueprints())
    told = {
        "certificate_ending": lambda: _ending(node),
        "backup_overdue": lambda: overdue(node),
        "backup_doubt": lambda: doubt(node),
    }
    app.context_processor(lambda: told)
    register_node_api(app, make_blueprint(_door(node)))
    return app


def _ending(node: Node) -> tuple[str, int] | None:
    """Return when the certificate of the pages ends, once that is near; see `doctor_tls.ending`."""
    if not node.config.tls_cert_file:
        return None
    # Most villages serve their own computer alone and never load what reads certificates.
    from common.node.checks.doctor_tls import ending

    return ending(node)


def _door(node: Node) -> Door:
    def budget(room: int) -> Budget:
        # While our own line works, news for the child is on its way: it may ask again soon.
        soon = SOON_MS if node.runner is not None and node.runner.is_up else 0
        return Budget(min(room or ANSWER_START_BYTES, node.config.sync_exchange_bytes), soon_ms=soon)

    def enrol(data: bytes) -> bytes:
        # A guessed code is turned away before it can hold up anybody who writes.
        node.enrolment.read(data)
        try:
            with node.unit():
                answer = node.enrolment.answer(data, node.clock.now_ms())
            node.heart.attest()
        except CodeUsedTwice as problem:
            node.journal([Note(problem.code, problem.detail, "")])
            raise
        node.wake()
        return answer

    return Door(node.engine, budget, enrol, node.wake, node_seats(node.config))


def node_seats(config: NodeConfig) -> int:
    """Return how many exchanges may run at once: two threads at least are left to people's pages."""
    return max(1, min(config.node_requests_at_once, config.threads - _THREADS_OF_PEOPLE))


def _limits(config: NodeConfig) -> SignInLimits:
    return SignInLimits(
        config.session_idle_s * 1000,
        config.session_absolute_s * 1000,
        config.sign_in_attempts,
        config.sign_in_pause_s * 1000,
    )


def read_dictionaries() -> tuple[bytes, ...]:
    """Return the preset dictionaries that come with the program, the newest first."""
    return tuple(
        resources.files("common.node").joinpath(f"data/{name}").read_bytes() for name in _DICTIONARIES
    )
