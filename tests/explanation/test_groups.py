"""Every column that a model reads is somebody's evidence, and only once."""

from __future__ import annotations

import pytest

from influence.explanation.groups import CIRCLES, GROUPS, NAMES, groups_of
from influence.explanation.words import PHRASES
from influence.graph.loading import NEIGHBOUR_COLUMNS
from influence.graph.pairs import PairFeatures


@pytest.mark.parametrize("columns", [PairFeatures.columns, NEIGHBOUR_COLUMNS])
def test_groups_of__every_column_of_the_model__one_group_each(columns: tuple[str, ...]) -> None:
    assert len(groups_of(columns)) == len(columns)


def test_groups__all__told_in_words_and_none_without_evidence() -> None:
    found = set(groups_of(PairFeatures.columns + NEIGHBOUR_COLUMNS))
    assert found == set(range(len(NAMES)))
    assert PHRASES.keys() == GROUPS.keys()
    assert set(CIRCLES.values()) <= set(NAMES)


@pytest.mark.parametrize(
    ("column", "group"),
    [
        ("recipient.accepted_out.mean_value", "recipient_habit"),
        ("sender.accepted_out.log_count", "sender_record"),
        ("recipient.seniority", "recipient_profile"),
        ("sender.seniority", "sender_profile"),
        ("contact.log_degree_target", "recipient_activity"),
        ("contact.adamic_adar", "mutual"),
        ("recipient.neighbours.is_other_end", "dealings"),
        ("recipient.neighbours.accepted_out.log_count", "recipient_circle"),
        ("kind.countries.log_count", "geography"),
        ("seniority_gap", "similarity"),
    ],
)
def test_groups_of__column__group_that_a_reader_expects(column: str, group: str) -> None:
    assert NAMES[groups_of((column,))[0]] == group


@pytest.mark.parametrize("column", ["recipient.shoe_size", "mutual"])
def test_groups_of__column_of_no_group__refused_by_name(column: str) -> None:
    with pytest.raises(ValueError, match=column):
        groups_of(("has_note", column))
