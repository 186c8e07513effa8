"""The ways in to somebody through others: every path of up to three hops, valued from the records."""

from influence.planning.introductions.answering import Answering, Histories
from influence.planning.introductions.asks import Asks
from influence.planning.introductions.endorsement import Endorsement, HeldOut
from influence.planning.introductions.listing import Guide, Wish

__all__ = ["Answering", "Asks", "Endorsement", "Guide", "HeldOut", "Histories", "Wish"]
