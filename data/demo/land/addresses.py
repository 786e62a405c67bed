"""Addresses: every block has a number on a road of its community, every building a number on its block."""

from dataclasses import dataclass

import numpy as np

from data.demo.common import names
from data.demo.common.frame import Ints
from data.demo.common.names import Name
from data.demo.land.areas import Tree
from data.demo.land.plan import Plan


@dataclass(frozen=True, slots=True)
class Places:
    """For every block: index of its cell and its address (茶亭路36号, 36 Chating Road)."""

    cell: Ints
    address: list[Name]


def strip_kind(name: Name) -> Name:
    """A community's name without its kind: 茶亭社区 → 茶亭."""
    for kind in (names.COMMUNITY, names.VILLAGE, names.STREET, names.TOWN):
        if name.zh.endswith(kind.zh):
            return Name(name.zh.removesuffix(kind.zh), name.en.removesuffix(" " + kind.en))
    return name


def make_places(plan: Plan, tree: Tree) -> Places:
    """Number the blocks of each community along its road, two numbers a step."""
    cell = np.array([block.parent for block in plan.blocks])
    community = tree.community_of[cell]
    turn = np.zeros(len(tree.communities), int)
    addresses = []
    for owner in community:
        turn[owner] += 2
        road = strip_kind(tree.communities[owner].name)
        addresses.append(Name(f"{road.zh}路{turn[owner]}号", f"{turn[owner]} {road.en} Road"))
    return Places(cell, addresses)
