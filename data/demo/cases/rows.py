"""Rows of cases and of their history, portion by portion."""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.demo.cases.cases import DAY_MIN, Pavements, Reports
from data.demo.cases.history import REMARKS, REMARKS_EN, make_history, select_with_history
from data.demo.cases.progress import Fates, Progress, find_deadline_states
from data.demo.cases.responsible import Responsible
from data.demo.common.catalogue import CATEGORIES, CHANNEL_ACTORS
from data.demo.common.columns import Columns, encode_points, join_texts, number_texts, pick_texts, to_timestamps
from data.demo.common.frame import Ints, make_dice, to_lonlat, to_mercator
from data.demo.common.scale import Scale
from data.demo.people import numbers
from data.demo.rows import Ground, make_json
from data.schema import CHANNELS, DEADLINE_STATES, STAGES

_MOSTLY_ORDINARY = (0.003, 0.05, 0.85)
"""Shares of critical, urgent and ordinary cases; the rest is minor."""
_SEVERE = {"emergency": (0.2, 0.6, 0.2), "utility": (0.01, 0.12, 0.79)}


@dataclass(frozen=True, slots=True)
class Portion:
    """Cases that were made together: which one is the first in the city, and all there is to know of them."""

    first: int
    reports: Reports
    progress: Progress


class CaseRows:
    """Makes cases and their rows. Every portion goes on with the dice of the one before, so they are taken in order and once."""

    def __init__(self, scale: Scale, ground: Ground, reports: Reports, pavements: Pavements, first_id: int, source: int) -> None:
        self._scale, self._ground, self._reports, self._pavements = scale, ground, reports, pavements
        self._first_id, self._source = first_id, source
        self._fates = Fates(scale, ground.tree)
        self._events, self._words, self._severities = make_dice(9), make_dice(14), make_dice(15)
        self._days = [f"LZ{day:%Y%m%d}-" for day in scale.calendar()]
        self._units = Responsible(ground.tree)
        actors = [CHANNEL_ACTORS[c] for c in CHANNELS]
        actors += [(f"{s.name.zh}网格中心", f"{s.name.en} Grid Centre") for s in ground.tree.streets]
        self._actors = [zh for zh, _ in actors]
        # What is invented is there in both languages, as titles are; pages show the English beside its own language.
        self._english = [json.dumps({"actor_en": actor, "remark_en": remark}) for _, actor in actors for remark in REMARKS_EN]

    def portion(self, span: slice) -> Portion:
        """What becomes of the next cases."""
        reports = self._reports.some(span)
        return Portion(span.start, reports, self._fates.progress(reports))

    def incidents(self, portion: Portion) -> Columns:
        """Rows of ``incident``; ids run in the order of reporting."""
        reports, progress, ground = portion.reports, portion.progress, self._ground
        first, count = portion.first, len(reports.cell)
        block, where = self._pavements.beside(reports.cell)
        degrees = to_lonlat(where)
        what, what_en = self._happened(reports.category)
        address, address_en = ground.near(block)
        unit = self._units.find(reports.cell, reports.category, progress.stage)
        return {
            "id": pa.array(np.arange(self._first_id + first, self._first_id + first + count)),
            **ground.standing(reports.cell, "C", self._source, first),
            "geom": encode_points(degrees, 4326),
            "geom_3857": encode_points(to_mercator(degrees), 3857),
            "number": join_texts(pick_texts(self._days, reports.minute // DAY_MIN), number_texts("", reports.number, 5)),
            "category": pick_texts([c.code for c in CATEGORIES], reports.category),
            "channel": pick_texts(list(CHANNELS), reports.channel),
            "severity": self._severity(reports.category),
            "stage": pick_texts(list(STAGES), progress.stage),
            "paused": pa.array(progress.paused),
            "reported_at": to_timestamps(self._scale.utc(reports.minute)),
            "due_at": to_timestamps(self._scale.utc(progress.due)),
            "closed_at": to_timestamps(self._scale.utc(progress.closed)),
            "deadline_state": pick_texts([*DEADLINE_STATES, None], find_deadline_states(reports, progress, self._scale)),
            "title": join_texts(address, "附近", what),
            "address": ground.address(block),
            "handler": pick_texts(self._units.names, unit),
            "unit": pick_texts(self._units.codes, unit),
            "attributes": make_json("title_en", what_en, " near ", address_en),
        }

    def _severity(self, category: Ints) -> pa.Array:
        """How severe each case is, 1 to 4: most are ordinary, and emergencies are not."""
        bounds = np.cumsum([_SEVERE.get(c.code, _MOSTLY_ORDINARY) for c in CATEGORIES], axis=1)[category]
        return pa.array((self._severities.random(len(category))[:, None] >= bounds).sum(axis=1) + 1, pa.int16())

    def _happened(self, category: Ints) -> tuple[pa.Array, pa.Array]:
        """What each case is about, in Chinese and in English; the first event of a category is the most frequent."""
        sizes = np.array([len(c.events) for c in CATEGORIES])
        which = (self._words.random(len(category)) ** 1.4 * sizes[category]).astype(int)
        index = (np.cumsum(sizes) - sizes)[category] + which
        events = [event for c in CATEGORIES for event in c.events]
        return pick_texts([zh for zh, _ in events], index), pick_texts([en for _, en in events], index)

    def reporters(self, portion: Portion) -> Columns:
        """Rows of ``incident_reporter``: of the cases that somebody reported of late."""
        reports, ground = portion.reports, self._ground
        late = reports.minute >= self._scale.now_min - numbers.REPORTER_DAYS * DAY_MIN
        named = np.isin(reports.channel, [CHANNELS.index(channel) for channel in numbers.REPORTING])
        which = np.flatnonzero(late & named)
        standing = ground.standing(reports.cell[which], "C", self._source)
        return {
            **{column: standing[column] for column in ("district", "city", "grid", "path")},
            "incident_id": pa.array(self._first_id + portion.first + which),
            **numbers.seal_reporters(portion.first, len(which)),
        }

    def events(self, portion: Portion) -> Columns:
        """Rows of ``incident_event``, in the order of reporting."""
        tree = self._ground.tree
        kept = select_with_history(self._scale, portion.reports, portion.progress)
        reports = portion.reports.some(kept)
        steps = make_history(self._scale, reports, portion.progress.some(kept), self._events)
        unit = self._units.find(reports.cell[steps.case], reports.category[steps.case], steps.stage)
        actors = np.where(steps.seq == 1, reports.channel[steps.case], len(CHANNELS) + tree.street_of[reports.cell][steps.case])
        return {
            "district": pick_texts([c.district or "" for c in tree.cells], reports.cell[steps.case]),
            "incident_id": pa.array(self._first_id + portion.first + kept[steps.case]),
            "seq": pa.array(steps.seq),
            "at": to_timestamps(self._scale.utc(steps.minute)),
            "stage": pick_texts(list(STAGES), steps.stage),
            "actor": pick_texts(self._actors, actors),
            "remark": pick_texts(list(REMARKS), steps.remark),
            "unit": pick_texts(self._units.codes, unit),
            "details": pick_texts(self._english, actors * len(REMARKS_EN) + steps.remark),
        }
