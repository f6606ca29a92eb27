"""Which number stands for a label, tag, owner, format or folder?"""

import json
from collections.abc import Collection

import apsw


def numbered(connection: apsw.Connection, field: str, values: Collection[str]) -> dict[str, int]:
    """Give the code of each value, new ones included; the empty value has the code 0."""
    query = "SELECT value, code FROM term WHERE field = ? AND value IN (SELECT value FROM json_each(?))"
    wanted = [value for value in values if value]
    codes: dict[str, int] = dict(connection.execute(query, (field, json.dumps(wanted))))
    new = sorted(set(wanted) - codes.keys())
    if new:
        first = connection.execute("SELECT coalesce(max(code), 0) + 1 FROM term WHERE field = ?", (field,)).get
        added = dict(zip(new, range(first, first + len(new)), strict=True))
        rows = [(field, code, value) for value, code in added.items()]
        connection.executemany("INSERT INTO term(field, code, value) VALUES (?, ?, ?)", rows)
        codes |= added
    return {"": 0, **codes}
