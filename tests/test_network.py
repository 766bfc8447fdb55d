"""With the environment in place, a book is built without a network."""

from __future__ import annotations

import subprocess
import sys

import pytest
from trial_book import TrialBook, cell

SQUARE = cell("%%definition square\ntitle: Square\ngiven: x real\n\ns(x) = x^2")
ASKS = cell("""
import socket
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError as error:
    print("the cell was told:", error)
""")
# Python imports this of itself, in the build and in its kernels.
REFUSE = """\
import pathlib, socket

LOG = pathlib.Path(__file__).with_name("asked.txt")
connect = socket.socket.connect

def refuse(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
        with LOG.open("a") as log:
            log.write(f"{address[0]}\\n")
        raise OSError("there is no network")
    return connect(self, address)

socket.socket.connect = refuse
"""
# Only the loopback interface, by which a build talks with its kernels.
ALONE = """\
import fcntl, os, socket, struct, sys
UP, SET_FLAGS = 0x41, 0x8914
fcntl.ioctl(socket.socket(), SET_FLAGS, struct.pack("16sh", b"lo", UP))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_neither_the_build_nor_its_kernels_ask_for_a_connection(trial_book: TrialBook):
    (trial_book.folder / "sitecustomize.py").write_text(REFUSE, encoding="utf-8")
    trial_book.write("first", SQUARE, ASKS)
    build = trial_book.build()
    assert build.succeeded, build.output
    assert "the cell was told: there is no network" in trial_book.page("first")
    assert (trial_book.folder / "asked.txt").read_text(encoding="utf-8") == "192.0.2.1\n"  # the cell's, and no other


def test_a_book_is_built_where_there_is_no_network(trial_book: TrialBook):
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system makes no network namespace for anyone")
    trial_book.write("first", SQUARE, ASKS)
    build = trial_book.build(within=["unshare", "-rn", sys.executable, "-c", ALONE])
    assert build.succeeded, build.output
    assert "Network is unreachable" in trial_book.page("first")
