"""``python -m bench.prepare``: prepares a migrated database as ``./gridwell up`` does before it serves."""

from data.upkeep.preparation import prepare_database

if __name__ == "__main__":
    with prepare_database(print):
        pass
