"""Changes of walls in the audit log: by whom, of which wall, and what was done. Written in the transaction of the change."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from data.auditing import audit_log


async def note_tour(connection: AsyncConnection, city: str, wall: str, detail: Mapping[str, object]) -> None:
    """The tour of a wall was replaced."""
    await connection.run_sync(audit_log.append, "wall_tour", f"{city}/{wall}", detail)


async def note_steering(connection: AsyncConnection, city: str, wall: str, detail: Mapping[str, object]) -> None:
    """A presenter steered a wall."""
    await connection.run_sync(audit_log.append, "wall_steered", f"{city}/{wall}", detail)


async def note_screen(connection: AsyncConnection, subject: str, detail: Mapping[str, object]) -> None:
    """The settings of a screen were changed. ``subject``: city, wall and screen."""
    await connection.run_sync(audit_log.append, "wall_screen", subject, detail)


async def note_forgotten(connection: AsyncConnection, subject: str) -> None:
    """A screen was forgotten. ``subject``: city, wall and screen."""
    await connection.run_sync(audit_log.append, "wall_screen_forgotten", subject, {})
