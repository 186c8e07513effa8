"""The readers by name; a new one is a file beside this and a line here."""

from __future__ import annotations

from influence.readers.airbnb import AIRBNB
from influence.readers.cascades import CASCADES
from influence.readers.collaborations import COLLABORATIONS
from influence.readers.crunchbase import CRUNCHBASE
from influence.readers.lastfm import LASTFM
from influence.readers.linkedin import LINKEDIN
from influence.readers.messages import MESSAGES
from influence.readers.openflights import OPENFLIGHTS
from influence.readers.ratings import RATINGS
from influence.readers.retweets import RETWEETS
from influence.readers.source import Reader
from influence.readers.surveys import SURVEYS
from influence.readers.tables import TABLE_FOLDER
from influence.readers.transfers import TRANSFERS
from influence.readers.twitch import TWITCH
from influence.readers.villages import VILLAGES
from influence.readers.votes import VOTES

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        LINKEDIN,
        AIRBNB,
        MESSAGES,
        RATINGS,
        RETWEETS,
        VOTES,
        SURVEYS,
        VILLAGES,
        CASCADES,
        LASTFM,
        CRUNCHBASE,
        TRANSFERS,
        COLLABORATIONS,
        TWITCH,
        OPENFLIGHTS,
        TABLE_FOLDER,
    )
}
"""In the order in which they are asked whether they recognise a folder or a file."""
