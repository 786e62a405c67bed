"""Views of the tables with figures about people. They leave out what a viewer may not see.

Migrations create them; they belong to the owner of the tables. See ``SECURITY.md``.
"""

from sqlalchemy import Boolean, Column, Integer, MetaData, Table

from data.schema.objects import building
from data.schema.rollups import SHOWN, area_figure

views = MetaData()
"""Separate metadata, because ``create_all`` must not create the views as tables."""

area_figure_seen = Table(
    "area_figure_seen",
    views,
    *(Column(column.name, column.type, primary_key=column.primary_key) for column in area_figure.c if column.name not in SHOWN),
    Column("people_hidden", Boolean, comment="whether figures about people are left out or rounded off because they tell of few"),
    comment="area_figure; of people the raw figures for whoever may see the register there, the suppressed ones for others",
)

building_seen = Table(
    "building_seen",
    views,
    *(Column(column.name, column.type, primary_key=column.primary_key) for column in building.c if column.name != "residents"),
    Column("residents", Integer, comment="null for whoever may not see the register there"),
    comment="building, for whoever may see the figures of its area",
)
