"""What each file of an archive tells: who, whom and when."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote

import pandas as pd

from influence.readers.linkedin.people import People, folded, full_names, plain_names, profiles

ACT_COLUMNS = ("actor_id", "target_id", "kind", "topic", "post", "author_id", "what", "at", "latest")
"""Who did what to whom, at which post by whom, what tells it from other acts, and when (see `Moments`)."""
DRAFT_COLUMNS = ("IS MESSAGE DRAFT", "IS CONVERSATION DRAFT")
YES = ("YES", "TRUE", "1")
_POST = re.compile(r"(activity|share|ugcPost)[-:](\d+)")
_AUTHOR = re.compile(r"/posts/([^/?#_]+)_")


def connections(rows: pd.DataFrame, people: People) -> pd.DataFrame:
    """Everybody connected: contact_id, name, email, employer, at, latest; no id where nothing tells who."""
    email = rows["Email Address"].str.strip().str.lower()
    email = email.mask(email == "")
    name = full_names(rows)
    ids = profiles(rows["URL"]).fillna("email:" + email).fillna(people.ids(rows["URL"], name.fillna("")))
    told = {"contact_id": ids, "name": name, "email": email, "employer": _filled(rows["Company"])}
    return rows[["at", "latest"]].assign(**told)


def invitations(rows: pd.DataFrame, people: People) -> pd.DataFrame:
    """Each invitation: sender_id, recipient_id, is_outgoing, has_note, is_matchable, sent_at, and the names.

    Who has no address cannot be matched to a connection safely.
    """
    outgoing = rows["Direction"].str.strip().str.upper() == "OUTGOING"
    address = rows["inviteeProfileUrl"].where(outgoing, rows["inviterProfileUrl"])
    name = rows["To"].where(outgoing, rows["From"])
    other, own = people.ids(address, name), people.owner.contact_id
    return pd.DataFrame(
        {
            "sender_id": other.mask(outgoing, own),
            "recipient_id": other.where(outgoing, own),
            "contact_id": other,
            "name": plain_names(name),
            "is_outgoing": outgoing,
            "has_note": rows["Message"].astype(bool),
            "is_matchable": profiles(address).notna(),
            "sent_at": rows["at"],
        }
    )


def is_draft(rows: pd.DataFrame) -> pd.Series:
    """Messages that were never sent."""
    marked = [rows[column].str.strip().str.upper().isin(YES) for column in DRAFT_COLUMNS]
    return marked[0] | marked[1] | rows["FOLDER"].str.contains("DRAFT", case=False)


def messages(rows: pd.DataFrame, people: People) -> pd.DataFrame:
    """An act `message` for each recipient."""
    addresses = rows["RECIPIENT PROFILE URLS"].str.split(",")
    # Names are listed alike, but may hold commas: they count only where there are no addresses.
    named = rows["TO"].str.split(",").where(profiles(rows["RECIPIENT PROFILE URLS"]).isna())
    sent = rows[["at", "latest"]].assign(
        actor_id=people.ids(rows["SENDER PROFILE URL"], rows["FROM"]),
        address=addresses.where(named.isna()),
        name=named,
    )
    each = sent.explode("address").explode("name", ignore_index=True)
    target = people.ids(each["address"].fillna(""), each["name"].fillna(""))
    return acts_of(each.assign(target_id=target, kind="message"))


def reactions(rows: pd.DataFrame, people: People, kind: str) -> pd.DataFrame:
    """An act `like` or `comment` at a post, by the owner."""
    post, author = posts(rows["Link"])
    return acts_of(
        rows[["at", "latest"]].assign(
            actor_id=people.owner.contact_id,
            kind=kind,
            post=post,
            author_id=author,
            what=post.fillna(rows["Link"].str.strip()),
        )
    )


def reshares(rows: pd.DataFrame, people: People) -> pd.DataFrame:
    """An act `share` for each share of another post, by the owner."""
    return reactions(rows[is_reshare(rows)].rename(columns={"SharedUrl": "Link"}), people, "share")


def is_reshare(rows: pd.DataFrame) -> pd.Series:
    """Shares of other posts, rather than posts of one's own."""
    return posts(rows["SharedUrl"])[0].notna()


