"""The sentences of a summary. Numbers stand in them as ``{n}``, so that each can name its figure."""

from reports.periods import Step

BEFORE_WORDS: dict[Step, str] = {
    "day": "the same day a week before",
    "week": "the week before",
    "month": "the month before",
    "quarter": "the quarter before",
    "year": "the year before",
    "own": "the period before",
}
SPANS_WORDS: dict[Step, str] = {
    "day": "the same days of the {n} weeks before",
    "week": "the {n} weeks before",
    "month": "the {n} months before",
    "quarter": "the {n} quarters before",
    "year": "the {n} years before",
    "own": "the {n} periods before",
}

# ---- Findings, in bold ----
# more, less: than usual. usual: within it. beyond, chance: beside the period before alone. few: not judged. alone: beside nothing.

WHOLE_SENTENCES = {
    "none": "No case was reported.",
    "alone": "Cases reported: {n}.",
    "more": "Cases reported: {n}, clearly more than usual.",
    "less": "Cases reported: {n}, clearly fewer than usual.",
    "beyond_up": "Cases reported: {n}, {difference} more than {before}; that is more than chance makes.",
    "beyond_down": "Cases reported: {n}, {difference} fewer than {before}; that is more than chance makes.",
    "daily_more": "Cases reported: {n}; by day clearly more than {before}, by more than chance makes.",
    "daily_less": "Cases reported: {n}; by day clearly fewer than {before}, by more than chance makes.",
    "usual_up": "Cases reported: {n}, {difference} more than {before}; that is within the usual variation.",
    "usual_down": "Cases reported: {n}, {difference} fewer than {before}; that is within the usual variation.",
    "usual_same": "Cases reported: {n}, as many as {before}; that is within the usual variation.",
    "chance_up": "Cases reported: {n}, {difference} more than {before}; that may be chance.",
    "chance_down": "Cases reported: {n}, {difference} fewer than {before}; that may be chance.",
    "chance_same": "Cases reported: {n}, as many as {before}.",
    "few_up": "Cases reported: {n}, {difference} more than {before}.",
    "few_down": "Cases reported: {n}, {difference} fewer than {before}.",
    "few_same": "Cases reported: {n}, as many as {before}.",
}
SHARE_SENTENCES = {
    "none": "No case was due to be closed.",
    "alone": "The on-time closing rate is {n}%.",
    "more": "The on-time closing rate is {n}%, clearly above the usual.",
    "less": "The on-time closing rate is {n}%, clearly below the usual.",
    "beyond_up": "The on-time closing rate is {n}%, {difference} points above {before}; that is more than chance makes.",
    "beyond_down": "The on-time closing rate is {n}%, {difference} points below {before}; that is more than chance makes.",
    "daily_more": "The on-time closing rate is {n}%, a little above {before}; that is more than chance makes.",
    "daily_less": "The on-time closing rate is {n}%, a little below {before}; that is more than chance makes.",
    "usual_up": "The on-time closing rate is {n}%, {difference} points above {before}; that is within the usual variation.",
    "usual_down": "The on-time closing rate is {n}%, {difference} points below {before}; that is within the usual variation.",
    "usual_same": "The on-time closing rate is {n}%, the same as {before}; that is within the usual variation.",
    "chance_up": "The on-time closing rate is {n}%, {difference} points above {before}; that may be chance.",
    "chance_down": "The on-time closing rate is {n}%, {difference} points below {before}; that may be chance.",
    "chance_same": "The on-time closing rate is {n}%, the same as {before}.",
    "edge_up": "The on-time closing rate is {n}%, {difference} points above {before}.",
    "edge_down": "The on-time closing rate is {n}%, {difference} points below {before}.",
    "edge_same": "The on-time closing rate is {n}%, the same as {before}.",
    "few": "Cases due to be closed: {whole}; closed on time: {part}.",
}
PART_SENTENCES = {
    "new_area": "{name}: {n} reported, and none in {spans}.",
    "new_category": "{name} is new: {n} reported, and none in {spans}.",
    "more": "{name}: {n} reported, clearly more than usual.",
    "less": "{name}: {n} reported, clearly fewer than usual.",
    "beyond_up": "{name}: {n} reported, {difference} more than {before}; that is more than chance makes.",
    "beyond_down": "{name}: {n} reported, {difference} fewer than {before}; that is more than chance makes.",
    "daily_more": "{name}: {n} reported; by day clearly more than {before}, by more than chance makes.",
    "daily_less": "{name}: {n} reported; by day clearly fewer than {before}, by more than chance makes.",
}
PART_SHARE_SENTENCES = {
    "more": "{name}: the on-time closing rate is {n}%, clearly above the usual.",
    "less": "{name}: the on-time closing rate is {n}%, clearly below the usual.",
    "beyond_up": "{name}: the on-time closing rate is {n}%, {difference} points above {before}; that is more than chance makes.",
    "beyond_down": "{name}: the on-time closing rate is {n}%, {difference} points below {before}; that is more than chance makes.",
    "daily_more": "{name}: the on-time closing rate is {n}%, a little above {before}; that is more than chance makes.",
    "daily_less": "{name}: the on-time closing rate is {n}%, a little below {before}; that is more than chance makes.",
}
QUIET_SENTENCES = {
    "usual": "No single area and no single category changed beyond its usual variation.",
    "chance": "No single area and no single category changed by more than chance makes.",
    "few": "No single area and no single category has enough cases to judge a change.",
    "rest_one": "1 more area or category changed beyond its usual variation.",
    "rest": "{n} more areas or categories changed beyond their usual variation.",
}
OVERDUE_SENTENCES = {
    "none": "No open case is beyond its deadline.",
    "some": "Open cases beyond their deadline: {n}.",
    "long": "For more than three days then, and open to this day: {n} of them.",
    "holders": "The largest numbers: {names}.",
}
HOLDER_WORDS = "{name} ({n})"

