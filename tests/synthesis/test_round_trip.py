"""From a synthetic world to the archives of its team and back: nothing is lost, and nothing added.

What comes back is compared with the world's own tables, restricted to the rows that touch the team.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

import influence
from influence.data import Network
from influence.data.pseudonyms import key_of, pseudonym
from influence.synthesis import WorldConfig, simulate
from influence.synthesis.archives import LOCALES, Style, View, mapping_of, own_team, write_archives
from influence.synthesis.archives.links import post_links

MINUTE, DAY = "min", "D"


@pytest.fixture(scope="module")
def network() -> Network:
    """A small world whose team sends much."""
    return simulate(WorldConfig(n_contacts=400, seed=1, own_team=5, interactions_per_contact=30)).network


@pytest.fixture(scope="module")
def view(network: Network) -> View:
    return View.of(network, own_team(network, 5))


FORMS = ("zipped", "folders", *LOCALES, "plain")
QUICK = ("zipped", "fr")
"""Of the forms; the others take as long, and are read alike."""


@pytest.fixture(
    params=[pytest.param(form, marks=[] if form in QUICK else pytest.mark.slow) for form in FORMS],
    scope="module",
)
def found(
    request: pytest.FixtureRequest, network: Network, view: View, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Network, pd.Series, pd.DataFrame]:
    """The archives as read, the id of everybody there by the id in the world, and who everybody is."""
    folder, form = tmp_path_factory.mktemp("archives"), request.param
    style = {"zipped": None, "folders": None, "plain": Style("en", *[False] * 7)}.get(form, Style(form))
    rng, asked = np.random.default_rng(3), {"key_file": folder / "key"}
    people = write_archives(
        network, view.owners, folder / "out", rng=rng, style=style, zipped=form != "folders"
    )
    if form in LOCALES:
        asked["headers"] = folder / "headers.yaml"
        asked["headers"].write_text(yaml.safe_dump(mapping_of(form), allow_unicode=True), encoding="utf-8")
    read = influence.read(folder / "out", **asked)
    key, _ = key_of(folder / "key")
    return read, ("profile:" + people["profile"]).map(lambda own: pseudonym(key, own)), people


def same_rows(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Whether two tables hold the same rows, in whatever order."""
    columns = list(one.columns)
    one, other = (rows.sort_values(columns, ignore_index=True) for rows in (one, other[columns]))
    pd.testing.assert_frame_equal(one, other, check_dtype=False)


def known_at(at: pd.Series, exported_at: pd.Timestamp) -> pd.Series:
    """When a day that an archive tells was over, or the archive taken."""
    return (at.dt.floor(DAY) + pd.Timedelta(days=1)).clip(upper=exported_at)


def test_read__invitations__all_of_the_team_each_once(
    found: tuple[Network, pd.Series, pd.DataFrame], view: View
) -> None:
    read, ids, _ = found
    sent = view.invitations
    expected = pd.DataFrame(
        {
            "sender_id": sent["sender_id"].map(ids),
            "recipient_id": sent["recipient_id"].map(ids),
            "sent_at": sent["sent_at"].dt.floor(MINUTE),
            "has_note": sent["has_note"],
        }
    )
    assert len(expected) > 200
    same_rows(expected, read.table("invitations"))


def test_read__outcomes__acceptances_with_their_day_and_nothing_else(
    found: tuple[Network, pd.Series, pd.DataFrame], view: View
) -> None:
    read, ids, _ = found
    sent = view.invitations[view.invitations["outcome"] == "accepted"]
    back = read.table("invitations")
    exported_at = read.table("sources")["exported_at"].max()
    expected = pd.DataFrame(
        {
            "sender_id": sent["sender_id"].map(ids),
            "recipient_id": sent["recipient_id"].map(ids),
            "responded_at": known_at(sent["responded_at"], exported_at),
        }
    )
    assert len(expected) > 50
    same_rows(expected, back[back["outcome"] == "accepted"])
    # No archive tells a refusal or a withdrawal: these stay open.
    assert (back.loc[back["outcome"] != "accepted", "outcome"] == "pending").all()


