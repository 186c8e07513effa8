"""What people are called outside the records: profiles and addresses, and the readable ids made of them."""

from __future__ import annotations

import re
import unicodedata
import urllib.parse
from collections.abc import Mapping

from influence.data.network import Network
from influence.data.pseudonyms import pseudonym

_PREFIX = re.compile("^(profile|email):")
ALIAS_KINDS = {"profile": "profile", "email": "email"}
"""Kind of identity that is one person's alone -> prefix of the readable id that it gives."""


def canonical_slug(slug: str) -> str:
    """A profile's slug in the form that ids, matches and lists are compared by: decoded, lower, NFC."""
    return unicodedata.normalize("NFC", urllib.parse.unquote(slug)).strip().lower()


def slug_of(address: str) -> str:
    """The slug of a profile's address: what follows `/in/`; the text itself where it is no address."""
    path = re.split(r"[?#]", address.strip())[0]
    found = re.search(r"(?:^|/)in/([^/]+)", path)
    return urllib.parse.unquote(found.group(1)) if found else address.strip()


def word_of(asked: str) -> str:
    """A slug or an address as it is compared: without prefix, lower case."""
    return canonical_slug(slug_of(_PREFIX.sub("", asked.strip())))


def readable_id(word: str) -> str:
    """The id that a slug or an e-mail address gives before it becomes a pseudonym."""
    return f"email:{word.lower()}" if "@" in word else f"profile:{word.lower()}"


def aliases(network: Network, key: bytes) -> dict[str, str]:
    """Pseudonyms of every profile and address -> contact id: only who has the key can look somebody up."""
    told = network.table("identities")
    told = told[told["kind"].isin(list(ALIAS_KINDS))]
    keyed = [pseudonym(key, readable_id(word_of(value))) for value in told["value"]]
    return dict(zip(keyed, told["contact_id"], strict=True))


def ids_of(entry: str, network: Network, known_as: Mapping[str, str], key: bytes | None) -> set[str]:
    """The ids of contacts and companies on record that an id, a profile or an e-mail address means.

    Parameters
    ----------
    known_as : as `aliases` gives, kept where the identities are not
    key : of the pseudonyms; None where there is none
    """
    readable = readable_id(word_of(entry))
    keyed = set() if key is None else {pseudonym(key, one) for one in (entry, readable)}
    told = network.table("identities")
    is_it = told["kind"].isin(list(ALIAS_KINDS)) & (told["value"].map(word_of) == word_of(entry))
    found = {entry, readable, *keyed, *(known_as[one] for one in keyed if one in known_as)}
    found |= set(told.loc[is_it, "contact_id"])
    return {one for one in found if one in network.contact_ids or one in network.company_ids}