# ---- Reasons ----

REASON_SENTENCES = {
    "range": "The average of {spans} is {n}; usual are {low} to {high}.",
    "share_range": "The average of {spans} is {n}%; usual are {low}% to {high}%.",
    "edge": "It lies outside, but not far enough where many figures are judged together: this may be chance.",
    "few": "These are too few cases to judge a change.",
    "share_few": "With fewer than {fewest} cases due, a change of the rate is not judged.",
    "nothing": "There are no earlier data to compare with.",
    "unfinished": "The period is not over yet, and is not compared with others.",
    "short": "Earlier data do not tell yet what is usual.",
    "still": "There was none in {spans} either.",
    "silent": "Usual are {low} to {high}: please check whether all sources delivered their cases.",
    "ends": "{best} has the highest ({high}%), {worst} the lowest ({low}%).",
    "ends_below": "{best} has the highest ({high}%), {worst} the lowest ({low}%): its whole 95 % interval is below the total rate.",
    "late": "Not closed on time: {n} of {due} cases due; usual are about {usual}.",
}
MORE_SENTENCES = {
    "both": "Of the {all} more than on average, {n} are of the category {name}, and {m} are in {other}.",
    "area": "Of the {all} more than on average, {n} are in {name}.",
    "category": "Of the {all} more than on average, {n} are of the category {name}.",
    "alone": "{name} alone has {n} more than on average; the others together have fewer.",
    "spread": "The rise is spread: no single area and no single category makes a quarter of it.",
}
FEWER_SENTENCES = {
    "both": "Of the {all} fewer than on average, {n} are of the category {name}, and {m} are in {other}.",
    "area": "Of the {all} fewer than on average, {n} are in {name}.",
    "category": "Of the {all} fewer than on average, {n} are of the category {name}.",
    "alone": "{name} alone has {n} fewer than on average; the others together have more.",
    "spread": "The fall is spread: no single area and no single category makes a quarter of it.",
}

INSIDE_SENTENCES = {
    "more": "Of it, {name} makes the most: {n} more than on average.",
    "fewer": "Of it, {name} makes the most: {n} fewer than on average.",
}

# ---- Figures, and the note ----

LABEL_WORDS = {
    "reported": "Cases reported",
    "share": "On-time closing rate",
    "overdue": "Overdue and open",
    "long": "Overdue for more than three days and open",
    "of": "{figure}: {name}",
    "in": "{figure}, {time}",
    "average": "{figure}, average of {spans}",
    "difference": "{figure}, difference from the average",
    "late": "Cases not closed on time",
}
DEFINITION_WORDS = {
    "reported": "Cases of all sources reported in the period, with duplicates and void ones.",
    "share": "Closed at or before the deadline, of the cases that were due to be closed in the period; paused ones do not count.",
    "overdue": "Open and beyond the deadline when the last day of the period ended; paused cases do not count.",
    "long": "Of these, those whose deadline was more than three days earlier and that are open to this day.",
    "average": "Mean of the earlier periods, with the range in which 95 % of periods lie if nothing has changed.",
    "late": "Due in the period, and not closed at or before the deadline.",
    "difference": "Cases of the period less the mean of the earlier periods.",
}
NOTE_SENTENCES = {
    "judged": "How changes are judged: {method}. Figures judged together: {judged}, at a false discovery rate of 5 % (Benjamini and "
    "Hochberg): where nothing has changed, at most one report in twenty names a change.",
    "nothing": "No change is judged: there are too few cases, or no earlier data.",
}
