"""Serving the graph: one process, or several that share a port; tells where once it answers."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from multiprocessing import connection, parent_process
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from graph.app import create_app, opened_ledger
from graph.commands.configured import read, settings_of
from graph.commands.ports import listener, url_of
from graph.commands.terminal import BAD_CONFIGURATION, TROUBLE, fail, say
from graph.logs import configure
from graph.settings import ConfigurationError, Settings, is_loopback
from ledger.sql import LedgerError

CONFIG = "LOYALTY_GRAPH_CONFIG"
"""The variable that tells a worker process its configuration."""

_DRAIN_SECONDS = 25
_START_SECONDS = 60.0

Announce = Callable[[], None]


def serve(path: Path, host: str | None, port: int | None) -> None:
    """Serve the programs of a configuration until told to end."""
    configure()
    settings = settings_of(path)
    address = settings.server.host if host is None else host
    if not is_loopback(address):
        fail(
            [f"--host {address}: development tokens are for this machine alone; bind to 127.0.0.1"],
            BAD_CONFIGURATION,
        )
    with listener(address, settings.server.port if port is None else port) as listening:
        check_ledger(settings)

        def announce() -> None:
            say(f"Loyalty Graph on {url_of(listening)}/graphql")

        if settings.server.workers == 1:
            serve_here(settings, listening, announce)
        else:
            _serve_in_workers(path, settings.server.workers, listening, announce)


def check_ledger(settings: Settings) -> None:
    """Open the ledger once, with its tables up to date; one that cannot be is one line, and 2."""

    async def opened() -> None:
        async with opened_ledger(settings.ledger):
            pass

    try:
        asyncio.run(opened())
    except LedgerError as fault:
        fail([f"ledger.url: {fault}"], BAD_CONFIGURATION)


def serve_here(settings: Settings, listening: socket.socket, announce: Announce) -> None:
    """Serve in this process; a request under way is answered before the end."""
    signal.signal(signal.SIGTERM, _end)
    server = _Server(_config(lambda: create_app(settings)), announce)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        return
    if not server.started:
        raise SystemExit(TROUBLE)


def _end(*_: object) -> None:
    """End as asked: uvicorn has drained by then, and whoever opened something closes it."""
    raise SystemExit(0)


def _serve_in_workers(
    path: Path, workers: int, listening: socket.socket, announce: Announce
) -> None:
    """Serve in processes of their own; each reads the configuration, anew after a SIGHUP."""
    os.environ[CONFIG] = str(path.resolve())
    supervisor = _Workers(_config(f"{__name__}:app_of_worker", workers), listening, announce)
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise SystemExit(TROUBLE)


def app_of_worker() -> FastAPI:
    """The app of a worker process, which is told its configuration by the environment."""
    _end_with_parent()
    configure()
    try:
        return create_app(read(Path(os.environ[CONFIG])))
    except ConfigurationError as fault:
        sys.stderr.write(f"{fault}\n")
        raise SystemExit(STARTUP_FAILURE) from None


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its workers to end: they see it gone."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _config(app: str | Callable[[], FastAPI], workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=True,
        workers=workers,
        ws="none",
        access_log=False,
        limit_concurrency=1000,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


class _Server(uvicorn.Server):
    """Says where it serves once it does."""

    def __init__(self, config: uvicorn.Config, announce: Announce) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, and say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()


class _Workers(Multiprocess):
    """Says where the workers serve once all of them do."""

    def __init__(
        self, config: uvicorn.Config, listening: socket.socket, announce: Announce
    ) -> None:
        super().__init__(config, sockets=[listening])
        self._announce = announce

    def init_processes(self) -> None:
        """Start the workers, and wait until they serve."""
        super().init_processes()
        if all(each.wait_until_ready(_START_SECONDS, self.should_exit) for each in self.processes):
            self._announce()
