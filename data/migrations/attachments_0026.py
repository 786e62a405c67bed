"""The statements of the migration of photos and papers: who may see them, and how an upload is noted.

A file is seen by who sees one of the cases that have it, and, until it is attached, by who sent it. What comes from outside is written by
one function alone, which knows who asks.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
MOST_UPLOADS = 500
"""Files of one account within a day that belong to no case."""

# The lock keeps the chores from deleting the same content while it comes again; see data.attachments.records.
_NOTE = f"""
CREATE FUNCTION note_upload(of_hash text, of_type text, of_bytes integer, of_width integer, of_height integer, of_pages integer,
    of_lon double precision, of_lat double precision{{argument}})
RETURNS void LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
BEGIN
    IF {_ACCOUNT} IS NULL OR of_hash !~ '^[0-9a-f]{{{{64}}}}$' THEN
        RAISE EXCEPTION 'not allowed to upload' USING ERRCODE = 'GW003';
    END IF;
    IF (SELECT count(*) FROM attachment_upload u WHERE u.account = {_ACCOUNT} AND u.at > clock_timestamp() - interval '1 day'
            AND u.hash <> of_hash AND NOT EXISTS (SELECT FROM attachment_case c WHERE c.hash = u.hash)) >= {MOST_UPLOADS} THEN
        RAISE EXCEPTION 'too many files that belong to no case' USING ERRCODE = 'GW008';
    END IF;
    PERFORM pg_advisory_xact_lock(7411050, hashtext(of_hash));
    INSERT INTO attachment (hash, media_type, bytes, width, height, pages{{column}})
    VALUES (of_hash, of_type, of_bytes, of_width, of_height, of_pages{{value}}) ON CONFLICT (hash) DO NOTHING;
    INSERT INTO attachment_upload (hash, account, place)
    VALUES (of_hash, {_ACCOUNT},
        CASE WHEN of_lon IS NOT NULL AND of_lat IS NOT NULL THEN ST_SetSRID(ST_MakePoint(of_lon, of_lat), 4326) END)
    ON CONFLICT (hash, account) DO UPDATE SET at = clock_timestamp(), place = excluded.place;
END $$
"""  # noqa: S608 - no value in it
_ARGUMENTS = "text, text, integer, integer, integer, integer, double precision, double precision"


def make_note_upload(with_looks: bool) -> str:
    """The function that notes an upload; since migration 0034 also what a photo looks like."""
    looks = (", of_looks bigint", ", looks", ", of_looks") if with_looks else ("", "", "")
    return _NOTE.format(argument=looks[0], column=looks[1], value=looks[2])


UPGRADE = (
    make_note_upload(with_looks=False),
    f"REVOKE ALL ON FUNCTION note_upload({_ARGUMENTS}) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION note_upload({_ARGUMENTS}) TO gridwell_cases",
    "GRANT SELECT ON attachment, attachment_upload, attachment_case TO gridwell_cases",
    "ALTER TABLE attachment_case ENABLE ROW LEVEL SECURITY",
    # The policy of incident applies inside: a case that its viewer does not see has no files.
    "CREATE POLICY in_scope ON attachment_case FOR SELECT USING (EXISTS (SELECT FROM incident i"
    " WHERE i.district = attachment_case.district AND i.id = attachment_case.incident_id))",
    "ALTER TABLE attachment_upload ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY own ON attachment_upload FOR SELECT USING (account = {_ACCOUNT})",
    "ALTER TABLE attachment ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY seen ON attachment FOR SELECT USING (EXISTS (SELECT FROM attachment_case c WHERE c.hash = attachment.hash)"
    " OR EXISTS (SELECT FROM attachment_upload u WHERE u.hash = attachment.hash))",
)
DOWNGRADE = (f"DROP FUNCTION note_upload({_ARGUMENTS})",)
