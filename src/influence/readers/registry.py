"""The readers by name; a new one is a file beside this and a line here."""

from __future__ import annotations

from influence.readers.airbnb import AIRBNB
from influence.readers.cascades import CASCADES
from influence.readers.collaborations import COLLABORATIONS
from influence.readers.crm.address_book import ADDRESS_BOOK
from influence.readers.crm.campaign_log import CAMPAIGN_LOG
from influence.readers.crm.hubspot import HUBSPOT
from influence.readers.crm.sales_navigator import SALES_NAVIGATOR
from influence.readers.crm.salesforce import SALESFORCE
from influence.readers.crunchbase import CRUNCHBASE
from influence.readers.databases import DATABASE
from influence.readers.graphs import EDGE_LIST, GRAPH_FILE
from influence.readers.lastfm import LASTFM
from influence.readers.linkedin import LINKEDIN
from influence.readers.mapping import MAPPED
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
        DATABASE,
        HUBSPOT,
        SALESFORCE,
        CAMPAIGN_LOG,
        SALES_NAVIGATOR,
        ADDRESS_BOOK,
        MAPPED,
        TABLE_FOLDER,
        GRAPH_FILE,
        EDGE_LIST,
    )
}
"""In the order in which they are asked whether they recognise a folder or a file."""
