"""Applies a batch of requests in memory, in order: what each does to its case, to others, and which new cases it makes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from data.attachments.records import find_unknown
from data.cases import life
from data.cases.foretelling.first_step import check_category, make_first_order
from data.cases.orders import Outcome, Request, describe_event, refused
from data.cases.photos.blurring import check_blurred
from data.cases.planning import Planner
from data.cases.refusals import Refusal, StepRefused
from data.cases.routing import Router
from data.cases.stages import REPORT
from data.cases.states import RULES, Actor, CaseState, Event, Order
from data.cases.targets import Deadlines, Target, Targets
from data.cases.where.moving import Move, Mover, check_nowhere
from data.database.connections import Connection
from data.schema import OTHER_ENDS

_MOST_SINCE = 20


@dataclass(slots=True)
class NewCase:
    """A case that the batch makes.

    Attributes:
        said: category, channel, title, description, address, and where it stands: ``grid`` with its place, or ``like``, the row of the
            case whose place it shares.
        state, event, deadlines: its first.
        number: number that people quote; given when it is written.
        reporter: sealed name and number, where somebody gave one.
    """

    said: dict[str, Any]
    state: CaseState
    event: Event
    deadlines: Deadlines
    number: str = ""
    reporter: dict[str, Any] | None = None


@dataclass(slots=True)
class Batch:
    """The work of one transaction.

    Attributes:
        connection: its transaction.
        city: code of the city.
        targets: cases that exist.
        categories: codes of the city's categories of cases.
        at: a moment that grows with each step, so that steps are in order.
        made: new cases.
        split: of each step that split a case, where its event names the new ones, and these.
        merged: pairs of a case and the one that takes in its reporters; released: pairs that part again.
        outcomes: in the order of the requests; a number that is not given yet stands as a ``NewCase``.
    """

    connection: Connection
    city: str
    targets: Targets
    categories: frozenset[str]
    at: datetime
    made: list[NewCase] = field(default_factory=list)
    merged: list[tuple[Target, Target]] = field(default_factory=list)
    released: list[tuple[Target, Target]] = field(default_factory=list)
    split: list[tuple[list[str], list[NewCase]]] = field(default_factory=list)
    outcomes: list[tuple[Request, Outcome]] = field(default_factory=list)
    _planner: Planner = field(init=False)
    _router: Router = field(init=False)
    _mover: Mover = field(init=False)

    def __post_init__(self) -> None:
        self._planner = Planner(self.connection, self.city)
        self._router = Router(self.connection, self.city)
        self._mover = Mover(self.connection, self.city, self.categories)

    def apply(self, request: Request) -> Outcome:
        """Take the step that a request asks for, or say why not."""
        self.at += timedelta(microseconds=1)
        try:
            return self._report(request) if request.target is None else self._step(request)
        except StepRefused as error:
            return refused(list(error.refusals))

    def end_pause(self, target: Target) -> None:
        """Let a case run again whose pause is over; until when the pause counts, see ``data.deadlines.pauses``."""
        until = target.state.paused_until
        assert until is not None  # noqa: S101 - asked by the caller
        self.at += timedelta(microseconds=1)
        order, known = Order("resume", {}, target.state.version), {"until": until.isoformat()}
        self._take(target, *life.apply(target.state, order, RULES, self.at, known=known))

    def _step(self, request: Request) -> Outcome:
        assert request.target is not None  # noqa: S101 - asked by the caller
        target = self.targets.get(request.target[:2])
        if target is None:
            return refused([Refusal("number", "unknown_case")])
        order, actor = request.order, request.actor
        if self._is_out_of_reach(request, target):
            return refused([Refusal("number", "unknown_case")])
        history = self.targets.history(target) if order.step in life.OF_HISTORY else ()
        other = self._find_other(request, target)
        self._check_files(request, target.key, order.fields.get("attachments"))
        if order.step == "blur":
            check_blurred(self.connection, target.key, order.fields)
        # Whoever may not take the step is not told which units and accounts there are.
        names_somebody = order.fields.keys() & {"unit", "assignee"} and not life.check(target.state, order, actor, self.at, history)
        if names_somebody and (wrong := self._check_named(target, dict(order.fields))):
            raise StepRefused(wrong)
        move = self._plan_move(request, target, history)
        try:
            numbers: list[str] = []
            known = move.details if move else {"made": numbers} if order.step == "split" else {}
            state, event = life.apply(target.state, order, actor, self.at, history, target.row["last_seq"], known)
        except StepRefused as error:
            return refused(list(error.refusals), version=target.state.version, stage=target.state.stage, since=self._since(target, order))
        parts = [self._split(target, part, event) for part in order.fields.get("parts") or ()] if order.step == "split" else []
        self.split += [(numbers, parts)] if parts else []
        before = target.state
        if move:
            target.move(move.row)
        self._take(target, state, event)
        self._follow(before, target, event, other)
        if order.step == "file":
            state = self._route(target)
        told = {"ok": True, "number": target.number, "version": state.version, "stage": state.stage, "seq": event.seq, "step": event.step}
        return {**told, "at": event.at.isoformat(), "state": state.to_json(), **({"parts": parts} if parts else {})}

    def _check_named(self, target: Target, said: dict[str, Any]) -> list[Refusal]:
        """Why the unit or person that a step names cannot get the case."""
        unit = said["unit"].strip() if isinstance(said.get("unit"), str) else None
        return self._router.check(said, self.at, lambda account: self._mover.reaches_account(target, account, unit))

    def _is_out_of_reach(self, request: Request, target: Target) -> bool:
        """Whether a case has moved out of somebody's sight since the step was asked for, or went to another unit.

        Of whoever does not see it by the area alone, this is always asked: the version of a case that goes elsewhere can be guessed.
        """
        assert request.target is not None  # noqa: S101 - asked by the caller
        changed = self.targets.has_moved(request.target[:2]) or request.order.version != target.state.version
        return (changed or not request.holds(target.row["path"])) and not self._mover.reaches(target, request)

    def _plan_move(self, request: Request, target: Target, history: Sequence[Event]) -> Move | None:
        """Where a step moves the case, if it does and may be taken at all."""
        order = request.order
        if order.step not in ("move", "undo") or life.check(target.state, order, request.actor, self.at, history):
            return None
        if order.step == "move":
            return self._mover.plan(target, request)
        undone = life.find_undoable(history)
        return self._mover.plan_back(target, undone, request) if undone is not None and undone.step == "move" else None

    def _take(self, target: Target, state: CaseState, event: Event) -> None:
        target.deadlines = self._planner.follow(target, state, event, lambda: self.targets.history(target))
        target.state = state
        target.added.append(event)

    def _route(self, target: Target) -> CaseState:
        """Send a case that was just filed where the rules say; returns its state."""
        self.at += timedelta(microseconds=1)
        routed = self._router.route(target.state, target.row, self.at)
        if routed is not None:
            self._take(target, *routed)
        return target.state

    def _since(self, target: Target, order: Order) -> list[dict[str, Any]]:
        """The events that somebody who saw an older version has not seen."""
        if order.version is None or order.version >= target.state.version:
            return []
        seen = [event for event in self.targets.history(target) if event.seq > order.version]
        return [describe_event(event) for event in seen[-_MOST_SINCE:]]

    def _find_other(self, request: Request, target: Target) -> Target | None:
        """The case that a step merges into.

        Raises:
            StepRefused: the actor may work on no such case, or it has ended another way than by being solved.
        """
        into = request.order.fields.get("into")
        if request.order.step != "mark_duplicate" or not isinstance(into, str):
            return None
        if into == target.number:
            raise StepRefused([Refusal("into", "into_itself")])
        # Who reported a case goes where it is merged into, so membership of a unit is not enough.
        if not self._mover.reaches_place(target, request):
            raise StepRefused([Refusal("step", "elsewhere")])
        found = self.targets.find_number(into)
        if found is None or not self._mover.reaches(found, request):
            raise StepRefused([Refusal("into", "into_unknown")])
        if not self._mover.reaches_place(found, request):
            raise StepRefused([Refusal("into", "elsewhere")])
        if found.state.stage in OTHER_ENDS:
            raise StepRefused([Refusal("into", "into_ended", {"stage": found.state.stage})])
        return found

    def _follow(self, before: CaseState, target: Target, event: Event, other: Target | None) -> None:
        """What a step on one case does to another: the one it is merged into, or parts from again."""
        if other is not None:
            self._add_companion(other, "absorb", target.number, event)
            self.merged.append((target, other))
        elif before.duplicate_of is not None and target.state.duplicate_of is None:
            found = self.targets.find_number(before.duplicate_of)
            if found is not None:
                self._add_companion(found, "release", target.number, event)
                self.released.append((target, found))

    def _add_companion(self, target: Target, step: str, number: str, event: Event) -> None:
        first = target.state.version == 0
        seq = (target.row["last_seq"] if first else target.state.version) + 1
        details: dict[str, Any] = {"from": number, **({"base": target.state.to_json()} if first else {})}
        made = Event(seq, event.at, step, target.state.stage, event.account, target.state.unit, None, details)
        self._take(target, life.evolve(target.state, made), made)

    def _split(self, target: Target, part: dict[str, Any], event: Event) -> NewCase:
        said = {name: target.row[name] for name in ("category", "channel", "description", "address")}
        said |= {name: value for name, value in part.items() if value}
        self._check_category(said["category"], "parts")
        given = {"severity": target.state.severity, "category": said["category"], "title": said["title"], "split_from": target.number}
        order, actor = Order(REPORT.name, given), Actor(event.account, "supervisor", "cases")
        return self._make({**said, "like": target.row}, order, actor)

    def _report(self, request: Request) -> Outcome:
        said = request.body
        self._check_files(request, None, said.get("attachments"))
        self._check_category(said["category"], "category")
        if said.get("method") == "nearest":
            check_nowhere(self.connection, said["lon"], said["lat"])
        made = self._make({**said, "grid": request.grid}, make_first_order(said), request.actor)
        made.reporter = said.get("reporter")
        told = {"ok": True, "number": made, "version": 1, "stage": made.state.stage, "seq": 1, "step": REPORT.name}
        return {**told, "at": made.event.at.isoformat(), "state": made.state.to_json()}

    def _make(self, said: dict[str, Any], order: Order, actor: Actor) -> NewCase:
        state, event = life.report(order, actor, self.at)
        made = NewCase(said, state, event, self._planner.begin(said["category"], state, event.at))
        self.made.append(made)
        return made

    def _check_files(self, request: Request, case: tuple[str, int] | None, hashes: Any) -> None:
        """Refuse files that the actor has not sent of late; what is no list of texts is refused by its form."""
        if not isinstance(hashes, list) or not hashes or not all(isinstance(one, str) for one in hashes):
            return
        unknown = find_unknown(self.connection, request.actor.account, case, hashes)
        if unknown:
            raise StepRefused([Refusal("attachments", "unknown_file", {"hash": unknown[0][:64]})])

    def _check_category(self, code: str, named: str) -> None:
        found = check_category(code, self.categories, named)
        if found:
            raise StepRefused(found)


def apply_all(
    batch: Batch, requests: Sequence[Request], known: dict[tuple[str, str, int], tuple[bytes, Outcome]]
) -> list[tuple[Request, Outcome]]:
    """Apply requests in order. Their outcomes stand in the batch.

    Args:
        batch: of one city, whose cases are read already.
        requests: in the order in which they came.
        known: hash and outcome of idempotency keys that were used before.

    Returns:
        The requests whose idempotency key is new, with their outcomes.
    """
    fresh = []
    for request in requests:
        before = known.get(request.key)
        if request.expired:
            outcome: Outcome = {"ok": False, "expired": True}
        elif before is not None:
            same = before[0] == request.hash
            outcome = {**before[1], "again": True} if same else refused([Refusal("idempotency_key", "key_reused")])
        else:
            outcome = batch.apply(request)
            known[request.key] = (request.hash, outcome)
            fresh.append((request, outcome))
        batch.outcomes.append((request, outcome))
    return fresh
