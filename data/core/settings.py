"""Every setting of Gridwell, read once from the environment.

Names carry the prefix ``GRIDWELL_``, except ``DATABASE_URL``, which hosts set under that name.
"""

from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.core.errors import BadSetting
from data.core.roles import ROLES

ROOT = Path(__file__).resolve().parents[2]
ALL_ROLES, NO_ROLES = "all", "none"
POOLED, BESIDE_POOL = 96, 4
"""Connections of all workers together (the embedded cluster allows 112), and those that each has outside its pool: one listens for changes,
one for what became of steps, one is kept for looking up sessions and tokens, one for events of open pages."""


class SettingTooSmall(BadSetting):
    sentence = "The setting {name} cannot be “{value}”: the least is {limit}."


class SettingTooLarge(BadSetting):
    sentence = "The setting {name} cannot be “{value}”: the most is {limit}."


class SettingNotAWord(BadSetting):
    sentence = "The setting {name} cannot be “{value}”, only one of {words}."


class SettingNoAddress(BadSetting):
    sentence = "The setting {name} must be the address of a PostGIS database, such as postgresql://user:password@host:5432/database."


class SettingNoNetwork(BadSetting):
    sentence = (
        "The setting {name} cannot be “{value}”: it must be addresses or networks with commas between, such as 10.0.0.1, 192.168.0.0/16."
    )


class SettingNoServer(BadSetting):
    sentence = "The setting {name} cannot be “{value}”: it must be a host and a port, such as mail.example.org:587."


class SettingNoHook(BadSetting):
    sentence = "The setting {name} cannot be “{value}”: it must be addresses with https, such as https://hooks.example.org."


class SettingNoSite(BadSetting):
    sentence = (
        "The setting {name} cannot be “{value}”: it must be how people reach this server, such as https://grid.example.org,"
        " without a path: Gridwell has a host of its own."
    )


