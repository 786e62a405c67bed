"""Accounts as people read them."""

from data.core.i18n import t


def name_account(lang: str, shown: str | None, account: str) -> str:
    """The shown name with the account behind it, by which two of the same name are told apart; the account alone where no name is known."""
    return t(lang, "{name} ({account})", name=shown, account=account) if shown and shown != account else account
