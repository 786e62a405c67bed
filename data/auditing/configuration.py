"""Notes changed settings in the audit log at each start. A secret is replaced by a mark that shows only whether it changed."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from data.auditing.owner_entries import append_as_owner
from data.core.settings import Settings, environment_name, settings
from data.core.version import product_version
from data.database.connections import Connection
from data.privacy import keyed_hash

ACTION = "configuration"
_ADDRESSES = {"database_url", "service_url"}
_BEFORE = "SELECT detail -> 'settings' FROM audit_log WHERE action = %s AND subject = %s ORDER BY no DESC LIMIT 1"


def note_configuration(connection: Connection) -> bool:
    """Note the settings of this start if they differ from the last start with this state folder; returns whether they did.

    Args:
        connection: the owner's, inside a transaction.
    """
    subject, now = str(settings().home), describe_settings()
    row = connection.execute(_BEFORE, [ACTION, subject]).fetchone()
    before: dict[str, object] | None = None if row is None else row[0]
    if before == now:
        return False
    names = sorted({*now, *(before or {})})
    changed = {} if before is None else {n: [before.get(n), now.get(n)] for n in names if before.get(n) != now.get(n)}
    append_as_owner(connection, ACTION, subject, {"changed": changed, "settings": now})
    return True


def describe_settings() -> dict[str, str | int | float | bool | None]:
    """Every setting by its name in the environment, without secrets, and the version of the product."""
    held = settings()
    told = {environment_name(name): _describe(name, getattr(held, name)) for name in Settings.model_fields}
    return {"version": product_version(), **told}


def _describe(name: str, value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    if name in _ADDRESSES:
        return _address(str(value))
    return _mark(name, str(value)) if not Settings.model_fields[name].repr else str(value)


def _address(value: str) -> str:
    """An address with its password replaced by a mark."""
    try:
        found = make_url(value)
    except ArgumentError:
        return _mark("address", value)
    options = {key: _mark(key, str(text)) if "password" in key else text for key, text in found.query.items()}
    secret = found.password and _mark("password", str(found.password))
    return found.set(password=secret, query=options).render_as_string(hide_password=False)


def _mark(name: str, secret: str) -> str:
    """A different text for each secret. Without the key file nobody can guess the secret from it."""
    return f"({keyed_hash(secret, f'setting:{name}').hex()[:8]})"
