"""The function of migration 0013: it counts failed tries to get in, by minute, way, account and network.

The server's role may only call it: it neither reads nor changes what was counted. A flood from many networks fills no disk: after so
many rows in one minute further networks are counted as ``*``.
"""

MOST_ROWS = 200
"""Rows of one minute that name a network."""
_SIGNATURE = "count_entry_failure(text, text)"

COUNT = (
    f"""
    CREATE FUNCTION count_entry_failure(of_way text, of_account text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
        said text := regexp_replace(coalesce(current_setting('gridwell.address', true), ''), '^::ffff:(?=[0-9.]+$)', '', 'i');
        this_minute timestamptz := date_trunc('minute', now());
        from_network text;
        named text;
    BEGIN
        BEGIN
            from_network := network(set_masklen(said::inet, CASE family(said::inet) WHEN 4 THEN 24 ELSE 48 END))::text;
        EXCEPTION WHEN data_exception THEN
            from_network := '-';
        END;
        -- Only names of accounts are stored: people sometimes type their password into the field for the name.
        named := coalesce((SELECT a.name FROM account a WHERE a.name = of_account), '');
        IF (SELECT count(*) FROM entry_failure f WHERE f.minute = this_minute) >= {MOST_ROWS} AND NOT EXISTS (
            SELECT FROM entry_failure f
            WHERE f.minute = this_minute AND f.way = left(of_way, 20) AND f.account = named AND f.network = from_network) THEN
            from_network := '*';
        END IF;
        INSERT INTO entry_failure AS f (minute, way, account, network, count) VALUES (this_minute, left(of_way, 20), named, from_network, 1)
        ON CONFLICT (minute, way, account, network) DO UPDATE SET count = f.count + 1;
    END $$
    """,  # noqa: S608 - ours
    f"REVOKE ALL ON FUNCTION {_SIGNATURE} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO gridwell_door",
)
TAKEN_BACK = f"DROP FUNCTION {_SIGNATURE}"
