"""A command whose output nobody reads any more, as behind ``| head``, ends without a word."""

import os
import subprocess
import sys

import pytest

from data.core.settings import ROOT

pytestmark = pytest.mark.slow

NOBODY_READS = 141


def run_unread(*words: str, unbuffered: bool, with_errors: bool = False) -> tuple[int, str]:
    """Exit code and errors of a command that writes into a pipe which was closed at its other end."""
    reads, writes = os.pipe()
    os.close(reads)
    own = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=ROOT,
            env={**own, "PYTHONUNBUFFERED": "1"} if unbuffered else own,
            stdout=writes,
            stderr=writes if with_errors else subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writes)
    return done.returncode, done.stderr or ""


@pytest.mark.parametrize("unbuffered", [True, False])
def test_a_list_that_nobody_reads_ends_without_a_word(small: str, unbuffered: bool) -> None:
    assert run_unread("user", "list", "--json", unbuffered=unbuffered) == (NOBODY_READS, "")


def test_help_and_a_complaint_that_nobody_reads_end_without_a_word(small: str) -> None:
    assert run_unread("--help", unbuffered=False) == (NOBODY_READS, "")
    assert run_unread("nonsense", unbuffered=False, with_errors=True) == (NOBODY_READS, "")
    assert run_unread("user", "passwd", "nobody", unbuffered=True, with_errors=True) == (NOBODY_READS, "")
