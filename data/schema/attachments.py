"""Tables of photos and papers. The files themselves lie in a store, see ``data.attachments.store``."""

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, Table, Text, func

from data.schema.common import metadata

attachment = Table(
    "attachment",
    metadata,
    Column("hash", Text, primary_key=True, comment="SHA-256 of the stored content, hexadecimal"),
    Column("media_type", Text, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("width", Integer, comment="of a photo, pixels"),
    Column("height", Integer, comment="of a photo, pixels"),
    Column("pages", Integer, comment="of a paper"),
    Column("stored_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("looks", BigInteger, comment="of a photo: see data.attachments.looks; null: not looked at yet"),
    comment="files of the store, each once, however many cases have it",
)

attachment_upload = Table(
    "attachment_upload",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("account", Text, primary_key=True, comment="who sent it and may attach it to a case"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("place", Geometry("POINT", srid=4326, spatial_index=False), comment="where it was taken; only if its sender said so"),
    Index("ix_attachment_upload_at", "at"),
    comment="files that were sent and may be attached; rows of a day ago are deleted",
)

attachment_case = Table(
    "attachment_case",
    metadata,
    Column("hash", Text, primary_key=True, index=True),
    Column("district", Text, primary_key=True),
    Column("incident_id", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("account", Text, nullable=False, comment="who attached it"),
    Column("place", Geometry("POINT", srid=4326, spatial_index=False), comment="where it was taken; only if its sender said so"),
    Column("replaced_by", Text, comment="hash of the photo that stands for it since somebody blurred it; null: it is shown"),
    Index("ix_attachment_case_incident", "district", "incident_id"),
    comment="which cases have a file",
)
