"""Profiles, addresses, names and companies in the one form in which they are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from influence.data.identities import canonical_slug


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHARED_INBOXES = _words(
    """
    abuse accounting accounts admin administrator anfrage billing bookings buchhaltung careers commercial
    compta contact contacto contato direction einkauf enquiries events export feedback finance hallo hello
    help helpdesk hi hr info information inquiries invoice it jobs kontakt kundenservice mail mailbox
    marketing media news newsletter noreply office orders personal postmaster praxis presse press
    procurement purchasing reception recruiting rechnung sales secretariat sekretariat service services shop
    support team verkauf vertrieb ventas webmaster welcome zentrale
    """
)
"""Before the @ of an address that several people read."""

FREE_MAIL = _words(
    """
    126 163 aim aol free freenet fastmail gmail gmx googlemail hey hotmail icloud laposte libero live mac
    mail me msn naver orange outlook pm posteo proton protonmail qq rediffmail seznam sfr t-online tutanota
    wanadoo web wp yahoo yandex ymail zoho
    """
)
"""Hosts of addresses that tell no employer, without their ending."""

LEGAL_FORMS = _words(
    """
    ab ag aps as asa bv co company corp corporation doo eirl ek ev gbr gmbh inc incorporated kft kg kgaa kk
    lda limited llc llp lp ltd ltda mbh nv ohg oo oy oyj plc pbc pte pty pvt sa sarl sas sasu sau se sl slu
    snc spa spzoo srl sro srls tbk ug ulc zrt
    """
)
NO_COMPANY = frozenset(
    (
        *(
            "self employed",
            "selfemployed",
            "freelance",
            "freelancer",
            "independent",
            "independent consultant",
        ),
        *("none", "n a", "na", "unknown", "unemployed", "retired", "student", "stealth", "stealth startup"),
    )
)
"""What people write where they have no employer, or will not tell."""

TITLES = _words(
    """
    ba bsc cfa cpa dipl dr drs eng frau herr hr ing ir jd llm ma madame mag mba md me miss mme mr mrs ms msc
    mx pe phd pmp pr prof professor sir
    """
)

LONGEST_NAME = 500
"""Letters; what follows is no name, and looking through a megabyte of brackets would take hours."""
_MEMBER_ID = re.compile(r"_(?=\w*\d)\w+$")
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NO_LETTER = re.compile(r"[^\w]|_", re.UNICODE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gov", "net", "or", "org"))
_UMLAUTS = re.compile(r"(?<=[aou])e(?!e)")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ı": "i"})


def profile(text: str) -> str:
    """The slug of a profile's address: lower case, percent-decoded, what follows `/in/`; "" for none.

    >>> profile("https://www.linkedin.com/in/Ren%C3%A9-K/?trk=x")
    'rené-k'
    """
    path = canonical_slug(text).split("?")[0].split("#")[0].rstrip("/")
    return path.split("/in/", 1)[1].split("/")[0] if "/in/" in path else path


def address(text: str) -> str:
    """An e-mail address in lower case; "" where it is none.

    >>> address(" Ann@Acme.COM ")
    'ann@acme.com'
    """
    plain = text.strip().lower().removeprefix("mailto:")
    return plain if _ADDRESS.fullmatch(plain) else ""


def is_shared_inbox(plain: str) -> bool:
    """Whether an address is a role's, such as `info@` or `sales-emea@`, and no person's."""
    words = re.split(r"[.\-_+]", plain.split("@")[0])
    return words[0] in SHARED_INBOXES or "".join(words[:2]) in SHARED_INBOXES


def unaccented(text: str) -> str:
    """Unicode NFKD, case folded, without accents; ø, ł and their like as the plain letter.

    >>> unaccented("Jürgen Łukasz")
    'jurgen lukasz'
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_LETTERS)


@lru_cache(maxsize=1 << 16)
def name(text: str) -> tuple[str, ...]:
    """The words of a name, sorted; titles, brackets and `_<memberid>` dropped, ae, oe, ue as umlauts.

    >>> name("Dr. Müller, Anna-Maria (she/her)_a12b"), name("Anna Maria MUELLER")
    (('anna', 'maria', 'muller'), ('anna', 'maria', 'muller'))
    """
    plain = unaccented(_IN_BRACKETS.sub(" ", _MEMBER_ID.sub("", text.strip()[:LONGEST_NAME])))
    words = _NO_LETTER.sub(" ", plain.replace("'", "").replace("’", "")).split()
    kept = [_UMLAUTS.sub("", word) for word in words if word not in TITLES and not word.isdigit()]
    return tuple(sorted(kept))


@lru_cache(maxsize=1 << 16)
def company(text: str) -> str:
    """A company's name without spaces, accents and legal form; "" where it names none.

    >>> company("The Müller & Söhne GmbH & Co. KG"), company("S.A. Café Noir"), company("Acme, Inc.")
    ('mullersohne', 'cafenoir', 'acme')
    """
    plain = unaccented(text).replace(".", "").replace("'", "")
    words = _NO_LETTER.sub(" ", plain).split()
    if " ".join(words) in NO_COMPANY:
        return ""
    start = 1 if len(words) > 1 and (words[0] == "the" or words[0] in LEGAL_FORMS) else 0
    end = len(words)
    while end - start > 1 and (words[end - 1] in LEGAL_FORMS or words[end - 1] in ("und", "z", "sp", "and")):
        end -= 1
    return "".join(_UMLAUTS.sub("", word) for word in words[start:end])


def domain(text: str) -> str:
    """A host name of a company, lower case and without `www.`; "" where it is none, or a free mailer's.

    >>> domain("https://www.Acme.co.uk/about"), domain("gmail.com"), domain("acme")
    ('acme.co.uk', '', '')
    """
    host = text.strip().lower().split("://")[-1].split("/")[0].split(":")[0].removeprefix("www.")
    return host if _DOMAIN.fullmatch(host) and label(host) not in FREE_MAIL else ""


def label(host: str) -> str:
    """The part of a host name that names its owner.

    >>> label("mail.acme-robotics.co.uk")
    'acme-robotics'
    """
    parts = host.split(".")
    is_two = len(parts) > 2 and parts[-2] in _SECOND_LEVEL and len(parts[-1]) == 2
    return parts[-3] if is_two else parts[-2]


def company_of_host(host: str) -> str:
    """The company that a host name tells of, in the form of `company`; "" for a free mailer.

    >>> company_of_host("acme-robotics.de"), company_of_host("gmx.net")
    ('acmerobotics', '')
    """
    return company(label(host).replace("-", " ")) if domain(host) else ""
