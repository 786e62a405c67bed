"""What every cell of a register holds, whoever lives there: figures, and all bands of ages.

A cell in which nobody ever lived has noughts, like one that became empty; otherwise the cells without figures of a small community
would say that all of it lives in the others. For the same reason a band of ages in which nobody is stands there, with 0. Districts of
which no register was delivered stay without figures: there nothing is known.
"""

# The bands of a city: its own, or bands of five years ("0-4", "85+") where it has none, or only some of these because they were counted
# while some ages were missing.
BANDS = """
standard AS (
    SELECT least || CASE least WHEN 85 THEN '+' ELSE '-' || least + 4 END AS band, least FROM generate_series(0, 85, 5) least
), own AS (
    SELECT key AS band, substring(key FROM '^[0-9]+')::int AS least
    FROM area_figure f CROSS JOIN LATERAL jsonb_object_keys(f.ages) key WHERE f.area = %(city)s AND key ~ '^[0-9]+'
), used AS (
    SELECT band, least FROM own WHERE EXISTS (SELECT FROM own WHERE band NOT IN (SELECT band FROM standard))
    UNION ALL
    SELECT band, least FROM standard WHERE NOT EXISTS (SELECT FROM own WHERE band NOT IN (SELECT band FROM standard))
)
"""

# What a rebuild adds to the stored figures of leaves, before it sums them up.
FILL = (
    """
    INSERT INTO area_figure AS f (area, population, households, male, female, population_as_of, population_method)
    SELECT l.code, 0, 0, 0, 0, coalesce(whole.population_as_of, (coalesce(c.as_of, now()) AT TIME ZONE c.timezone)::date), 'register'
    FROM leaves(%(city)s) l
    JOIN city c ON c.code = %(city)s
    LEFT JOIN area_figure o ON o.area = l.code
    LEFT JOIN area_figure whole ON whole.area = c.code
    WHERE o.population IS NULL AND NOT EXISTS (SELECT FROM population_unit u WHERE u.city = c.code) AND l.district IN (
        SELECT d.code FROM (SELECT DISTINCT coalesce(district, city) AS code FROM area WHERE city = %(city)s) d
        WHERE EXISTS (SELECT FROM person p WHERE p.district = d.code AND p.city = %(city)s))
    ON CONFLICT (area) DO UPDATE SET population = 0, households = 0, male = 0, female = 0,
        population_as_of = excluded.population_as_of, population_method = excluded.population_method
    """,
    f"""
    WITH {BANDS}, nobody AS (SELECT jsonb_object_agg(band, 0) AS ages FROM used HAVING EXISTS (SELECT FROM own))
    UPDATE area_figure f SET ages = n.ages || coalesce(f.ages, '{{}}')
    FROM nobody n, leaves(%(city)s) l
    WHERE l.code = f.area AND f.population_method = 'register' AND f.ages IS DISTINCT FROM n.ages || coalesce(f.ages, '{{}}')
    """,  # noqa: S608 - the bands are ours
)
