"""The composition root: parts in, one Dash app out. Nothing is read until a page asks, or who watches for alerts."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from dash import Dash, set_props
from flask import Flask
from flask_openapi3 import OpenAPI

from usage_dash.access.lists import lists_of
from usage_dash.access.scopes import Scopes
from usage_dash.alerts.deliveries import Deliveries
from usage_dash.alerts.judge import Judge
from usage_dash.alerts.memory import Memory
from usage_dash.alerts.messages import Messages
from usage_dash.alerts.sender import AppriseSender
from usage_dash.alerts.watch import NoWatch, Watch, Watcher
from usage_dash.billing.reader import BillAsker, BillReader, NoBill
from usage_dash.checks.checks import Checks
from usage_dash.inside import logs
from usage_dash.ledger.backup import Backups
from usage_dash.ledger.ledger import Ledger, TooMuchError
from usage_dash.money.outlook import Outlook, doubts
from usage_dash.openers import budgets_of, open_bill, open_ledger, open_names, open_repository, rules_of
from usage_dash.page import callbacks, document, find_users, frames, ids, my_usage
from usage_dash.page.board import Board
from usage_dash.page.components import notices
from usage_dash.page.first_view import first_view
from usage_dash.page.links import Links
from usage_dash.people.directory import Directory, People, Person
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.repository.base import Source, UsageRepository
from usage_dash.settings import Settings, SourceName, Way, load
from usage_dash.settings.budgets import Budgets
from usage_dash.sync.names import NameReader, Names, NoNames
from usage_dash.sync.people import keep_people
from usage_dash.sync.sync import Sync
from usage_dash.web import (
    embed,
    export,
    exposure,
    gate,
    hosts,
    prefix,
    proxies,
    request_log,
    search,
    security,
    static_files,
    too_much,
    watching,
)
from usage_dash.web.answers import HEALTH
from usage_dash.web.api import places, problems
from usage_dash.web.api.described import make_server
from usage_dash.web.gate import Door, Unguarded
from usage_dash.web.mounted import CurrentViewer, HostDoor, mount_path, put_under
from usage_dash.web.not_ready import NotReady
from usage_dash.web.platforms import platform_of, public_url
from usage_dash.web.sign_in.missing import missing

if TYPE_CHECKING:
    from usage_dash.inside.metrics import Metrics

_log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None, repository: UsageRepository | None = None) -> Flask:
    """Make the WSGI app; without arguments everything comes from the environment and `.env`.

    The Dash app is `server.extensions["usage_dash"]`; `server.extensions["usage_dash_board"].close()` lets go of source
    and ledger. Raises `SettingsError` and `LedgerError`.
    """
    server: Flask = create_dash(settings, repository).server
    return server


def mount(
    host: Flask,
    path: str,
    current_viewer: CurrentViewer,
    settings: Settings | None = None,
    repository: UsageRepository | None = None,
) -> Flask:
    """Show the dashboard as a part of the Flask app `host`, below `path` (“/usage”); returns the dashboard's own app.

    `current_viewer` is called in the host's request context and returns a `Viewer`, or None for whoever may not look.
    Nothing else of the host changes. Raises as `create_app` does.
    """
    prefix = mount_path(path)
    settings = (settings or load()).model_copy(update={"url_prefix": prefix, "auth": None})
    server: Flask = create_dash(settings, repository, door=HostDoor(host, current_viewer, prefix)).server
    put_under(host, prefix.rstrip("/"), server)
    return server


def create_dash(
    settings: Settings | None = None,
    repository: UsageRepository | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    door: Door | None = None,
) -> Dash:
    """Make the Dash app, with its server; see `create_app`. By `monotonic` it is told when a sync is due.

    `door` is that of an app that this one is a part of; else the settings say who is let in.
    """
    settings = settings or _from_environment()
    repository = repository or open_repository(settings)
    directory = Directory(settings.people_file, _sample_people() if settings.source is SourceName.DEMO else None)
    app = _dash(settings)
    server: OpenAPI = app.server
    board = _board(settings, repository, directory, monotonic)
    _show(app, board, settings)
    places.register(server, board.sync, board.reports, board.prices, settings.url_prefix, outlook=board.outlook)
    problems.tell(server)
    too_much.tell(server)
    request_log.log_requests(server, believed=proxies.trusted(settings, os.environ) > 0)
    watching.tell_readiness(server, board.sync, settings.refresh_seconds)
    watching.offer_metrics(server, settings.metrics_token, partial(_metrics, board))
    door = door or _own_door(server, settings, directory)
    gate.guard(server, door, Scopes(directory), settings)
    _protect(server, app, settings)
    server.extensions.update(usage_dash=app, usage_dash_board=board)
    board.watch.start()
    return app


def open_board(settings: Settings) -> Board:
    """Open source and ledger for who shows no page; `close` lets go of them. Raises as `create_app` does."""
    return _board(settings, open_repository(settings), Directory(settings.people_file), time.monotonic)


def messages_of(settings: Settings, source: Source) -> Messages:
    """Make who writes the messages that tell of a source's usage."""
    url = public_url(settings, os.environ)
    return Messages(source.label, settings.timezone, Links(url) if url else None)