class Settings(BaseSettings):
    """Settings with their defaults; ``description`` is what docs/operating.md and ``doctor`` show."""

    model_config = SettingsConfigDict(env_prefix="GRIDWELL_", extra="ignore", populate_by_name=True, env_ignore_empty=True, frozen=True)

    home: Path = Field(default=ROOT / ".gridwell", description="Folder for state: cluster, logs, rejects, keys")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8050, ge=1, le=65535, description="Port to listen on")
    public_url: str | None = Field(
        default=None, description="How people reach this server, such as https://grid.example.org; otherwise the address of each request"
    )
    trusted_proxies: str = Field(
        default="", description="Addresses or networks of proxies whose X-Forwarded-For and -Proto are trusted, with commas; otherwise none"
    )
    rate_factor: float = Field(
        default=1, ge=0, description="How many times the usual number of requests one account or address may send; 0: no limit"
    )
    steps_per_s: float = Field(
        default=300,
        gt=0,
        description="Steps of cases one account may send to each worker a second; ten of a bulk request count as one",
    )
    import_unpacked_mb: int = Field(default=4_096, ge=1, description="Most megabytes that one file of an import may unpack to")
    import_memory_mb: int = Field(default=8_192, ge=256, description="Most megabytes of memory for reading one file of an import")
    import_file_s: int = Field(default=3_600, ge=1, description="Longest time that reading one file of an import may take, s")
    session_idle_min: int = Field(default=30, ge=1, description="Minutes after which a session that is not used ends")
    session_hours: int = Field(default=12, ge=1, description="Hours after which every session ends")
    second_factor_roles: str | None = Field(
        default=None,
        description="Roles whose passwords need a second factor, with commas; all or none. By default none if only this machine is served;"
        " otherwise everybody who sees personal data, administrators and auditors",
    )
    oidc_issuer: str | None = Field(default=None, description="Address of the city's identity provider (OpenID Connect)")
    oidc_client_id: str | None = Field(default=None, description="This server's client ID at the identity provider")
    oidc_client_secret: str | None = Field(default=None, repr=False, description="This server's client secret at the identity provider")
    oidc_name: str | None = Field(default=None, description="Name of the identity provider, as people know it; otherwise its host")
    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="An existing PostGIS (postgresql://…) instead of the embedded cluster",
    )
    service_url: str | None = Field(
        default=None,
        description="How the server itself signs in to the database (gridwell_service); otherwise the same address,"
        " with a separate password",
    )
    key_file: Path | None = Field(
        default=None, description="File of the keys that seal identity and telephone numbers; otherwise “keys” in the state folder"
    )
    archive: Path | None = Field(
        default=None,
        description="Folder, best on another disk, to which the embedded cluster copies its write-ahead log, so that any moment can be"
        " restored; otherwise only backups can be",
    )
    backups: Path | None = Field(
        default=None, description="Folder for the backup that `up` makes before an upgrade; otherwise “backups” in the state folder"
    )
    attachments: str | None = Field(
        default=None,
        description="Where photos and papers of cases lie: a folder, or an S3-like store such as s3://bucket/folder;"
        " otherwise “attachments” in the state folder",
    )
    attachments_endpoint: str | None = Field(
        default=None, description="Address of the S3-like store, such as https://store.example.org; otherwise that of its own cloud"
    )
    attachments_key: str | None = Field(default=None, repr=False, description="Access key of the S3-like store")
    attachments_secret: str | None = Field(default=None, repr=False, description="Secret key of the S3-like store")
    attachments_days: int = Field(
        default=1_095, ge=1, description="Days after the end of a case for which its photos and papers are kept; deleted daily"
    )
    composites: Path | None = Field(
        default=None,
        description="TOML file with the weights of composites of indicators (docs/indicators.md); otherwise nothing is graded",
    )
    backup_hours: int = Field(
        default=48, ge=0, description="Hours after which the newest verified backup of real data counts as late; 0: nobody is told"
    )
    metrics_token: str | None = Field(
        default=None, min_length=16, repr=False, description="Secret with which programs read /metrics; otherwise only this machine may"
    )
    retention: Literal["daily", "by_hand"] = Field(
        default="daily",
        description="When rows of the register whose last day is over are deleted: daily, or by_hand (`./gridwell retention`)",
    )
    rejects_days: int = Field(
        default=180, ge=1, description="Days for which rows that an import rejected are kept; deleted with those of the register"
    )
    feed_most_mb: int = Field(default=64, ge=1, le=1_000, description="Most megabytes of one delivery of a feed")
    report_tolerance_m: int = Field(
        default=100,
        ge=0,
        le=300,
        description="Metres outside every cell within which a reported or moved case is given to the nearest cell, at most 300",
    )
    smtp: str | None = Field(
        default=None,
        description="Mail server that notices of late cases are sent through, host:port with STARTTLS; otherwise no mail is sent",
    )
    smtp_user: str | None = Field(default=None, description="Account at the mail server, if it wants one")
    smtp_password: str | None = Field(default=None, repr=False, description="Password of that account")
    smtp_from: str = Field(default="gridwell@localhost", description="Sender of these mails")
    notice_hooks: str = Field(
        default="",
        description="Where web hooks may go: addresses such as https://hooks.example.org, with commas; otherwise nothing is sent to any",
    )
    notice_secret: str | None = Field(
        default=None, min_length=24, repr=False, description="Secret with which web hooks are signed; needed for any to be sent"
    )
    feed_inner_hosts: bool = Field(
        default=False,
        description="Whether feeds of theme packs may be pulled from addresses inside this machine or its network (loopback, private)",
    )
    report_folder: Path | None = Field(
        default=None, description="Folder into which schedules may write reports, each into a folder of its own there; otherwise none may"
    )
    city: str | None = Field(default=None, description="Code of the city shown first; otherwise the newest real one")
    workers: int = Field(default=1, ge=1, le=16, description="Processes that serve, 1 to 16")
    pool_size: int = Field(default=8, ge=1, description="Database connections of one process; fewer by default from 9 workers on")
    pool_wait_s: float = Field(default=2, ge=0.01, description="Longest wait for one of them, s; then the answer is “busy”")
    queue_length: int | None = Field(
        default=None, ge=0, description="Most requests of one process that wait for their turn; others are told to try again later"
    )
    queue_wait_ms: int = Field(default=2_000, ge=1, description="Longest wait for a turn, ms")
    statement_timeout_ms: int = Field(default=15_000, ge=100, description="Longest time one query may take, ms")
    row_cap: int = Field(default=50_000, ge=1, description="Most rows one query may return")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="debug, info, warning or error")

    @model_validator(mode="after")
    def _limit_pool_size(self) -> "Settings":
        """Choose the pool's size where it is not set: all pools together leave some of the embedded cluster's connections for commands."""
        if "pool_size" not in self.model_fields_set:
            # Settings never change afterwards: pools are found by them.
            object.__setattr__(self, "pool_size", max(2, min(self.pool_size, POOLED // self.workers - BESIDE_POOL)))
        return self

    @field_validator("public_url")
    @classmethod
    def _check_site(cls, value: str | None) -> str | None:
        """Accept scheme and host: every link in a mail begins with it, and nobody would notice here that they lead nowhere."""
        try:
            parts = urlsplit(value or "https://none.example")
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
            raise PydanticCustomError("no_site", "no address of a site")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, value: str) -> str:
        """Accept only addresses and networks: a wrong word would match no proxy, and “*” would trust everybody."""
        try:
            for part in filter(None, (one.strip() for one in value.split(","))):
                ip_network(part)
        except ValueError:
            raise PydanticCustomError("no_network", "no addresses or networks") from None
        return value

    @field_validator("second_factor_roles")
    @classmethod
    def _check_roles(cls, value: str | None) -> str | None:
        """Accept only known roles: a misspelt role would not need a second factor."""
        known = {name for name, role in ROLES.items() if "password" in role.abilities}
        if value not in {None, ALL_ROLES, NO_ROLES} and not {one.strip() for one in (value or "").split(",")} <= known:
            raise PydanticCustomError("no_roles", "no roles", {"words": ", ".join([ALL_ROLES, NO_ROLES, *sorted(known)])})
        return value

    @field_validator("smtp")
    @classmethod
    def _check_server(cls, value: str | None) -> str | None:
        """Accept host and port."""
        host, _, port = (value or "x:1").rpartition(":")
        if not host or not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
            raise PydanticCustomError("no_server", "no server")
        return value

    @field_validator("notice_hooks")
    @classmethod
    def _check_hooks(cls, value: str) -> str:
        """Accept addresses with https; http only on this machine."""
        for one in filter(None, (one.strip() for one in value.split(","))):
            parts = urlsplit(one)
            if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname))):
                raise PydanticCustomError("no_hook", "no address of a web hook")
        return value

    @property
    def alone(self) -> bool:
        """Whether the settings let only this machine reach the server: no proxy, and no address for others."""
        return loopback(self.host) and not self.trusted_proxies and not self.public_url

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str | None) -> str | None:
        """Check the address here, so that the error is a clear sentence. SQLAlchemy is imported only where the setting is used."""
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            known = value is None or make_url(value).get_backend_name() in {"postgresql", "postgres"}
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise PydanticCustomError("no_address", "no address of a database")
        return value


