"""The administrator's pages: the list of accounts, and one account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from data.accounts.areas import AreaName
from data.accounts.model import Account, Draft
from data.accounts.second_factor import is_missing
from data.core.i18n import languages, t
from data.core.roles import DETAILS, DEVICES, EVERYWHERE, ROLES
from pages.viewer_menu import DETAIL_TITLES, ROLE_TITLES
from routes.doors.moments import Moment, relative_moment
from routes.doors.page import PageView
from routes.doors.tokens import TOKENS_TOO, EndingToken, Token
from routes.shared.language import LANGUAGE_NAMES

Choice = tuple[str, str]
"""A value and its name."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The rights that an administrator may give to others.

    Attributes:
        own: the administrator's account; they cannot give more than it has.
        places: the areas of this account and of the accounts that the page shows.
    """

    own: Account
    places: Mapping[str, AreaName]

    def describe_area(self, lang: str, code: str) -> str:
        """An area in words."""
        return describe_place(lang, code, self.places.get(code))


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account in words.

    Attributes:
        id: its number.
        name: the name for signing in.
        shown: the name on the page.
        role, detail, place, figures: its role, level of detail, area, and the area of its figures.
        enabled: whether it may be used at all.
        has_second_factor, lacks_second_factor: whether it has one, and whether it must have one and has none.
        by_provider: whether the identity provider signs it in.
        must_change: whether its password has to be changed.
        has_no_way_in: whether nobody can sign in with it yet.
    """

    id: int
    name: str
    shown: str
    role: str
    detail: str
    place: str
    figures: str
    enabled: bool
    has_second_factor: bool
    lacks_second_factor: bool
    by_provider: bool
    must_change: bool
    has_no_way_in: bool


@dataclass(frozen=True, slots=True)
class RightsForm:
    """The fields in which an administrator says what an account may do.

    Attributes:
        draft: the values in these fields.
        roles, details, languages: what can be chosen.
        area_hint, figures_hint: which codes may be typed for the two areas.
        is_new: whether the name for signing in still has to be chosen.
    """

    draft: Draft
    roles: Sequence[Choice]
    details: Sequence[Choice]
    languages: Sequence[Choice]
    area_hint: str
    figures_hint: str
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class AccountsPage(PageView):
    """All accounts, a form for another one, and the tokens of displays that end soon."""

    template: ClassVar[str] = "accounts/accounts.html"
    accounts: Sequence[AccountSummary]
    ending: Sequence[EndingToken]
    form: RightsForm


@dataclass(frozen=True, kw_only=True)
class AccountPage(PageView):
    """One account: its rights, its ways to sign in, and the button that closes it.

    Attributes:
        account: whose page it is.
        form: its rights.
        tokens: the tokens that are not withdrawn.
        sessions: how many sessions are open.
        password_set: when its password was set; ``None`` if it has none.
        is_own: whether it is the reader's own account.
        is_display: whether it belongs to a wall display.
    """

    template: ClassVar[str] = "accounts/account.html"
    tokens_too_field: ClassVar[str] = TOKENS_TOO
    account: AccountSummary
    form: RightsForm
    tokens: Sequence[Token]
    sessions: int
    password_set: Moment | None
    is_own: bool
    is_display: bool

    @property
    def address(self) -> str:
        """Address of the page; the addresses of its forms begin with it."""
        return f"/accounts/{self.account.id}"


@dataclass(frozen=True, kw_only=True)
class AccountBeyondPage(PageView):
    """An account that may see more than the reader's account. The reader cannot change it; ``reason`` says why."""

    template: ClassVar[str] = "accounts/account_beyond.html"
    account: AccountSummary
    reason: str


def describe_place(lang: str, code: str, place: AreaName | None) -> str:
    """Name of an area with its code."""
    if code == EVERYWHERE:
        return t(lang, "Everywhere")
    if place is None:
        return t(lang, "{code} (not there any more)", code=code)
    return f"{place.name if lang == 'zh' else place.name_en or place.name} {code}"


def describe_account(lang: str, account: Account, limits: Limits) -> AccountSummary:
    """An account in words."""
    return AccountSummary(
        id=account.id,
        name=account.name,
        shown=account.shown,
        role=t(lang, ROLE_TITLES.get(account.role, account.role)),
        detail=t(lang, DETAIL_TITLES[account.detail]),
        place=limits.describe_area(lang, account.scope),
        figures=limits.describe_area(lang, account.figures or account.scope),
        enabled=account.enabled,
        has_second_factor=account.totp_secret is not None,
        lacks_second_factor=is_missing(account),
        by_provider=account.oidc_subject is not None,
        must_change=account.must_change,
        has_no_way_in=account.role not in DEVICES and not account.password_hash and not account.oidc_subject,
    )


def draft_of(account: Account) -> Draft:
    """The rights of an account as a form shows them."""
    return Draft(
        name=account.name,
        shown=account.shown,
        role=account.role,
        detail=account.detail,
        scope=account.scope,
        figures=account.figures,
        lang=account.lang,
        oidc_subject=account.oidc_subject,
    )


def make_rights_form(lang: str, draft: Draft, limits: Limits, is_new: bool = False) -> RightsForm:
    """The form for an account's rights, filled with a draft."""
    area_hint, figures_hint = _area_hints(lang, limits)
    return RightsForm(
        draft=draft,
        roles=[(role, t(lang, ROLE_TITLES[role])) for role in ROLES],
        details=[
            ("", t(lang, "The most that the role may have")),
            *((detail, t(lang, DETAIL_TITLES[detail])) for detail in reversed(DETAILS)),
        ],
        languages=[("", t(lang, "The browser's")), *((code, LANGUAGE_NAMES.get(code, code)) for code in languages())],
        area_hint=area_hint,
        figures_hint=figures_hint,
        is_new=is_new,
    )


def _area_hints(lang: str, limits: Limits) -> tuple[str, str]:
    """Hints about which areas may be typed: nobody can give more rights than they have."""
    area, figures = limits.own.scope, limits.own.figures or limits.own.scope
    area_hint = t(lang, "Code of any area or functional zone; * is everywhere.")
    figures_hint = t(lang, "Empty: in the same area only.")
    if area != EVERYWHERE:
        named = limits.describe_area(lang, area)
        area_hint = t(lang, "Code of an area inside that of your own account, {area}: nobody gives more than they have.", area=named)
    if figures != EVERYWHERE:
        named = limits.describe_area(lang, figures)
        figures_hint = t(lang, "Empty: in the same area only. At most {area}, as in your own account.", area=named)
    return area_hint, figures_hint


def password_moment(lang: str, account: Account) -> Moment | None:
    """When an account's password was set; ``None`` if it has none."""
    return relative_moment(lang, account.password_at) if account.password_hash else None