def _from_environment() -> Settings:
    """Load the settings for a WSGI server, which listens wherever it was told to."""
    settings = load(lambda settings: logs.set_up(settings.log_level, settings.log_format))
    if platform := platform_of(os.environ):
        exposure.require_safe_address(platform.name, settings)
    return settings


def _keep_to_the_place(server: Flask, settings: Settings) -> None:
    """Answer nobody but whom the dashboard's own address is meant for."""
    exposure.refuse_other_machines(server, settings)
    hosts.refuse_foreign_names(server, hosts.known_names(settings, os.environ))
    if platform_of(os.environ):
        proxies.keep_to_https(server)


def _own_door(server: Flask, settings: Settings, directory: Directory) -> Door:
    """Make the door that the settings name, with its pages, at the dashboard's own address."""
    _keep_to_the_place(server, settings)
    if settings.auth is None or Way.NONE in settings.auth:
        return Unguarded()
    if lacking := missing(settings):
        return NotReady(lacking)
    from usage_dash.web.sign_in import pages  # noqa: PLC0415 - its libraries are loaded where people sign in
    from usage_dash.web.sign_in.door import SignIn  # noqa: PLC0415 - see above
    from usage_dash.web.sign_in.session import keep_sessions  # noqa: PLC0415 - see above

    keep_sessions(server, settings)
    door = SignIn(server, settings, lists_of(settings, directory))
    pages.register(server, door)
    return door


def _show(app: document.Page, board: Board, settings: Settings) -> None:
    """Let the app show the board: as a page, and in frames."""
    app.layout = document.layout(settings.refresh_seconds)
    app.first_view = partial(first_view, board)
    app.before = frames.before(app, settings.embed_origins)
    callbacks.register(app, board)
    search.register(app.server, partial(find_users.rows, board))
    small = frames.my_usage_document(app, settings.embed_origins, settings.refresh_seconds)
    card = partial(my_usage.card, board)
    embed.register(app.server, script=document.text("embed.js"), overview=app.index, me=lambda: small, card=card)
    export.register(app.server, board.reports, board.sync)


def _protect(server: Flask, app: Dash, settings: Settings) -> None:
    """Put around the page what HTTP needs: which requests fit, and what each answer carries."""
    security.refuse_misfits(server, app, document.version())
    # The last of these sees an answer first.
    security.secure(server, app, settings.embed_origins)
    security.compress(server)
    static_files.send_compressed(server, static_files.Packer(static_files.cache_folder()))
    prefix.serve_under(server, settings.url_prefix)
    proxies.believe(server, proxies.trusted(settings, os.environ))


def _dash(settings: Settings) -> document.Page:
    """Make the Dash app with a server of its own, whose pages before the dashboard look as the dashboard does."""
    server = make_server("usage_dash", settings.url_prefix, static_folder=None, template_folder="web/templates")
    app = _page(server, settings.url_prefix)
    styles = (*document.PLAIN_STYLES, "sign_in.css")
    asset = partial(document.asset_url, app)
    server.jinja_env.globals.update(asset=asset, styles=styles, prefix=settings.url_prefix)
    return app


def _page(server: Flask, url_prefix: str) -> document.Page:
    return document.Page(
        "usage_dash",
        requests_pathname_prefix=url_prefix,
        routes_pathname_prefix="/",  # web.prefix takes the other away
        server=server,  # type: ignore[arg-type] # its type knows no server of one's own, its documentation does
        title=document.TITLE,
        update_title=None,  # type: ignore[arg-type] # as documented: keep the title
        assets_folder=str(document.assets_folder()),
        include_assets_files=False,  # document.document() names them, in order and fingerprinted
        serve_locally=True,
        enable_mcp=False,
        health_endpoint=HEALTH.lstrip("/"),
        on_error=_tell,
    )


