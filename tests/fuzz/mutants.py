"""Small sound sources, spoiled in every way that files get spoiled; one seed gives one mutant."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Mapping

Files = dict[str, bytes]

CELLS = (
    "", " ", "\t", "\u00a0", "\u200b", "\ufeff", "\x00", "a\x00b", "\x1a", "\r", "\n", '"', '""', '"a',
    'a"b', "'", ",", ";", "NA", "nan", "NaN", "null", "None", "NaT", "<NA>", "\\N", "-", "?", "#N/A",
    "#REF!", "now", "today", "True", "no", "0", "-0", "-1", "1.5", "+1", "1e5", "1e308", "1e309",
    "-1e999", "inf", "-Infinity", "9" * 19, "9" * 400, "0." + "0" * 400, "1_000", "1,000", "1.000,50",
    "0x10", "0b1", "1e", "e5", "٣", "１２", "½", "²", "1 000", "$5", "5%", "1d", "1/2", "1082040961",
    "-1082040961", "4102444800", "1082040961000", "253402300800", "18446744073709551616", "1e18",
    "0000-00-00", "0001-01-01", "1582-10-10", "1677-09-21T00:12:43Z", "1899-12-30", "1989-12-31",
    "2262-04-12", "9999-12-31", "9999-12-31T23:59:59.999999Z", "10000-01-01", "275760-09-13",
    "-0044-03-15", "2024-02-30", "2023-02-29", "2024-13-01", "2024-1-1", "2024-01", "2024", "20240101",
    "2024-W01-1", "2024-001", "01/02/2024", "31.12.2024", "12 Mar 2019", "Mar 2020", "5/12/21, 3:14 PM",
    "2024-01-01T25:00:00", "2024-01-01T23:59:60Z", "2024-01-01T00:00:00+99:99",
    "2024-01-01T00:00:00-00:00", "2024-01-01 00:00:00 UTC", "2024-01-01T00:00:00Europe/Berlin",
    "2024-01-01T00:00:00.1234567890123Z", "00:00", "P1D", "2024-03-31T02:30:00+01:00",
    "2014-10-04 16:26:28.0", "=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-2+3",
    '=HYPERLINK("http://x","y")', "\t=1", "=WEBSERVICE(1)", "<script>alert(1)</script>",
    "../../etc/passwd", "/etc/passwd", "${jndi:ldap://x}", "{{7*7}}", "'; DROP TABLE x;--", "%s%n",
    "{0}", "[" * 2_000, '{"a":' * 500, "(" * 1_000, "<a>" * 500, "x" * 100_000, "é" * 70_000,
    "👩‍👩‍👧‍👧", "a\u0301" * 50, "\u202eevil", "ß", "İ", "ﬃ", "ÅÄÖ", "\ud7ff", "\ue000", "\ufffe",
    "\U0010ffff", "DE", "Germany", "EU", "XX", "AN", "Yugoslavia", "deutschland", "D E",
    "United  States", "007", "7", "7.0", "ROOT", "ann", "a,b", "a|b", "|", "||",
    "http://www.linkedin.com/in/%ff", "https://[::1", "mailto:x@y", "@", "x@", "EUR", "eur", "€",
)  # fmt: skip
"""What stands in cells where it should not: nothing, almost nothing, numbers, days, formulas, markup."""

ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp1252", "utf-7", "cp037")


def mutant(files: Mapping[str, str], seed: int) -> Files:
    """The files with one to four faults, most of them in one cell or line."""
    draw = random.Random(seed)
    mutated: Files = {name: text.encode() for name, text in files.items()}
    for _ in range(draw.choice((1, 1, 1, 2, 3, 4))):
        name = draw.choice(sorted(mutated))
        change = draw.choices([change for change, _ in _CHANGES], [weight for _, weight in _CHANGES])[0]
        mutated[name] = change(mutated[name], draw)
    if draw.random() < 0.02 and len(mutated) > 1:
        del mutated[draw.choice(sorted(mutated))]
    if draw.random() < 0.05:
        mutated[draw.choice(["readme.txt", ".hidden.csv", "contacts.csv", "edges.csv", "x.zip"])] = (
            draw.randbytes(40)
        )
    return mutated


def zipped(files: Mapping[str, bytes], seed: int) -> bytes:
    """The files as a zip, its bytes spoiled as well for two seeds of three."""
    draw, packed = random.Random(seed), io.BytesIO()
    with zipfile.ZipFile(packed, "w", draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as new:
        for name, content in sorted(files.items()):
            new.writestr(zipfile.ZipInfo(draw.choice(["", "", "export/", "../"]) + name), content)
    content = packed.getvalue()
    return content if seed % 3 == 0 else draw.choice([_flipped, _flipped, _cut, _with_nul])(content, draw)


def strange_text(draw: random.Random) -> str:
    """A cell: one of the above, several run together, one with a letter changed, or letters from anywhere."""
    kind = draw.random()
    if kind < 0.4:
        return draw.choice(CELLS)
    if kind < 0.55:
        return draw.choice(CELLS) + draw.choice(["", " ", "-", "T", ":", "+", "e", "."]) + draw.choice(CELLS)
    if kind < 0.8:
        cell = list(draw.choice(CELLS)[:60] or "0")
        cell[draw.randrange(len(cell))] = chr(draw.choice([draw.randrange(32, 127), draw.randrange(0xD7FF)]))
        return "".join(cell)
    return "".join(chr(draw.randrange(0xD7FF)) for _ in range(draw.randrange(12)))


def _flipped(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content or b"0")
    for _ in range(draw.choice((1, 1, 2, 8))):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _flipped_bit_of_text(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content or b"0")
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(7)
    return bytes(changed)


def _cut(content: bytes, draw: random.Random) -> bytes:
    begin, end = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    return draw.choice([content[:end], content[begin:], content[:begin] + content[end:]])


def _with_nul(content: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + b"\x00" * draw.choice((1, 2, 300)) + content[at:]


def _reencoded(content: bytes, draw: random.Random) -> bytes:
    text = content.decode("utf-8", "replace").replace("a", draw.choice(["a", "é", "ß"]))
    return text.encode(draw.choice(ENCODINGS), "replace")


def _quote_left_open(content: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + b'"' + content[at:]


def _other_ends(content: bytes, draw: random.Random) -> bytes:
    return content.replace(
        b"\n", draw.choice([b"\r\n", b"\r", b"\n\n", b"\n\r", b"\x0b", b"\xe2\x80\xa8", b""])
    )


def _other_separator(content: bytes, draw: random.Random) -> bytes:
    return content.replace(b",", draw.choice([b";", b"\t", b"|", b", ", b",,"]))


def _by_lines(
    change: Callable[[list[bytes], random.Random], None],
) -> Callable[[bytes, random.Random], bytes]:
    def of(content: bytes, draw: random.Random) -> bytes:
        lines = content.split(b"\n")
        change(lines, draw)
        return b"\n".join(lines)

    return of


def _line(lines: list[bytes], draw: random.Random) -> int:
    """Seldom the header: what lacks it is not even recognised."""
    return draw.randrange(len(lines)) if draw.random() < 0.1 else draw.randrange(len(lines) > 1, len(lines))


def _line_elsewhere(lines: list[bytes], draw: random.Random) -> None:
    lines.insert(_line(lines, draw), draw.choice([lines[0], draw.choice(lines), b"", b" ", b",,,"]))


def _line_gone(lines: list[bytes], draw: random.Random) -> None:
    del lines[_line(lines, draw)]


def _cell_replaced(lines: list[bytes], draw: random.Random) -> None:
    at = _line(lines, draw)
    cells = lines[at].split(b",")
    cell = strange_text(draw)
    if draw.random() < 0.7:
        cell = '"' + cell.replace('"', '""') + '"'
    cells[draw.randrange(len(cells))] = cell.encode("utf-8", "surrogatepass")
    lines[at] = b",".join(cells)


def _cells_swapped(lines: list[bytes], draw: random.Random) -> None:
    one, other = _line(lines, draw), _line(lines, draw)
    mine, theirs = lines[one].split(b","), lines[other].split(b",")
    here, there = draw.randrange(len(mine)), draw.randrange(len(theirs))
    mine[here], theirs[there] = theirs[there], mine[here]
    lines[one] = b",".join(mine)
    if one != other:
        lines[other] = b",".join(theirs)


def _columns_swapped(lines: list[bytes], draw: random.Random) -> None:
    width = max(1, lines[0].count(b",") + 1)
    one, other = draw.randrange(width), draw.randrange(width)
    for at, line in enumerate(lines):
        cells = line.split(b",")
        if len(cells) == width:
            cells[one], cells[other] = cells[other], cells[one]
            lines[at] = b",".join(cells)


def _column_replaced(lines: list[bytes], draw: random.Random) -> None:
    width, cell = max(1, lines[0].count(b",") + 1), draw.choice(CELLS)[:200]
    column = draw.randrange(width)
    quoted = b'"' + cell.replace('"', '""').encode("utf-8", "surrogatepass") + b'"'
    for at, line in enumerate(lines[1:], start=1):
        cells = line.split(b",")
        if len(cells) == width:
            cells[column] = quoted
            lines[at] = b",".join(cells)


def _rows_many(lines: list[bytes], draw: random.Random) -> None:
    lines[_line(lines, draw) :] = [draw.choice(lines) for _ in range(draw.choice((3, 30)))]


_CHANGES: tuple[tuple[Callable[[bytes, random.Random], bytes], int], ...] = (
    (_by_lines(_cell_replaced), 40),
    (_by_lines(_column_replaced), 8),
    (_by_lines(_cells_swapped), 8),
    (_by_lines(_columns_swapped), 3),
    (_by_lines(_line_elsewhere), 5),
    (_by_lines(_line_gone), 3),
    (_by_lines(_rows_many), 3),
    (_flipped, 5),
    (_flipped_bit_of_text, 8),
    (_cut, 5),
    (_with_nul, 3),
    (_reencoded, 3),
    (_quote_left_open, 3),
    (_other_ends, 3),
    (_other_separator, 1),
)
