"""Pages of the second factor: setting it up, and its recovery codes, which are shown only once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

import segno

from routes.doors.page import PageView

SET_UP, SET_UP_FIRST = "/account/second-factor", "/signin/second-factor"
"""Addresses for setting it up: by choice, and for accounts that must have one before any other page opens."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as lines of an SVG drawing in which each module is a unit square.

    Attributes:
        size: modules of one side.
        path: the dark modules, row by row.
    """

    size: int
    path: str


@dataclass(frozen=True, kw_only=True)
class EnrolmentPage(PageView):
    """Setting up a second factor: the owner scans the picture, then enters a code and the password.

    Attributes:
        qr_code: the picture to scan.
        spaced_key: the same key, for typing.
        sealed: the same key encrypted; the form carries it, because nothing is stored before a code proves the key.
        account_name: name of the account.
        asks_password: whether the account has a password, which the form then asks for.
        target: address to open afterwards; ``None`` for the page of one's own account.
    """

    template: ClassVar[str] = "account/set_up_second_factor.html"
    action: ClassVar[str] = SET_UP
    qr_code: QrCode
    spaced_key: str
    sealed: str
    account_name: str
    asks_password: bool
    target: str | None = None


@dataclass(frozen=True, kw_only=True)
class FirstEnrolmentPage(EnrolmentPage):
    """The same for an account that must have a second factor before it can open any other page."""

    template: ClassVar[str] = "sign_in/set_up_second_factor.html"
    action: ClassVar[str] = SET_UP_FIRST


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesPage(PageView):
    """Recovery codes, shown only once, for printing or copying.

    Attributes:
        codes: in the form in which they are typed.
        account_name: name of the account.
        target: address to open afterwards.
        turned_on: whether the second factor has been turned on just now.
    """

    template: ClassVar[str] = "account/recovery_codes.html"
    codes: Sequence[str]
    account_name: str
    target: str
    turned_on: bool = False


@dataclass(frozen=True, kw_only=True)
class FirstRecoveryCodesPage(RecoveryCodesPage):
    """The same for an account that could open no other page until now."""

    template: ClassVar[str] = "sign_in/recovery_codes.html"


def draw_qr_code(text: str) -> QrCode:
    """A text as a QR code without a margin."""
    matrix = segno.make(text, error="m").matrix
    return QrCode(len(matrix), "".join(path for row, modules in enumerate(matrix) for path in _dark_lines(row, modules)))


def _dark_lines(row: int, modules: Sequence[int]) -> Iterator[str]:
    """Neighbouring dark modules of a row, each as one line as thick as a module."""
    column = 0
    for dark, run in groupby(modules):
        length = len(list(run))
        if dark:
            yield f"M{column} {row + 0.5}h{length}"
        column += length
