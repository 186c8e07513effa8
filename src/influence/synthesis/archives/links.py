"""Addresses of posts as archives link to them."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
import pandas as pd

from influence.synthesis.sampling import Ints

NAMED_SHARE = 0.5
"""Share of the links that tell the author in their address."""
_NUMBER_BITS = 22
_UNRECORDED = 2**21
"""Added to the number of a post that no table holds."""


def activity_ids(at: pd.Series, number: Ints, is_recorded: np.ndarray) -> pd.Series:
    """The number of each post: milliseconds since 1970, then the post's own number, as at LinkedIn."""
    milliseconds = at.dt.as_unit("ms").astype(np.int64).to_numpy()
    own = number % _UNRECORDED + np.where(is_recorded, 0, _UNRECORDED)
    return pd.Series((milliseconds << _NUMBER_BITS) + own, index=at.index).astype("str")


def post_links(activity: pd.Series, author: pd.Series) -> pd.Series:
    """Addresses of posts; some tell the profile slug of the author, the others the number alone."""
    bare = "https://www.linkedin.com/feed/update/urn:li:activity:" + activity
    named = "https://www.linkedin.com/posts/" + author.map(quote) + "_note-activity-" + activity + "-AbCd"
    # By the number, so that a post has one address in all archives.
    is_named = activity.str[-3:].astype(np.int64) < 1_000 * NAMED_SHARE
    return named.where(is_named, bare)


def comment_links(post: pd.Series, activity: pd.Series, number: pd.Series) -> pd.Series:
    """Addresses of comments on posts: the post's, with the comment's own."""
    return post + "?commentUrn=urn%3Ali%3Acomment%3A%28activity%3A" + activity + "%2C" + number + "%29"
