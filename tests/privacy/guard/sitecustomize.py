"""Python imports this at its start where the folder is on its path: writes down every attempt to connect.

An audit hook hears of attempts that are caught by whoever makes them, too; local sockets are allowed.
"""

import os
import socket
import sys

EVENTS = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.sendto",
)


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if event not in EVENTS:
        return
    if isinstance(arguments[0], socket.socket) and arguments[0].family == socket.AF_UNIX:
        return
    with open(os.environ["ATTEMPTS"], "a", encoding="utf-8") as attempts:  # noqa: PTH123
        attempts.write(f"{event} {arguments[1:] if 'connect' in event else arguments}\n")
    raise OSError("the network is cut off")


sys.addaudithook(_heard)
