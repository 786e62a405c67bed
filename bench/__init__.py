"""``./gridwell bench``: the product beside its limit and its peers, in one run.

Each row of the table is a file in ``bench/rows/`` and a process of its own (``python -m bench``), so that one that fails, or eats all
memory, takes no other with it. Everything is measured from outside: a real server process, real HTTP, a real database.
The product never imports this room.
"""
