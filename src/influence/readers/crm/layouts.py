"""The headers by which exports are recognised, and the columns that are read of each.

Where each list of headers was checked, and when: `docs/crm.md`, "Where the headers come from".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Names = tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """One kind of file of one system.

    Attributes
    ----------
    system : the reader that reads it
    kind : what a row is
    needs : headers that must be there; of each group one
    columns : our name -> the headers that may hold it; the first that is there and filled counts; `X#2` is
        the second column called X
    dates : those of our names that are times
    required : those of our names that every row must fill
    day_first : the order of day and month in dates like 3/4/2026, where the system has only one
    """

    system: str
    kind: str
    needs: tuple[Names, ...]
    columns: Mapping[str, Names]
    dates: Names = ()
    required: Names = ()
    day_first: bool | None = None

    def fits(self, header: Names) -> bool:
        """Whether a file of that header is one; spaces and case do not count."""
        present = {cell.strip().casefold() for cell in header}
        return all(any(name.casefold() in present for name in group) for group in self.needs)


_COMPANY_IDS = ("Associated Company IDs (Primary)", "Associated Company IDs", "Associated Company ID")
_COUNTRY = ("Country/Region Code", "Country/Region", "Country")
_HUBSPOT = (
    Layout(
        "hubspot", "deals",
        needs=(("Record ID", "Record ID - Deal"), ("Deal Name",), ("Deal Stage",)),
        columns={
            "own_id": ("Record ID", "Record ID - Deal"),
            "stage": ("Deal Stage",),
            "amount": ("Amount",),
            "currency": ("Currency",),
            "owner": ("Deal owner",),
            "companies": _COMPANY_IDS,
            "contacts": ("Associated Contact IDs", "Associated Contact ID"),
            "opened_at": ("Create Date",),
            "closed_at": ("Close Date",),
        },
        dates=("opened_at", "closed_at"), required=("own_id",),
    ),
    Layout(
        "hubspot", "contacts",
        needs=(("Record ID", "Record ID - Contact"), ("First Name", "Last Name"), ("Email",)),
        columns={
            "own_id": ("Record ID", "Record ID - Contact"),
            "first_name": ("First Name",),
            "last_name": ("Last Name",),
            "email": ("Email", "Work email"),
            "profile": ("LinkedIn URL", "LinkedIn Profile", "LinkedIn Bio", "LinkedIn"),
            "title": ("Job Title",),
            "country": _COUNTRY,
            "owner": ("Contact owner",),
            "status": ("Lead Status",),
            "companies": _COMPANY_IDS,
            "employer": ("Associated Company", "Company name"),
            "observed_at": ("Create Date",),
        },
        dates=("observed_at",), required=("own_id",),
    ),
    Layout(
        "hubspot", "companies",
        needs=(("Record ID", "Record ID - Company"), ("Company name",),
               ("Website URL", "Company Domain Name", "Company owner")),
        columns={
            "own_id": ("Record ID", "Record ID - Company"),
            "name": ("Company name",),
            "website": ("Company Domain Name", "Website URL"),
            "country": _COUNTRY,
            "city": ("City",),
            "industry": ("Industry",),
            "employees": ("Number of Employees",),
            "revenue": ("Annual Revenue",),
            "founded_year": ("Year Founded",),
            "owner": ("Company owner",),
            "observed_at": ("Create Date",),
        },
        dates=("observed_at",), required=("own_id",),
    ),
)  # fmt: skip
_SALESFORCE = (
    Layout(
        "salesforce", "roles",
        needs=(("OpportunityId", "Opportunity ID"), ("ContactId", "Contact ID"),
               ("Role", "IsPrimary", "Contact Role", "Primary")),
        columns={
            "own_id": ("Id", "Contact Role ID"),
            "deal": ("OpportunityId", "Opportunity ID"),
            "contact": ("ContactId", "Contact ID"),
            "role": ("Role", "Contact Role"),
        },
        required=("deal", "contact"),
    ),
    Layout(
        "salesforce", "users",
        needs=(("Id", "User ID"), ("Username",)),
        columns={
            "own_id": ("Id", "User ID"),
            "first_name": ("FirstName", "First Name"),
            "last_name": ("LastName", "Last Name", "Name", "Full Name"),
            "email": ("Email",),
            "login": ("Username",),
        },
        required=("own_id",),
    ),
    Layout(
        "salesforce", "events",
        needs=(("WhoId",), ("OwnerId",), ("StartDateTime", "ActivityDateTime", "EndDateTime")),
        columns={
            "own_id": ("Id",),
            "contact": ("WhoId",),
            "owner": ("OwnerId",),
            "at": ("EndDateTime", "StartDateTime", "ActivityDateTime"),
            "created_at": ("CreatedDate",),
        },
        dates=("at", "created_at"), required=("own_id",),
    ),
    Layout(
        "salesforce", "tasks",
        needs=(("WhoId",), ("OwnerId",), ("Status", "IsClosed"), ("TaskSubtype", "Type")),
        columns={
            "own_id": ("Id",),
            "contact": ("WhoId",),
            "owner": ("OwnerId",),
            "subtype": ("TaskSubtype",),
            "type": ("Type",),
            "call": ("CallType",),
            "closed": ("IsClosed",),
            "status": ("Status",),
            "completed_at": ("CompletedDateTime",),
            "due_at": ("ActivityDate",),
            "created_at": ("CreatedDate",),
        },
        dates=("completed_at", "due_at", "created_at"), required=("own_id",),
    ),
    Layout(
        "salesforce", "deals",
        needs=(("Id", "Opportunity ID"), ("StageName", "Stage"), ("CloseDate", "Close Date")),
        columns={
            "own_id": ("Id", "Opportunity ID"),
            "companies": ("AccountId", "Account ID"),
            "account_name": ("Account Name",),
            "stage": ("StageName", "Stage"),
            "amount": ("Amount",),
            "currency": ("CurrencyIsoCode", "Opportunity Currency", "Amount Currency"),
            "owner": ("OwnerId", "Opportunity Owner"),
            "closed": ("IsClosed", "Closed"),
            "won": ("IsWon", "Won"),
            "opened_at": ("CreatedDate", "Created Date"),
            "closed_at": ("CloseDate", "Close Date"),
        },
        dates=("opened_at", "closed_at"), required=("own_id",),
    ),
    Layout(
        "salesforce", "contacts",
        needs=(("Id", "Contact ID"), ("LastName", "Last Name"),
               ("AccountId", "Account ID", "Account Name", "MailingCountry", "Mailing Country")),
        columns={
            "own_id": ("Id", "Contact ID"),
            "first_name": ("FirstName", "First Name"),
            "last_name": ("LastName", "Last Name"),
            "email": ("Email",),
            "profile": ("LinkedIn__c", "LinkedIn_URL__c", "LinkedIn_Profile__c", "LinkedIn"),
            "title": ("Title",),
            "country": ("MailingCountryCode", "MailingCountry", "Mailing Country"),
            "owner": ("OwnerId", "Contact Owner"),
            "companies": ("AccountId", "Account ID"),
            "employer": ("Account Name",),
            "observed_at": ("CreatedDate", "Created Date"),
        },
        dates=("observed_at",), required=("own_id",),
    ),
    Layout(
        "salesforce", "companies",
        needs=(("Id", "Account ID"), ("Name", "Account Name"),
               ("Website", "BillingCountry", "Billing Country", "NumberOfEmployees", "Employees")),
        columns={
            "own_id": ("Id", "Account ID"),
            "name": ("Name", "Account Name"),
            "website": ("Website",),
            "country": ("BillingCountryCode", "BillingCountry", "Billing Country"),
            "city": ("BillingCity", "Billing City"),
            "industry": ("Industry",),
            "employees": ("NumberOfEmployees", "Employees"),
            "revenue": ("AnnualRevenue", "Annual Revenue"),
            "founded_year": ("YearStarted",),
            "currency": ("CurrencyIsoCode",),
            "owner": ("OwnerId", "Account Owner"),
            "observed_at": ("CreatedDate", "Created Date"),
        },
        dates=("observed_at",), required=("own_id",),
    ),
)  # fmt: skip
_NUMBERED = range(1, 6)
_GOOGLE = {
    "email": tuple(f"E-mail {n} - Value" for n in _NUMBERED),
    "website": tuple(f"Website {n} - Value" for n in _NUMBERED),
    "country": tuple(f"Address {n} - Country" for n in _NUMBERED),
}
_COURRIER = (
    "Adresse de courrier", "Adresse de messagerie", "Adresse de courrier 2", "Adresse de messagerie 2",
    "Adresse de courrier 3", "Adresse de messagerie 3",
)  # fmt: skip
_ADDRESS_BOOK = (
    Layout(
        "address_book", "people",
        needs=(("Given Name",), ("Family Name",),
               ("Group Membership", "E-mail 1 - Value", "Phone 1 - Value")),
        columns={
            "first_name": ("Given Name",),
            "last_name": ("Family Name",),
            "name": ("Name",),
            "employer": ("Organization 1 - Name",),
            "title": ("Organization 1 - Title",),
            **_GOOGLE,
        },
    ),
    Layout(
        "address_book", "people",
        needs=(("First Name",), ("Last Name",), ("Phonetic First Name", "File As"),
               ("Organization Name", "Labels")),
        columns={
            "first_name": ("First Name",),
            "last_name": ("Last Name",),
            "employer": ("Organization Name",),
            "title": ("Organization Title",),
            **_GOOGLE,
        },
    ),
    Layout(
        "address_book", "people",
        needs=(("First Name",), ("Last Name",), ("E-mail Address",)),
        columns={
            "first_name": ("First Name",),
            "last_name": ("Last Name",),
            "employer": ("Company",),
            "title": ("Job Title",),
            "email": ("E-mail Address", "E-mail 2 Address", "E-mail 3 Address"),
            "website": ("Web Page", "Personal Web Page", "Business Home Page"),
            "country": (
                "Business Country/Region", "Business Country", "Home Country/Region", "Home Country",
                "Other Country/Region", "Other Country",
            ),
        },
    ),
    Layout(
        "address_book", "people",
        needs=(("Vorname",), ("Nachname",), ("E-Mail-Adresse",),
               ("E-Mail-Typ", "Telefon geschäftlich", "Land/Region geschäftlich")),
        columns={
            "first_name": ("Vorname",),
            "last_name": ("Nachname",),
            "employer": ("Firma",),
            "title": ("Position",),
            "email": ("E-Mail-Adresse", "E-Mail 2: Adresse", "E-Mail 3: Adresse"),
            "website": ("Webseite",),
            "country": ("Land/Region geschäftlich", "Land/Region privat", "Weiteres/e Land/Region"),
        },
    ),
    Layout(
        "address_book", "people",
        needs=(("Prénom",), ("Nom",), _COURRIER[:2],
               ("Téléphone (bureau)", "Pays/Région (bureau)", "Pays (bureau)")),
        columns={
            "first_name": ("Prénom",),
            "last_name": ("Nom",),
            "employer": ("Société",),
            # The first column of that name holds Mme or M., the second one the job.
            "title": ("Titre#2",),
            "email": _COURRIER,
            "website": ("Page web",),
            "country": tuple(
                f"{name} ({place})"
                for place in ("bureau", "domicile", "autre") for name in ("Pays/Région", "Pays")
            ),
        },
    ),
)  # fmt: skip
_CAMPAIGN_LOG = (
    Layout(
        "campaign_log", "events",
        needs=(("Lead Profile URL",), ("Timestamp",), ("Event Type",)),
        columns={
            "first_name": ("Lead First Name",),
            "last_name": ("Lead Last Name",),
            "profile": ("Lead Profile URL",),
            "email": ("Lead Email", "Lead Email Address"),
            "title": ("Lead Title",),
            "location": ("Lead Location",),
            "employer": ("Lead Company Name",),
            "at": ("Timestamp",),
            "event": ("Event Type",),
            "sender": (
                "Sender Profile URL", "Sender Email", "LinkedIn Account Profile URL", "Sender Name",
                "LinkedIn Account", "LinkedIn Account Name", "Sender",
            ),
        },
        dates=("at",), required=("at", "event"),
    ),
)  # fmt: skip
_SALES_NAVIGATOR = (
    Layout(
        "sales_navigator",
        "activities",
        needs=(("activityId",), ("activityType",), ("createdAt",), ("seatId",)),
        columns={
            "own_id": ("activityId",),
            "event": ("activityType",),
            "at": ("createdAt",),
            "seat": ("seatId",),
            "member": ("memberIdentityKey",),
        },
        dates=("at",),
        required=("own_id", "event", "at", "seat"),
        day_first=False,
    ),
)

LAYOUTS = (*_HUBSPOT, *_SALESFORCE, *_CAMPAIGN_LOG, *_SALES_NAVIGATOR, *_ADDRESS_BOOK)
"""In the order in which a file is compared with them."""


def layout_of(header: Names) -> Layout | None:
    """The layout that a header fits; None where none does."""
    return next((layout for layout in LAYOUTS if layout.fits(header)), None)
