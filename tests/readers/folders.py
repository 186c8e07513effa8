"""Small invented sources, one folder each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

MESSAGES = """sender,recipient,time
a,b,1082040961
a,a,1082040962
b,a,1082040961
b,a,1082040970.5
c,a,1082041000
c,a,1082041000
b,d,1082050000
"""

RATINGS = """source,target,rating,time
1,2,4,1289241911.25
2,1,-10,1289241911.25
3,1,10,1289242000
1,4,2,1289243000
4,1,1,1289244000
4,1,3,1289245000
"""

VOTES = """0,1,1
1,0,-1
2,2,1
10,1,0
"""

CONTACTS = """id_guest,id_host,id_listing,ts_contact_at,ts_reply_at,ts_accepted_at,ts_booking_at,n_messages
ann,hal,flat,2014-10-04 16:26:28.0,2014-10-04 16:26:28.0,2014-10-05 10:00:00.0,,13
ann,ida,loft,2014-10-10 12:00:00.0,2014-10-10 15:00:00.0,,,3
bob,hal,flat,2014-10-11 12:00:00.0,,,,1
ida,hal,room,2014-10-12 12:00:00.0,2014-11-20 12:00:00.0,,,2
"""

SEARCHES = """ds,id_user,n_searches,origin_country
2014-10-01,ann,1,IE
2014-10-01,ann,3,GB
2014-10-02,ann,1,GB
2014-10-03,ann,2,IE
2014-10-02,bob,1,NA
2014-10-02,hal,1,A1
2014-10-02,zoe,1,FR
"""

RETWEETS = """set,cascade,parent_user,user,minutes
15,693785810311778304,ROOT,ann,0.0
15,693785810311778304,ann,bob,0.53
15,693785810311778304,ann,bob,0.53
15,693785810311778304,bob,cem,2.5
15,693785810311778304,dan,eva,3
15,693785810311778304,bob,dan,7
15,693785810311778304,zoe,fay,8
16,693785810311778305,ROOT,bob,0.0
16,693785810311778305,bob,ann,1.25
"""

EVENTS = """cascade,order,user,time
0,0,2,5.5
0,1,10,5.5
0,2,7,9.0
0,3,2,11
1,0,2,1
"""

EDGES = """source,target
2,7
10,2
7,7
2,7
"""

INVITATIONS = """invitation_id,sender_id,recipient_id,sent_at,outcome,responded_at
i0,007,7,2024-01-01T08:00:00Z,accepted,2024-01-01T09:00:00Z
i1,7,8,2024-01-02T08:00:00Z,pending,
"""

PEOPLE = """contact_id,country,n_connections
8,,3
7,DE,
007,NA,12
"""

SURVEY_PEOPLE = """node,community,toa,adopted,age,net11,trade,rfampll
1001,1,2.0,1,30,2,baker,0
1002,1,4.0,0,41,,smith,2
1003,1,1.0,1,,2,smith,0
2001,2,3.0,1,25,9,baker,0
"""

SURVEY_EDGES = """source,target,relation,slot,target_in_sample
1001,1002,advice,net11,True
1001,1002,advice,net12,True
1003,1002,advice,net11,True
1003,1003,advice,net12,True
2001,2009,advice,net11,False
1002,1003,friend,net21,True
"""

HOUSEHOLDS = """loan,hh,village,roof,rooms,leader
1,101,1,tile,2,1
0,102,1,thatch,1,0
0,201,2,tile,3,1
"""

HOUSEHOLD_TIES = """source,target
101,102
102,101
201,201
101,999
"""

SOURCES: dict[str, dict[str, str]] = {
    "messages": {"messages.csv": MESSAGES},
    "ratings": {"ratings.csv": RATINGS},
    "votes": {"votes.csv": VOTES},
    "retweets": {"edges.csv": RETWEETS},
    "airbnb": {"contacts.csv": CONTACTS, "searches.csv": SEARCHES},
    "surveys": {"nodes.csv": SURVEY_PEOPLE, "edges.csv": SURVEY_EDGES},
    "villages": {"households.csv": HOUSEHOLDS, "edges.csv": HOUSEHOLD_TIES},
    "cascades": {"events.csv": EVENTS, "edges.csv": EDGES},
    "tables": {"invitations.csv": INVITATIONS, "contacts.csv": PEOPLE},
}
"""Reader -> its files."""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def shuffled(text: str, rng: np.random.Generator, has_header: bool = True) -> str:
    """The lines of a file in another order."""
    lines = text.splitlines()
    head, body = (lines[:1], lines[1:]) if has_header else ([], lines)
    return "\n".join([*head, *rng.permutation(body)]) + "\n"
