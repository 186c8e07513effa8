"""One person's profile is one id, whichever reader, list or request names it."""

from __future__ import annotations

import pandas as pd
import pytest

from influence.data.identities import readable_id, word_of
from influence.readers.crm.words import slugs
from influence.readers.joining.spelling import profile
from influence.readers.linkedin.people import profiles


@pytest.mark.parametrize("slug", ["ann-lee", "Ren%C3%A9-K", "rene\u0301-k", "jo-stra\u00dfe"])
def test_profile__any_spelling__one_id(slug: str) -> None:
    address = pd.Series([f"https://www.linkedin.com/in/{slug}"], dtype="str")
    found = {
        profiles(address)[0],
        "profile:" + slugs(address)[0],
        "profile:" + profile(address[0]),
        readable_id(word_of(address[0])),
    }
    assert len(found) == 1, found
