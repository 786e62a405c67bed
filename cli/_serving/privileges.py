"""Which account the processes of ``up`` run under."""

import os
import pwd

from cli._terminal import complain, language
from data.core.i18n import t
from data.core.state_folder import ACCOUNTS, serving_account


def prepare_account() -> pwd.struct_passwd | None:
    """The account under which workers and keeper of root's ``up`` run, with all that it needs; ``None``: they stay who they are.

    Where no account can serve this installation, they stay root, and a warning says why.
    """
    from data.upkeep.unprivileged import find_obstacle, give_files

    if os.geteuid() != 0:
        return None
    account = serving_account()
    if account is None:
        complain(t(language(), "Serving as root: there is no account “gridwell”. Make one: useradd --system gridwell"))
        return None
    obstacle = find_obstacle(account, files=False)
    if obstacle is None:  # nothing is given to an account that cannot serve anyway
        give_files()
        obstacle = find_obstacle(account)
    if obstacle is None:
        if account.pw_name != ACCOUNTS[0]:
            _warn_of_fallback(account)
        return account
    warning = t(
        language(),
        "Serving as root, because the account {account} cannot use {what}."
        " Move Gridwell and its state folder to where every account can pass, such as /opt, or open the folder: chmod o+x FOLDER",
        account=account.pw_name,
        what=obstacle,
    )
    complain(warning)
    return None


def _warn_of_fallback(account: pwd.struct_passwd) -> None:
    """Say that the processes that serve share the account of the database server."""
    warning = t(
        language(),
        "Serving as the account {account}, to which the database's own files belong, because there is no account “{wanted}”."
        " Make one: useradd --system {wanted}",
        account=account.pw_name,
        wanted=ACCOUNTS[0],
    )
    complain(warning)


def give_up_root(account: pwd.struct_passwd | None) -> None:
    """Become the account that ``prepare_account`` has found, and never get more rights."""
    from data.upkeep.unprivileged import become, forbid_new_privileges

    if account is None:
        forbid_new_privileges()
    else:
        become(account)
