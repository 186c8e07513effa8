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

FOLLOWS = """node_1,node_2
0,12
12,0
3,3
5,3
12,5
"""

FOLLOWERS = """id,target
12,9
0,0
3,10
5,9
7,17
"""

ACQUISITIONS = """src,dst,date,src_iso3,dst_iso3,src_city,dst_city,src_categories,dst_categories,\
price_amount,price_currency_code
acme,bolt,2012-03-01,USA,DEU,Reno,Ulm,Tools|Steel,Screws,1000,USD
acme,bolt,2012-03-01,USA,DEU,Reno,Ulm,Tools|Steel,Screws,,USD
acme,bolt,2013-05-02,USA,AUT,Reno,Ulm,Tools|Steel,Screws,,USD
acme,acme,2012-04-01,USA,USA,Reno,Reno,Tools|Steel,Tools|Steel,,
cogs,acme,2014-01-01,NAM,USA,,Reno,Wheels,Tools,,EUR
dyne,cogs,2014-01-01,XYZ,NAM,Oz,,,Wheels,,
"""

TRANSFER_COLUMNS = (
    "club_name,age,position,club_involved_name,fee,transfer_movement,transfer_period,fee_cleaned,league_name,"
    "year,season,country,league"
)
_ENGLISH, _GERMAN = "Premier,{0},{0}/,England,premier", "Bundesliga,{0},{0}/,Germany,bundesliga"
_BOTH_LIST = "".join(
    f"Man City FC,{age},Winger,HSV,€{age}m,in,Summer,{age},{_ENGLISH.format(2000)}\n"
    f"Hamburger SV,{age},Winger,City,€{age}m,out,Summer,{age},{_GERMAN.format(2000)}\n"
    for age in range(20, 25)
)
TRANSFERS = f"""{TRANSFER_COLUMNS}
{_BOTH_LIST}\
Man City FC,19,Winger,City U18,-,in,Winter,0,{_ENGLISH.format(2000)}
Man City FC,30,Keeper,Zagreb,€2m,in,Winter,2,{_ENGLISH.format(2000)}
Man City FC,30,Keeper,Zagreb,€2m,in,Winter,2,{_ENGLISH.format(2000)}
Hamburger SV,33,Keeper,Retired,-,out,Summer,0,{_GERMAN.format(2001)}
Hamburger SV,22,Back,HSV II,-,in,Summer,0,{_GERMAN.format(2001)}
Hamburger SV,22,Back,Kiel,End of loanJun 30,out,Summer,0,{_GERMAN.format(2001)}
Hamburger SV,23,Back,City,loan transfer,out,Summer,0,{_GERMAN.format(2001)}
"""

COLLABORATIONS = """weight,source,destination,year,quarter
101,NA,DE,2023,4
873,EU,US,2023,4
204,DE,NA,2024,1
150,NA,DE,2024,1
500,DE,DE,2024,1
"""

FRIENDS = """from,to
0,7
7,0
12,7
0,0
"""

STREAMERS = """id,days,mature,views,partner,new_id
901,365,True,1000,False,0
902,20,False,5,False,7
903,700,True,90000,True,12
903,700,True,90001,True,12
"""

AIRPORTS = r"""1,"One, North","Town","Germany","AAA",\N,1.5,2.5,10,1,"U",\N,"airport","x"
2,"Two",\N,"Nowhere","BBB","CCCC",3.5,4.5,20,1,"U","Zone/City","airport","x"
3,"Three","Village","France",\N,\N,5.5,6.5,30,1,"U",\N,"airport","x"
"""

ROUTES = r"""XA,10,AAA,1,BBB,2,,0,320
XB,11,AAA,1,BBB,2,Y,0,737
XB,11,AAA,1,BBB,2,Y,0,320
XB,11,BBB,2,AAA,1,,0,737
XA,10,AAA,1,ZZZ,\N,,0,737
XA,10,AAA,1,AAA,1,,0,737
"""

SENT = """From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl
Ann Lee,Bo Ek,"5/12/21, 3:14 PM",,OUTGOING,https://www.linkedin.com/in/ann-lee,https://www.linkedin.com/in/bo-ek
Ann Lee,Cy Da,"4/02/21, 9:05 AM",Hi,OUTGOING,https://www.linkedin.com/in/ann-lee,https://www.linkedin.com/in/cy-da
Di Fox,Ann Lee,"6/30/21, 8:00 AM",,INCOMING,https://www.linkedin.com/in/di-fox,https://www.linkedin.com/in/ann-lee
"""

CONNECTED = """First Name,Last Name,URL,Email Address,Company,Position,Connected On
Bo,Ek,https://www.linkedin.com/in/bo-ek,,Acme,CTO,14 May 2021
Eve,Ott,https://www.linkedin.com/in/eve-ott,,Cogs,Buyer,02 Jan 2020
"""

SOURCES: dict[str, dict[str, str]] = {
    "linkedin": {"Invitations.csv": SENT, "Connections.csv": CONNECTED},
    "messages": {"messages.csv": MESSAGES},
    "ratings": {"ratings.csv": RATINGS},
    "votes": {"votes.csv": VOTES},
    "retweets": {"edges.csv": RETWEETS},
    "airbnb": {"contacts.csv": CONTACTS, "searches.csv": SEARCHES},
    "surveys": {"nodes.csv": SURVEY_PEOPLE, "edges.csv": SURVEY_EDGES},
    "villages": {"households.csv": HOUSEHOLDS, "edges.csv": HOUSEHOLD_TIES},
    "cascades": {"events.csv": EVENTS, "edges.csv": EDGES},
    "lastfm": {"edges.csv": FOLLOWS, "countries.csv": FOLLOWERS},
    "crunchbase": {"deals.csv": ACQUISITIONS},
    "transfers": {"transfers.csv": TRANSFERS},
    "collaborations": {"collaborators.csv": COLLABORATIONS},
    "twitch": {"edges.csv": FRIENDS, "target.csv": STREAMERS},
    "openflights": {"airports.dat": AIRPORTS, "routes.dat": ROUTES},
    "tables": {"invitations.csv": INVITATIONS, "contacts.csv": PEOPLE},
}
"""Reader -> its files."""

WITHOUT_HEADER = ("votes", "openflights")


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
