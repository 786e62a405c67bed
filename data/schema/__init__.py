"""The tables. Only this package defines columns; migrations create them, queries select from them.

Geometry is stored as EPSG:4326 (CGCS2000 and WGS 84 are the same for display) and, where it is drawn, ready in EPSG:3857 beside it.
Large tables carry ``district`` in their primary key, so that they can be distributed by it later.
"""

from data.schema.accounts import account, audit_log, entry_failure, one_time_link, rate_limit, recovery_code, sealing_key, session, token
from data.schema.areas import area, category, city, population_unit, source, zone_edge, zone_member
from data.schema.attachments import attachment, attachment_case, attachment_upload
from data.schema.cases import case_counter, case_idempotency, case_request
from data.schema.common import Ltree, area_code, area_label, metadata
from data.schema.deadlines import calendar_day, city_calendar, deadline_rule, escalation, escalation_rule, notice, working_hours
from data.schema.duplicates import duplicate_rule
from data.schema.hazards import hazard_notice, hazard_part
from data.schema.imports import import_run, reject
from data.schema.incident_counts import INCIDENT_COUNTS, REPORTED_COUNTS
from data.schema.live import live_event, live_state
from data.schema.objects import base_feature, building, facility, incident, incident_event
from data.schema.organisation import duty_shift, routing_rule, unit, unit_member, unit_name
from data.schema.packs import (
    FEED_DELIVERY_STATES,
    FEED_LEVELS,
    FEED_STATES,
    FIELD_CLASSES,
    QUARANTINE_STATES,
    TRANSPORTS,
    department,
    feed,
    feed_contract,
    feed_day,
    feed_delivery,
    feed_file,
    feed_quarantine,
    feed_reject,
    pack,
    pack_city,
    pack_field,
)
from data.schema.people import incident_reporter, person
from data.schema.report_sending import DELIVERY_STATES, SEND_CHANNELS, report_delivery, report_receipt, report_run, report_schedule
from data.schema.reports import report, report_draft, report_file, report_request, report_wish
from data.schema.rollups import area_figure, area_span, incident_daily, incident_kind, incident_open
from data.schema.rules import composite, rule_change, rule_request
from data.schema.saved import case_filter, desk_setting
from data.schema.templates import remark_template
from data.schema.terms import (
    AMBER_SHARE,
    CHANNELS,
    CLOSED_STAGES,
    DEADLINE_STATES,
    LEVELS,
    MARGIN_LEVELS,
    OPEN_STAGES,
    OTHER_ENDS,
    OWN_SOURCE,
    PROACTIVE_CHANNELS,
    STAGES,
    SUBJECTS,
    TOTAL_LEVELS,
)
from data.schema.views import area_figure_seen, building_seen
from data.schema.walls import wall_play, wall_scene, wall_screen, wall_tour, wall_turn

__all__ = [
    "AMBER_SHARE",
    "CHANNELS",
    "CLOSED_STAGES",
    "DEADLINE_STATES",
    "DELIVERY_STATES",
    "FEED_DELIVERY_STATES",
    "FEED_LEVELS",
    "FEED_STATES",
    "FIELD_CLASSES",
    "INCIDENT_COUNTS",
    "LEVELS",
    "MARGIN_LEVELS",
    "OPEN_STAGES",
    "OTHER_ENDS",
    "OWN_SOURCE",
    "PROACTIVE_CHANNELS",
    "QUARANTINE_STATES",
    "REPORTED_COUNTS",
    "SEND_CHANNELS",
    "STAGES",
    "SUBJECTS",
    "TOTAL_LEVELS",
    "TRANSPORTS",
    "Ltree",
    "account",
    "area",
    "area_code",
    "area_figure",
    "area_figure_seen",
    "area_label",
    "area_span",
    "attachment",
    "attachment_case",
    "attachment_upload",
    "audit_log",
    "base_feature",
    "building",
    "building_seen",
    "calendar_day",
    "case_counter",
    "case_filter",
    "case_idempotency",
    "case_request",
    "category",
    "city",
    "city_calendar",
    "composite",
    "deadline_rule",
    "department",
    "desk_setting",
    "duplicate_rule",
    "duty_shift",
    "entry_failure",
    "escalation",
    "escalation_rule",
    "facility",
    "feed",
    "feed_contract",
    "feed_day",
    "feed_delivery",
    "feed_file",
    "feed_quarantine",
    "feed_reject",
    "hazard_notice",
    "hazard_part",
    "import_run",
    "incident",
    "incident_daily",
    "incident_event",
    "incident_kind",
    "incident_open",
    "incident_reporter",
    "live_event",
    "live_state",
    "metadata",
    "notice",
    "one_time_link",
    "pack",
    "pack_city",
    "pack_field",
    "person",
    "population_unit",
    "rate_limit",
    "recovery_code",
    "reject",
    "remark_template",
    "report",
    "report_delivery",
    "report_draft",
    "report_file",
    "report_receipt",
    "report_request",
    "report_run",
    "report_schedule",
    "report_wish",
    "routing_rule",
    "rule_change",
    "rule_request",
    "sealing_key",
    "session",
    "source",
    "token",
    "unit",
    "unit_member",
    "unit_name",
    "wall_play",
    "wall_scene",
    "wall_screen",
    "wall_tour",
    "wall_turn",
    "working_hours",
    "zone_edge",
    "zone_member",
]
