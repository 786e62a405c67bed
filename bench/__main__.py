"""``python -m bench ROW ORDER.json RESULT.json``: measures one row in a process of its own, for ``bench.run``."""

import json
import signal
import sys
import time
from pathlib import Path

from bench.model import Row, Unmeasured
from bench.order import Order
from bench.rows import measure


def main(name: str, order_file: str, result_file: str) -> int:
    """Measure, and write the row; what cannot be measured is written too."""
    # Told to end, it unwinds, so that the servers it started end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    order = Order.from_json(json.loads(Path(order_file).read_text("utf-8")))
    began = time.monotonic()
    row = Row(name)
    try:
        measure(name)(order, row)
    except Unmeasured as reason:
        row.unmeasured.append(str(reason))
    finally:  # whatever ended it: what was measured until then counts
        row.seconds = round(time.monotonic() - began, 1)
        Path(result_file).write_text(json.dumps(row.as_json(), ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