def test_read__connections__all_of_the_team_with_their_day(
    found: tuple[Network, pd.Series, pd.DataFrame], view: View
) -> None:
    read, ids, _ = found
    exported_at = read.table("sources")["exported_at"].max()

    def pairs(rows: pd.DataFrame) -> list[str]:
        return ["-".join(sorted(pair)) for pair in rows[["source_id", "target_id"]].to_numpy()]

    ties = view.connections
    own = ties.assign(source_id=ties["source_id"].map(ids), target_id=ties["target_id"].map(ids))
    back = read.table("connections")
    same_rows(
        pd.DataFrame({"pair": pairs(own), "at": known_at(own["connected_at"], exported_at)}),
        pd.DataFrame({"pair": pairs(back), "at": back["connected_at"].to_numpy()}).assign(
            at=back["connected_at"].array
        ),
    )
    assert back["removed_at"].isna().all()


def test_read__interactions__all_that_archives_hold(
    found: tuple[Network, pd.Series, pd.DataFrame], view: View
) -> None:
    read, ids, people = found
    acts = view.interactions
    links = post_links(acts["activity"], acts["target_id"].map(people["profile"]))
    at_posts = ~acts["kind"].isin(["message", "endorse"])
    # Who wrote a post is told by its address, or by its author's own archive.
    told = ~at_posts | links.str.contains("/posts/") | acts["content_id"].isin(view.contents["content_id"])
    expected = pd.DataFrame(
        {
            "kind": acts["kind"],
            "actor_id": acts["actor_id"].map(ids),
            "target_id": acts["target_id"].map(ids).where(told, ""),
            "at": acts["at"],
        }
    )
    assert expected["kind"].nunique() == 5
    assert 0 < (~told).sum() < at_posts.sum()
    back = read.table("interactions")
    back = back[back["kind"] != "follow"].fillna(
        {"target_id": ""}
    )  # companies, of which the world knows none
    same_rows(expected, back)


def test_read__contents__posts_of_the_team_and_those_that_links_tell(
    found: tuple[Network, pd.Series, pd.DataFrame], view: View
) -> None:
    read, ids, people = found
    acts = view.interactions[view.interactions["kind"].isin(["like", "comment", "share"])]
    links = post_links(acts["activity"], acts["target_id"].map(people["profile"]))
    # Of a post that no table holds, a link may tell the author; it is no younger than the first reaction.
    others = acts[links.str.contains("/posts/") & ~acts["content_id"].isin(view.contents["content_id"])]
    others = others.groupby("activity", as_index=False).agg(
        author_id=("target_id", "first"), at=("at", "min")
    )
    posts = pd.concat([view.contents[["author_id", "at"]], others[["author_id", "at"]]], ignore_index=True)
    assert len(view.contents)
    same_rows(posts.assign(author_id=posts["author_id"].map(ids)), read.table("contents"))


def test_read__people__the_team_marked_and_everybody_named(
    found: tuple[Network, pd.Series, pd.DataFrame], view: View
) -> None:
    read, ids, people = found
    contacts = read.table("contacts")
    ours = contacts.loc[contacts["is_own_team"].fillna(False), "contact_id"]
    assert sorted(ours) == sorted(ids[list(view.owners)])
    names = (people["first_name"] + " " + people["last_name"]).set_axis(ids.to_numpy())
    assert read.names.equals(names.reindex(read.names.index).astype("str"))
    assert set(contacts["contact_id"]) <= set(ids)
    facts = contacts.drop(columns=["contact_id", "is_own_team", "source"])
    assert facts.isna().all(axis=None), "what archives tell of acceptors only must not become a feature"


def test_read__decoys__no_message_of_theirs(
    found: tuple[Network, pd.Series, pd.DataFrame], view: View
) -> None:
    read, _, _ = found
    assert (read.table("interactions")["kind"] == "message").sum() == (
        view.interactions["kind"] == "message"
    ).sum()
