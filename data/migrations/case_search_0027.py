"""The functions of migration 0027: the texts of a case in one form, and the keys that a case is found by.

Their bodies name nothing but PostgreSQL's own functions: a restored dump runs them with an empty search path.
"""

# NFKC makes full and half width the same. Most texts are in that form already, and asking is ten times as fast as making it.
_SEARCH_TEXT = """
CREATE FUNCTION search_text(of_text text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN lower(CASE WHEN of_text IS NFKC NORMALIZED THEN of_text ELSE normalize(of_text, NFKC) END);
END $$
"""

# A pair of characters is one number: 16 bits for each. Rarer characters (emoji) share numbers with others, so whoever searches looks at the
# text once more. Whole numbers make an index three times as fast as texts do, and take half the room.
_PAIRS = """
    FOREACH one IN ARRAY string_to_array({text}, NULL) LOOP
        this := ascii(one);
        found[at] := (before << 16) | (this & 65535);
        at := at + 1;
        before := this;
    END LOOP;
"""
_LOCALS = """
    found integer[];
    at integer := 0;
    before integer;
    this integer;
    one text;
"""

_BIGRAMS = f"""
CREATE FUNCTION bigrams(of_text text) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE {_LOCALS}
BEGIN {_PAIRS.format(text="of_text")}
    RETURN found[1:];
END $$
"""

# The line feeds keep the end of one text and the beginning of the next from being found together. The key 0 says that a text is not in the
# form in which it is sought: only then must that form be made again to compare it.
_CASE_KEYS = rf"""
CREATE FUNCTION case_search_keys(number text, title text, address text, description text) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE {_LOCALS}
    whole text := number || E'\n' || title || E'\n' || coalesce(address, '') || E'\n' || coalesce(left(description, 4000), '');
    plain boolean := whole IS NFKC NORMALIZED;
BEGIN
    IF NOT plain THEN
        whole := normalize(whole, NFKC);
    END IF;
    {_PAIRS.format(text="lower(whole)")}
    IF NOT plain THEN
        found[at] := 0;
    END IF;
    RETURN found[1:];
END $$
"""

MADE = (_SEARCH_TEXT, _BIGRAMS, _CASE_KEYS)
TAKEN_BACK = (
    "DROP FUNCTION case_search_keys(text, text, text, text)",
    "DROP FUNCTION bigrams(text)",
    "DROP FUNCTION search_text(text)",
)
