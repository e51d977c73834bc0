"""The form of an item, page by page: what a page shows, and what is done with what was typed on it."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from common.catalogue.rules.form import awaited, condition_words
from common.desk.pages.moving_on import is_back, kept, keys_of, on_to, page_fields, typed_of, went_on
from common.desk.pages.open_draft import Entry, ground_for, left, place_choices, today_at
from common.desk.rules import windows
from common.desk.rules.drafts import Part, Step, check_item_form, known_from_id
from common.desk.rules.intake_checks import wants_village
from common.desk.rules.topics import Topic, after, before, problems_on, topic_of, topics_of
from common.errors import BadInput
from common.places.rules import level
from common.web.ports import current_node

TOPIC = "topic"


def form_parts(entry: Entry) -> dict[str, Any]:
    """Return what a page of the form shows: its topics, or all where a whole form came back with problems."""
    known = known_values(entry)
    values = _checked(entry, known).values
    topics = topics_of(entry.item, values)
    is_whole = request.method == "POST" and TOPIC not in request.form
    topic = _wanted(entry, topics, known)
    shown = topics if is_whole else [topic] if topic else []
    keys = tuple(key for found in shown for key in found.keys)
    previous = before(topics, topic) if topic and not is_whole else None
    return {
        "topics": shown,
        "number": 0 if is_whole or not topic else topics.index(topic) + 1,
        "count": len(topics),
        "known": known,
        "conditions": {spec.key: condition_words(spec, entry.item.fields) for spec in entry.item.fields},
        "awaited": {spec.key: awaited(spec, entry.item.fields) for spec in entry.item.fields},
        "places": place_choices(),
        "villages": [pair for pair in place_choices() if level(pair[0]) == "village"],
        "wants_village": wants_village,
        "page_fields": page_fields(entry.draft, known, keys),
        "back": _link(entry, previous) if previous else url_for("filing.applicant", draft=entry.draft.id),
    }


def known_values(entry: Entry) -> dict[str, str]:
    """Return what stands in the form's fields: as typed, else what place and ID number say already."""
    me = today_at(current_node().me)
    is_village = level(me) == "village"
    asked = [spec for spec in entry.item.fields if spec.kind == "place"]
    here = {spec.key: me for spec in asked if is_village or not wants_village(spec)}
    return {**here, **known_from_id(entry.item, entry.draft.applicant), **entry.draft.form}


def keep_form_page(entry: Entry) -> Response:
    """Keep one page, or the whole form where no page is named, and go on.

    Which fields stood on it the page says itself: topics may have been put on other pages since it was drawn.

    Raises:
        BadInput: something typed on this page cannot be filed as it stands.
    """
    if TOPIC not in request.form:
        return _keep_whole(entry)
    topics = topics_of(entry.item, _checked(entry, known_values(entry)).values)
    topic = topic_of(topics, request.form[TOPIC])
    keys = _keys_sent(entry, topic)
    draft = kept(entry.draft, Part.FORM, typed_of(keys), entry.item) if keys else entry.draft
    if topic is None or not set(keys) & set(topic.keys):
        # What was answered in another window made this page unnecessary, or the form has other pages now.
        if request.form.get("then") == "leave":
            return left(draft)
        return redirect(url_for("filing.form", draft=entry.draft.id), 303)
    result = check_item_form(entry.item, draft.form, ground_for(""), draft.applicant)
    if not result.problems:
        draft = _renewed(Entry(draft, entry.item))
    entry = Entry(draft, entry.item)
    if request.form.get("then") == "leave":
        return left(draft)
    wrong = problems_on(topic, result.problems)
    if wrong:
        raise BadInput(problems=wrong)
    following = after(topics_of(entry.item, result.values), topic)
    if following is None or is_back(entry):
        return on_to(entry, Step.PAPERS)
    return redirect(_link(entry, following), 303)


def _keys_sent(entry: Entry, topic: Topic | None) -> tuple[str, ...]:
    """Return the fields that stood on the page that was sent: a field that was not is not one left empty."""
    page = windows.page_mark(request.form)
    if page is None or not page.was:
        return topic.keys if topic else ()
    shown = {*page.was, *request.form}
    return tuple(key for key in keys_of(Part.FORM, entry.item) if key in shown)


def _keep_whole(entry: Entry) -> Response:
    draft = kept(entry.draft, Part.FORM, typed_of(keys_of(Part.FORM, entry.item)), entry.item)
    result = check_item_form(entry.item, draft.form, ground_for(""), draft.applicant)
    if not result.problems:
        draft = _renewed(Entry(draft, entry.item))
    return went_on(Entry(draft, entry.item), result, Step.PAPERS)


def _renewed(entry: Entry) -> Any:
    """Return the draft under the item as it is now: the form is right under it."""
    node = current_node()
    with node.unit():
        return node.drafts.renew(entry.draft, entry.item, g.now_ms)


def _checked(entry: Entry, typed: dict[str, str]) -> Any:
    return check_item_form(entry.item, typed, ground_for(""), entry.draft.applicant)


def _wanted(entry: Entry, topics: list[Topic], known: dict[str, str]) -> Topic | None:
    """Return the topic asked for; when none is, the first with something to mend, else the first."""
    asked = (request.form if request.method == "POST" else request.args).get(TOPIC, "")
    if asked == "last" and topics:
        return topics[-1]
    found = topic_of(topics, asked) if asked else None
    if found is None and entry.draft.form:
        problems = _checked(entry, known).problems
        found = next((topic for topic in topics if problems_on(topic, problems)), None)
    return found or topic_of(topics, "")


def _link(entry: Entry, topic: Topic) -> str:
    return url_for("filing.form", draft=entry.draft.id, topic=topic.number)
