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


class Directory:
    """Whom entries of a list mean; the identities on record are gone through once, however long the list.

    Parameters
    ----------
    known_as : as `aliases` gives, kept where the identities are not
    key : of the pseudonyms; None where there is none
    """

    def __init__(self, network: Network, known_as: Mapping[str, str], key: bytes | None) -> None:
        self.network, self.known_as, self.key = network, known_as, key
        told = network.table("identities")
        told = told[told["kind"].isin(list(ALIAS_KINDS))]
        self._called: dict[str, set[str]] = {}
        for value, contact_id in zip(told["value"], told["contact_id"], strict=True):
            self._called.setdefault(word_of(value), set()).add(contact_id)

    def ids_of(self, entry: str) -> set[str]:
        """The ids of contacts and companies on record that an id, a profile or an e-mail address means."""
        word = word_of(entry)
        readable = readable_id(word)
        keyed = set() if self.key is None else {pseudonym(self.key, one) for one in (entry, readable)}
        found = {entry, readable, *keyed, *(self.known_as[one] for one in keyed if one in self.known_as)}
        found |= self._called.get(word, set())
        return {one for one in found if one in self.network.contact_ids or one in self.network.company_ids}
