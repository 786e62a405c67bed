"""Access to PostgreSQL: connections and transactions, roles of the server, migrations, partitions, bulk copies."""
