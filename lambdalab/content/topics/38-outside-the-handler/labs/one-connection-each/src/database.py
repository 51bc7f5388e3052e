"""The shop's database, as this lab meets it. No SQL is spoken here; connections are real. You cannot edit this file."""

import os
import socket
import time


class Connection:
    """A connection. It is open until it is closed, or until nothing in the function holds it any more."""

    def __init__(self):
        place = os.environ["DATABASE_HOST"], int(os.environ["DATABASE_PORT"])
        self._socket = socket.create_connection(place, timeout=3)
        time.sleep(0.06)  # TLS and signing in take their time

    def insert(self, order):
        """Store one order."""
        self._socket.sendall(f"insert {order}".encode())
        time.sleep(0.2)

    def close(self):
        """Let go of it."""
        self._socket.close()


def connect():
    """A new connection. Raises ConnectionRefusedError when the database has as many as it takes."""
    return Connection()
