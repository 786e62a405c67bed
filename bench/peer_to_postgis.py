"""Run by the peers' own Python: a file into a table through geopandas, timed from the file to the committed table.

``peer_to_postgis.py FILE TABLE``, address in ``DATABASE_URL``; prints seconds.
"""

import os
import sys
import time

import geopandas
from sqlalchemy import create_engine

engine = create_engine(os.environ["DATABASE_URL"])
begin = time.perf_counter()
geopandas.read_file(sys.argv[1]).to_postgis(sys.argv[2], engine, if_exists="replace")
print(time.perf_counter() - begin)
