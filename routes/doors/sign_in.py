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
    """Fields for name and password, and a link to the city's identity provider.

    Attributes:
        target: address on this server to open afterwards.
        failed: whether an attempt has just failed.
        provider: name of the identity provider; ``None`` if there is none.
        without_accounts: whether no account can sign in yet.
        password_set: whether a password has just been chosen.
    """

    template: ClassVar[str] = "sign_in/sign_in.html"
    target: str
    failed: bool = False
    provider: str | None = None
    without_accounts: bool = False
    password_set: bool = False

    @property
    def provider_address(self) -> str:
        """Address at which signing in at the identity provider begins."""
        return f"/signin/provider?next={quote(self.target, safe='')}"

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 401 if self.failed else 200


@dataclass(frozen=True, kw_only=True)
class SecondFactorPage(PageView):
    """A field for six digits or a recovery code.

    Attributes:
        target: address on this server to open afterwards.
        failed: which of the two was wrong just now.
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
    """A new password that replaces one set by somebody else; ``target`` is opened afterwards."""

    template: ClassVar[str] = "sign_in/change_password.html"
    target: str


@dataclass(frozen=True, kw_only=True)
class SignOutPage(PageView):
    """A question before signing out: without it, a link from somebody else could sign a person out."""

    template: ClassVar[str] = "sign_in/sign_out.html"
    person: str
    account: str


@dataclass(frozen=True, kw_only=True)
class UsedLinkPage(PageView):
    """A one-time link that has been used or has expired."""

    template: ClassVar[str] = "sign_in/used_link.html"

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 410


@dataclass(frozen=True, kw_only=True)
class ResetPasswordPage(PageView):
    """Choosing a new password with a one-time link.

    Attributes:
        key: of the link.
        account_name: name of the account.
        asks_code: whether the account has a second factor; the form then also asks for a code.
    """

    template: ClassVar[str] = "sign_in/reset_password.html"
    key: str
    account_name: str
    asks_code: bool


@dataclass(frozen=True, kw_only=True)
class FirstAdministratorPage(PageView):
    """Name and password of the first administrator, with a one-time link; ``account_name`` is the name that was typed before a refusal."""

    template: ClassVar[str] = "sign_in/first_administrator.html"
    key: str
    account_name: str = ""


@dataclass(frozen=True, kw_only=True)
class UnknownIdentityPage(PageView):
    """A person known to the identity provider but linked to no account here.

    Attributes:
        provider: name of the identity provider.
        subject: its identifier for this person.
    """

    template: ClassVar[str] = "sign_in/unknown_identity.html"
    provider: str
    subject: str | None

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 403