def loopback(host: str) -> bool:
    """Whether a host is this machine's own."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def environment_name(field: str) -> str:
    """The environment's name of a setting."""
    return str(Settings.model_fields[field].validation_alias or f"GRIDWELL_{field.upper()}")


@lru_cache
def settings() -> Settings:
    """The settings of this process.

    Raises:
        BadSetting: the environment holds a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise _translate_error(error.errors()[0]) from None


def _translate_error(wrong: ErrorDetails) -> BadSetting:
    """Turn pydantic's error into an error whose sentence can be translated."""
    field = str(wrong["loc"][0])
    if wrong["type"] == "no_address":
        return SettingNoAddress(name=field)  # without the value, which may contain a password
    facts = {"name": environment_name(field), "value": wrong["input"]}
    limits = wrong.get("ctx", {})
    match wrong["type"]:
        case "greater_than_equal":
            return SettingTooSmall(**facts, limit=limits["ge"])
        case "less_than_equal":
            return SettingTooLarge(**facts, limit=limits["le"])
        case "no_network":
            return SettingNoNetwork(**facts)
        case "no_server":
            return SettingNoServer(**facts)
        case "no_hook":
            return SettingNoHook(**facts)
        case "no_site":
            return SettingNoSite(**facts)
        case "no_roles":
            return SettingNotAWord(**facts, words=limits["words"])
        case "literal_error":
            return SettingNotAWord(**facts, words=", ".join(get_args(Settings.model_fields[field].annotation)))
        case _:
            return BadSetting(**facts)
