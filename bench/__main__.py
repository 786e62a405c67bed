"""``python -m bench ROW ORDER.json RESULT.json``: measures one row in a separate process, for ``bench.run``."""

import json
import signal
import sys
import time
from pathlib import Path

from bench.model import Row, Unmeasured
from bench.order import Order
from bench.rows import measure


def main(name: str, order_file: str, result_file: str) -> int:
    """Measure and write the row, including the parts that cannot be measured."""
    # A signal to end raises an exception, so that the servers that were started are ended too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    order = Order.from_json(json.loads(Path(order_file).read_text("utf-8")))
    began = time.monotonic()
    row = Row(name)
    try:
        measure(name)(order, row)
    except Unmeasured as reason:
        row.unmeasured.append(str(reason))
    finally:  # for any reason of ending: figures measured until then count
        row.seconds = round(time.monotonic() - began, 1)
        Path(result_file).write_text(json.dumps(row.as_json(), ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