def own_posts(rows: pd.DataFrame, people: People) -> pd.DataFrame:
    """Posts of the owner: post, author_id, at."""
    own = people.owner.contact_id
    stamp = rows["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    post = posts(rows["ShareLink"])[0].fillna(own + "/post@" + stamp)
    return pd.DataFrame({"post": post, "author_id": own, "at": rows["at"]})[~is_reshare(rows)]


def posts(links: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The number of the post that a link leads to, and the id of its author; NA where it does not tell."""
    read = {link: _post(link) for link in links.unique()}
    post, author = ({link: told[place] for link, told in read.items()} for place in (0, 1))
    return links.map(post).astype("str"), links.map(author).astype("str")


def _post(link: str) -> tuple[str | None, str | None]:
    plain = unicodedata.normalize("NFC", unquote(link))
    post, author = _POST.search(plain), _AUTHOR.search(plain)
    if post is None or "linkedin.com/" not in plain:
        return None, None
    return f"{post[1]}:{post[2]}", f"profile:{author[1].lower()}" if author else None


def follows(rows: pd.DataFrame, people: People) -> pd.DataFrame:
    """An act `follow` for each organisation; nobody is its target."""
    what = rows["Organization"].map(folded)
    return acts_of(rows[["at", "latest"]].assign(actor_id=people.owner.contact_id, kind="follow", what=what))


def endorsements(rows: pd.DataFrame, people: People, other: str) -> pd.DataFrame:
    """An act `endorse` for each skill, on the topic of the skill; `other` is Endorsee or Endorser."""
    who = people.ids(rows[f"{other} Public Url"], full_names(rows, f"{other} ").fillna(""))
    skill = _filled(rows["Skill Name"])
    return _between(rows, people, who, given=other == "Endorsee").assign(
        kind="endorse", topic=skill, what=skill.fillna("")
    )


def recommendations(rows: pd.DataFrame, people: People, given: bool) -> pd.DataFrame:
    """An act `recommend` each; the other person is known by name alone."""
    nowhere = pd.Series("", index=rows.index, dtype="str")
    who = people.ids(nowhere, full_names(rows).fillna(""))
    return _between(rows, people, who, given).assign(kind="recommend")


def _between(rows: pd.DataFrame, people: People, other: pd.Series, given: bool) -> pd.DataFrame:
    own = pd.Series(people.owner.contact_id, index=rows.index, dtype="str")
    actor, target = (own, other) if given else (other, own)
    return acts_of(rows[["at", "latest"]].assign(actor_id=actor, target_id=target))


def acts_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with all `ACT_COLUMNS`, NA where they tell nothing."""
    acts = rows.reindex(columns=list(ACT_COLUMNS))
    texts = list(ACT_COLUMNS[:-2])
    acts[texts] = acts[texts].astype("str")
    return acts.fillna({"what": ""})


def named_people(files: Mapping[str, pd.DataFrame], owner_id: str) -> pd.DataFrame:
    """All names that stand beside an address, and the address's id: contact_id, name."""
    pairs = []
    if "connections" in files:
        rows = files["connections"]
        pairs.append((profiles(rows["URL"]), full_names(rows)))
    if "invitations" in files:
        rows = files["invitations"]
        for address, name in (("inviterProfileUrl", "From"), ("inviteeProfileUrl", "To")):
            pairs.append((profiles(rows[address]), plain_names(rows[name])))
    if "messages" in files:
        rows = files["messages"]
        pairs.append((profiles(rows["SENDER PROFILE URL"]), plain_names(rows["FROM"])))
    for file, other in (("endorsement_given_info", "Endorsee"), ("endorsement_received_info", "Endorser")):
        if file in files:
            rows = files[file]
            pairs.append((profiles(rows[f"{other} Public Url"]), full_names(rows, f"{other} ")))
    told = [pd.DataFrame({"contact_id": ids, "name": names}) for ids, names in pairs]
    everybody = pd.concat([pd.DataFrame({"contact_id": [owner_id], "name": [pd.NA]}), *told])
    return everybody.dropna().astype("str").drop_duplicates(ignore_index=True)


def named_only(files: Mapping[str, pd.DataFrame], people: People) -> pd.DataFrame:
    """Names of those who wrote or recommended and are known by name alone: contact_id, name."""
    names = [full_names(rows) for name, rows in files.items() if name.startswith("recommendations")]
    if "messages" in files:
        names.append(plain_names(files["messages"]["FROM"]))
    told = pd.concat([pd.Series(dtype="str"), *names], ignore_index=True).dropna().drop_duplicates()
    ids = people.ids(pd.Series("", index=told.index, dtype="str"), told)
    return pd.DataFrame({"contact_id": ids, "name": told})[ids.str.startswith("linkedin:").astype(bool)]


def _filled(cells: pd.Series) -> pd.Series:
    text = cells.str.strip()
    return text.mask(text == "")
