"""Where the crew may be, and sending it home. Loads little, because every server asks for it."""

from data.accounts import store
from data.accounts.model import Account
from data.accounts.transactions import owner_transaction
from data.core.errors import GridwellError
from data.database.connections import Connection
from data.demo.common import names

PREFIX = "demo-crew."
"""Names of the crew's accounts begin with it."""
_REAL = "SELECT name FROM city WHERE NOT is_demo ORDER BY code LIMIT 1"
_DEMO = "SELECT EXISTS (SELECT FROM city WHERE is_demo AND code = %s)"


class OnlyInDemo(GridwellError):
    status, code = 422, "only_in_demo"
    sentence = (
        "--alive lets invented people work, and only in the demo city; this database holds {city}."
        " Give the demo city a state folder of its own: GRIDWELL_HOME=FOLDER ./gridwell up --alive"
    )


class NoDemo(GridwellError):
    status, code, sentence = (
        422,
        "no_demo",
        "--alive lets invented people work in the demo city, and there is none: ./gridwell demo makes it.",
    )


def check_city(connection: Connection) -> None:
    """Refuse every database that holds anything but the demo city.

    Raises:
        OnlyInDemo: it holds a real city.
        NoDemo: it holds no city.
    """
    real = connection.execute(_REAL).fetchone()
    if real is not None:
        raise OnlyInDemo(city=real[0])
    if connection.execute(_DEMO, [names.CITY_CODE]).fetchone() != (True,):
        raise NoDemo()


def send_home() -> int:
    """Close the crew's accounts, and with them their tokens; returns how many were open."""
    with owner_transaction() as connection:
        staying = [one for one in store.list_accounts(connection) if one.enabled and one.name.startswith(PREFIX) and not is_somebody(one)]
        for one in staying:
            store.disable(connection, one.id)
    return len(staying)


def is_somebody(one: Account) -> bool:
    """Whether a person signs in with it."""
    return one.password_hash is not None or one.oidc_subject is not None
