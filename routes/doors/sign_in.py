"""The pages of signing in and out, and of choosing a password."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from data.accounts.second_factor import Proof
from routes.doors.page import PageView

SIGN_IN_AFTER_LINK = "/signin?set=password"
"""Address of the sign-in page for somebody who has just chosen a password with a link."""


@dataclass(frozen=True, kw_only=True)
class SignInPage(PageView):
    """Name and password, and the way to the city's identity provider.

    Attributes:
        target: address on this server to open afterwards.
        failed: whether a try has just failed.
        provider: what the identity provider is called; ``None`` where there is none.
        without_accounts: whether nobody can sign in yet.
        password_set: whether a password was chosen just now.
    """

    template: ClassVar[str] = "sign_in/sign_in.html"
    target: str
    failed: bool = False
    provider: str | None = None
    without_accounts: bool = False
    password_set: bool = False

    @property
    def provider_address(self) -> str:
        """Where signing in at the identity provider begins."""
        return f"/signin/provider?next={quote(self.target, safe='')}"

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 401 if self.failed else 200


@dataclass(frozen=True, kw_only=True)
class SecondFactorPage(PageView):
    """Six digits, or a recovery code.

    Attributes:
        target: address on this server to open afterwards.
        failed: which of the two did not fit just now.
    """

    template: ClassVar[str] = "sign_in/second_factor.html"
    target: str
    failed: Proof | None = None

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 401 if self.failed else 200


@dataclass(frozen=True, kw_only=True)
class ChangePasswordPage(PageView):
    """A new password in place of one that somebody else set; ``target`` is opened afterwards."""

    template: ClassVar[str] = "sign_in/change_password.html"
    target: str


@dataclass(frozen=True, kw_only=True)
class SignOutPage(PageView):
    """A question before signing out, because a link that somebody else sent must not sign anybody out."""

    template: ClassVar[str] = "sign_in/sign_out.html"
    person: str


@dataclass(frozen=True, kw_only=True)
class UsedLinkPage(PageView):
    """A one-time link that was used already, or is too old."""

    template: ClassVar[str] = "sign_in/used_link.html"

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 410


@dataclass(frozen=True, kw_only=True)
class ResetPasswordPage(PageView):
    """A new password, with a one-time link.

    Attributes:
        key: of the link.
        account_name: whose password it is.
        asks_code: whether the account has a second factor, which is asked for, too.
    """

    template: ClassVar[str] = "sign_in/reset_password.html"
    key: str
    account_name: str
    asks_code: bool


@dataclass(frozen=True, kw_only=True)
class FirstAdministratorPage(PageView):
    """Name and password of the first administrator, with a one-time link; ``account_name`` is what was typed when it was refused."""

    template: ClassVar[str] = "sign_in/first_administrator.html"
    key: str
    account_name: str = ""


@dataclass(frozen=True, kw_only=True)
class UnknownIdentityPage(PageView):
    """Somebody whom the identity provider knows, but to whom no account here is linked.

    Attributes:
        provider: what the identity provider is called.
        subject: what it calls that person.
    """

    template: ClassVar[str] = "sign_in/unknown_identity.html"
    provider: str
    subject: str | None

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 403
