"""``./gridwell bench``: measures the product, its physical limit and comparable tools in one run.

Each row of the table is a file in ``bench/rows/`` and runs in its own process (``python -m bench``), so that a row that fails or uses
all memory does not stop the others. Everything is measured from outside: a real server process, real HTTP, a real database.
The product never imports this package.
"""