def _board(
    settings: Settings,
    repository: UsageRepository,
    directory: Directory,
    monotonic: Callable[[], float],
) -> Board:
    source = repository.source
    ledger = open_ledger(settings, source.identity, settings.ledger)
    directory.watch(partial(keep_people, ledger))
    sync = Sync(
        repository,
        ledger,
        refresh_seconds=settings.refresh_seconds,
        reconcile_hours=settings.reconcile_hours if source.billed else 0,
        read_price=settings.read_price,
        egress_price=settings.egress_price,
        monotonic=monotonic,
    )
    _back_up_daily(settings, ledger, sync)
    reports, rules = Reports(ledger, ViewCache()), rules_of(settings)
    bill, names = _bill(settings, ledger, repository), _names(settings, ledger, sync)
    outlook = Outlook(reports, _budgets(settings, repository))
    for sentence in doubts(outlook.budgets, directory.people()):
        _log.warning("%s", sentence)
    checks = Checks(reports, sync, rules, settings.refresh_seconds, bill, outlook=outlook)
    judge = Judge(settings.alert_rules, reports, checks, outlook, sync, names=names)
    return Board(
        source,
        sync,
        reports,
        checks,
        outlook,
        settings.refresh_seconds,
        Links(settings.url_prefix),
        settings.currency,
        names,
        bill,
        rules.prices,
        _watch(settings, ledger, sync, judge),
    )


def _watch(settings: Settings, ledger: Ledger, sync: Sync, judge: Judge) -> Watcher:
    """Make who tells the addresses that the settings name; of a sample nobody is told, as nothing of it is true."""
    if not settings.alerts or sync.source.sample:
        return NoWatch()
    memory = Memory(ledger, settings.alerts, messages_of(settings, sync.source))
    deliveries = Deliveries(memory, AppriseSender())
    return Watch(sync, judge, memory, deliveries, every_seconds=60.0 * settings.alert_minutes)


def _back_up_daily(settings: Settings, ledger: Ledger, sync: Sync) -> None:
    """Have the ledger copied once a day, where the settings name a directory for that."""
    if settings.ledger is None or settings.ledger_backups is None:
        return
    from usage_dash.sync.daily_backup import DailyBackup  # noqa: PLC0415 - where it is wanted

    backups = Backups(settings.ledger_backups, settings.ledger, sync.source.identity)
    sync.after(DailyBackup(ledger, backups, lambda: datetime.now(settings.timezone).date()).after_sync)


def _names(settings: Settings, ledger: Ledger, sync: Sync) -> Names:
    """Make who looks up names. What was looked up elsewhere, or in times when it was wanted, is forgotten."""
    source = open_names(settings)
    ledger.take_names_from(source.identity if source else None)
    return NameReader(source, ledger, sync.spent, timedelta(days=settings.names_days)) if source else NoNames()


def _bill(settings: Settings, ledger: Ledger, repository: UsageRepository) -> BillAsker:
    """Make who reads what OpenAI billed; a sample's bill is made up, as its usage is."""
    if repository.source.sample:
        return _sample_bill(ledger, repository)
    source = open_bill(settings)
    return BillReader(source, ledger) if source else NoBill()


def _budgets(settings: Settings, repository: UsageRepository) -> Callable[[], Budgets]:
    """Return what tells the budgets now; a sample has some of its own, unless others are set."""
    if settings.budgets is None and repository.source.sample:
        from usage_dash.repository.demo.budgets import BUDGETS  # noqa: PLC0415 - only for a sample

        return lambda: BUDGETS
    return budgets_of(settings)


def _sample_bill(ledger: Ledger, repository: UsageRepository) -> BillAsker:
    from usage_dash.billing.sample import SampleBill  # noqa: PLC0415 - only for a sample
    from usage_dash.repository.demo.source import DemoRepository  # noqa: PLC0415 - see above

    return SampleBill(repository.known_usage, ledger) if isinstance(repository, DemoRepository) else NoBill()


def _metrics(board: Board) -> Metrics:
    from usage_dash.inside.metrics import Metrics  # noqa: PLC0415 - its library is loaded where there is a token

    return Metrics(board.sync, board.reports, board.outlook, asks_bill=board.bill.asks, alerts=board.watch.tally)


def _sample_people() -> People:
    from usage_dash.repository.demo.people import persons  # noqa: PLC0415 - only for a sample

    return People("sample", {each[0]: Person(*each) for each in persons()})


def _tell(error: Exception) -> None:
    """Log a callback's failure with its cause; the browser gets one plain sentence."""
    _log.error("A callback failed", exc_info=error)
    known = isinstance(error, TooMuchError)
    sentence = str(error) if known else "Something went wrong in usage-dash; its log says what."
    set_props(ids.PROBLEM, {"children": notices.problem(sentence)})
