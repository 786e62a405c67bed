"""Households for viewers who may not see the register. Pure functions, no database.

Which areas hide their households is decided without them: those whose residents are hidden. So the decision tells nothing of
households, and what remains to be shown is made of *pieces*:

- a leaf whose residents are shown: its households, rounded to the nearest 5, but never below 5 where there are any. So 5 stands for
  1 to 7;
- the hidden leaves that stand behind one shown area (see ``data.rollup.small_counts``), k of them: their households together, rounded in
  the same way, but never below what k + 3 is rounded to (``floor_of``).

Each household lies in one piece. What an area shows is the sum of the pieces inside it, **not** the rounded sum of its households: whatever
is subtracted from whatever, only pieces are left, and each piece tells of no other.

**Why it holds.** Every household has somebody: a leaf has at most as many households as residents, and at least one where anybody lives.
Let exact residents be known wherever residents are shown; then S, those of the hidden leaves behind one area, is known too.

- *Residents* can be all that they could be without the households: whatever k positive numbers with the sum S they are, there are
  households with the right sum T below them, because k ≤ T ≤ S. (Where T is shown as its floor, T = k will do.)
- *Households* of a hidden leaf of 1 to 4 can be 1, 2, 3 and 4: x of them need x residents, which ``small_counts`` leaves possible, and a T
  with x + (k - 1) ≤ T ≤ S. One of the T that the piece stands for is k + 3 or more, by its floor; S - k ≥ 3, and the true T is not more
  than S.
- *Households* of a shown leaf can be all that its piece stands for and that its residents leave room for. 5 stands for 1 to 7, and shown
  residents are 5 or more: 1 to 4 are always among them.

Whoever knows by which rules residents are hidden knows of some hidden leaves that they have five residents or more. Of their households
four numbers or more stay possible, not always each of 1 to 4: that is tested, not proved (``tests/privacy/test_suppression.py``).

Rounding of residents only takes away from what is known here. A piece that is off by 2 at most makes the figure of an area with n leaves
off by some 1.4 √n on average, where few leaves have fewer than 5 households.
"""

from collections.abc import Collection, Mapping, Sequence

from data.privacy.rounding import STEP, rounded


def floor_of(leaves: int) -> int:
    """The least that is shown of the households of so many hidden leaves together: it stands for 3 more than there are leaves, too."""
    return rounded(leaves + 3)


def show_households(exact: Mapping[str, int], tree: Mapping[str, Sequence[str]], hidden: Collection[str]) -> dict[str, int]:
    """The households that are shown of each area whose residents are shown.

    Args:
        exact: households of the leaves and of the areas above them, where they are known.
        tree: the children of each area.
        hidden: areas whose residents are hidden.
    """
    shown: dict[str, int] = {}
    inside = {below for children in tree.values() for below in children}
    for root in tree:
        if root not in inside:
            _show(root, exact, tree, hidden, shown)
    return {code: n for code, n in shown.items() if code in exact}


def _show(root: str, exact: Mapping[str, int], tree: Mapping[str, Sequence[str]], hidden: Collection[str], shown: dict[str, int]) -> None:
    """Add the shown households of the areas below a root, children before their parents."""
    down = [root]
    for code in down:
        down.extend(tree[code])
    pieces: dict[str, int] = {}
    behind: dict[str, list[int]] = {}
    for code in reversed(down):
        children = tree[code]
        pieces[code] = sum(pieces[below] for below in children)
        leaves = [n for below in children for n in behind.pop(below)]
        if not children and code in exact:
            leaves = [exact[code]]
        behind[code] = leaves
        if code not in hidden:
            pieces[code] += _piece(leaves, floor_of(len(leaves)) if children else STEP)
            behind[code] = []
            shown[code] = pieces[code]


def _piece(leaves: Sequence[int], floor: int) -> int:
    """What is shown of the households of some leaves together."""
    total = sum(leaves)
    return max(floor, rounded(total)) if total else 0
