"""Runs the console beside the rest of the product: uvicorn in a thread of its own."""

import socket
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from supportbot.errors import UsageError

_START_SECONDS = 15.0
_STOP_SECONDS = 5.0


class ConsoleServer:
    """A console that is being served. `port` is the one it listens on."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self.app = app
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, lifespan="off", timeout_graceful_shutdown=2, ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)

    def start(self) -> None:
        """Serve; returns once requests are answered."""
        self._thread.start()
        waited = 0.0
        while not self._server.started and self._thread.is_alive() and waited < _START_SECONDS:
            self._thread.join(0.01)
            waited += 0.01
        if not self._server.started:
            raise UsageError("the console did not start; its error is in the log above")

    def stop(self) -> None:
        """End open streams and stop; returns when the port is free."""
        self.app.state.console.closing.set()
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def serve(app: FastAPI, host: str, port: int, ready: Callable[[int], None] | None = None) -> ConsoleServer:
    """Serve the console on `host`:`port` (0: any free one), call `ready` with the port. Raises `UsageError` where taken."""
    server = ConsoleServer(app, host, port)
    server.start()
    if ready is not None:
        ready(server.port)
    return server


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"the console cannot listen on {host}: {error.strerror}") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"the console cannot listen on {host} port {port}: {error.strerror}; choose another with console.port"
        ) from error
    return listener
