"""What reading small exports takes once everything is warm: `python -m benchmarks.exports [--rows N]`.

Seconds of the processor of one `read`, the least of several in turns, and what the network is: the same
records must give the same fingerprint before a change and after it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from influence.readers import ReadingConfig, read

GIVEN = ("Ann", "Bo", "Cécile", "Dörte", "Éva", "Frank", "Gül", "Hannah", "Ines", "Jörg", "Łucja", "Zoë")
SYLLABLES = [
    "an",
    "ber",
    "der",
    "kow",
    "la",
    "lind",
    "mar",
    "ner",
    "quist",
    "ro",
    "ski",
    "sson",
    "ti",
    "wald",
]
TITLES = ("CEO", "Head of Sales", "Buyer", "Software Engineer", "VP Marketing", "Leiterin Einkauf", "")
COUNTRIES = ("Germany", "France", "Poland", "DE", "United States", "")
OWNERS = ("Jo Fox (jo@us.example)", "Max Roe (max@us.example)", "Ida Lund (ida@us.example)")
STAGES = ("Closed Won", "Closed Lost", "Negotiation", "Prospecting")
FIRM_SHARE, DEAL_SHARE = 0.4, 0.3
"""Firms and deals for each contact."""


def hubspot(n: int, rng: np.random.Generator) -> dict[str, list[str]]:
    """Contacts, companies and deals as HubSpot exports them."""
    firms, deals = _counts(n)
    people = [
        f"{101 + row},{given},{family},{_slug(given, family)}{row}@firm{row % firms}.example,"
        f"{rng.choice(TITLES)},CONNECTED,2024-0{1 + row % 9}-15 1{row % 10}:30,{rng.choice(COUNTRIES)},"
        f"{rng.choice(OWNERS)},{900_001 + row % firms}"
        for row, (given, family) in enumerate(_names(n, rng))
    ]
    companies = [
        f'{900_001 + row},"{family} & Co, Inc.",https://www.firm{row}.example/about,{rng.choice(OWNERS)},'
        "2023-12-01 09:00"
        for row, (_, family) in enumerate(_names(firms, rng))
    ]
    sales = [
        f'{700_001 + row},Deal {row},{rng.choice(STAGES)},"{1 + row % 90},{row % 1000:03d}.50",'
        f"{rng.choice(OWNERS)},{900_001 + row % firms},{101 + row % n};{101 + (7 * row) % n},"
        f"2024-02-15 10:00,2024-0{3 + row % 6}-01 09:00"
        for row in range(deals)
    ]
    return {
        "people.csv": [
            "Record ID,First Name,Last Name,Email,Job Title,Lead Status,Create Date,Country/Region,"
            "Contact owner,Associated Company IDs",
            *people,
        ],
        "firms.csv": ["Record ID,Company name,Website URL,Company owner,Create Date", *companies],
        "sales.csv": [
            "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Associated Company IDs,Associated Contact IDs,"
            "Create Date,Close Date",
            *sales,
        ],
    }


def salesforce(n: int, rng: np.random.Generator) -> dict[str, list[str]]:
    """Contacts, accounts, opportunities and tasks as Salesforce exports them."""
    firms, deals = _counts(n)
    people = [
        f"{_id('003', row)},{_id('001', row % firms)},{given},{family},{_slug(given, family)}{row}@a.example,"
        f"{rng.choice(TITLES)},{rng.choice(COUNTRIES)},2024-0{1 + row % 9}-15T08:00:00.000Z,"
        f"{_id('005', row % 3)}"
        for row, (given, family) in enumerate(_names(n, rng))
    ]
    accounts = [
        f"{_id('001', row)},{family} Group,https://firm{row}.example,{rng.choice(COUNTRIES)},{10 + row},"
        f"2023-12-01T08:00:00.000Z,{_id('005', row % 3)}"
        for row, (_, family) in enumerate(_names(firms, rng))
    ]
    opportunities = [
        f"{_id('006', row)},{_id('001', row % firms)},Deal {row},{rng.choice(STAGES)},{1000 + row},"
        f"2024-0{3 + row % 6}-01,2024-02-01T08:00:00.000Z,true,{'true' if row % 3 else 'false'},"
        f"{_id('005', row % 3)}"
        for row in range(deals)
    ]
    tasks = [
        f"{_id('00T', row)},{_id('003', row % n)},{_id('005', row % 3)},Completed,{kind},,Outbound,true,"
        f"2024-0{1 + row % 9}-20T09:{row % 60:02d}:00.000Z,2024-01-01,2024-01-01T08:00:00.000Z"
        for row, kind in enumerate(rng.choice(["Call", "Email", "Other"], n))
    ]
    return {
        "Contact.csv": [
            "Id,AccountId,FirstName,LastName,Email,Title,MailingCountry,CreatedDate,OwnerId",
            *people,
        ],
        "Account.csv": [
            "Id,Name,Website,BillingCountry,NumberOfEmployees,CreatedDate,OwnerId",
            *accounts,
        ],
        "Opportunity.csv": [
            "Id,AccountId,Name,StageName,Amount,CloseDate,CreatedDate,IsClosed,IsWon,OwnerId",
            *opportunities,
        ],
        "Task.csv": [
            "Id,WhoId,OwnerId,Status,TaskSubtype,Type,CallType,IsClosed,CompletedDateTime,ActivityDate,"
            "CreatedDate",
            *tasks,
        ],
    }


EXPORTS = {"hubspot": hubspot, "salesforce": salesforce}


def _counts(n: int) -> tuple[int, int]:
    return max(1, int(FIRM_SHARE * n)), max(1, int(DEAL_SHARE * n))


def _names(n: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    parts = rng.choice(SYLLABLES, (n, 3))
    return [
        (given, "".join(syllables).capitalize())
        for given, syllables in zip(rng.choice(GIVEN, n), parts, strict=True)
    ]


def _slug(given: str, family: str) -> str:
    return f"{given}.{family}".casefold().encode("ascii", "ignore").decode()


def _id(prefix: str, row: int) -> str:
    """Fifteen characters, as reports have them."""
    return f"{prefix}{row:012d}"


def write(folder: Path, files: Mapping[str, list[str]]) -> Path:
    """The files in a new folder."""
    folder.mkdir()
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def main(n_rows: int, repeats: int) -> None:
    """Print what reading an export of so many contacts takes, and its fingerprint."""
    with tempfile.TemporaryDirectory() as root:
        key_file = Path(root) / "key"
        key_file.write_text("0" * 64)
        config = ReadingConfig(key_file=key_file)
        for name, made in EXPORTS.items():
            place = write(Path(root) / name, made(n_rows, np.random.default_rng(0)))
            network, costs = read(place, config=config), list[float]()
            for _ in range(repeats):
                began = time.process_time()
                read(place, config=config)
                costs.append(time.process_time() - began)
            print(
                f"{name}, {n_rows:,} contacts: {1_000 * min(costs):,.0f} ms of the processor, "
                f"{network!r}, {network.fingerprint[:16]}"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=10)
    asked = parser.parse_args()
    main(asked.rows, asked.repeats)
