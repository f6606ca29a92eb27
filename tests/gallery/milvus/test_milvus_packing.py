"""Are the messages that store rows those that the client would make itself?"""

import numpy as np
import pytest

from lookalike.gallery.milvus import packing
from lookalike.gallery.milvus.packing import pack

pymilvus = pytest.importorskip("pymilvus", reason="pymilvus is not installed")
pytestmark = [pytest.mark.milvus, pytest.mark.slow]

_TYPES = pymilvus.DataType


def field(name, kind, **more):
    return {"name": name, "type": kind, "is_primary": name == "id", "params": {"max_length": 99, "dim": 3}, **more}


FIELDS = [
    field("id", _TYPES.VARCHAR),
    field("width", _TYPES.INT64),
    field("tags", _TYPES.ARRAY, element_type=_TYPES.INT64, params={"max_capacity": 9}),
    field("body", _TYPES.ARRAY, element_type=_TYPES.VARCHAR, params={"max_capacity": 9, "max_length": 99}),
]
ROWS = [
    {"id": f"Ü{i}", "width": -i, "tags": list(range(i)), "body": ["日本"] * i, "vector": np.arange(3) + i / 3}
    for i in range(50)
]


@pytest.mark.parametrize("kind", ["FLOAT_VECTOR", "FLOAT16_VECTOR"])
def test_a_message_is_what_the_client_makes_of_the_same_columns(kind):
    from pymilvus.client.prepare import Prepare

    fields = [*FIELDS, field("vector", _TYPES[kind])]
    short = kind == "FLOAT16_VECTOR"
    columns = [
        {"name": one["name"], "type": one["type"], "values": [row[one["name"]] for row in ROWS]} for one in fields
    ]
    columns[-1]["values"] = [
        one.astype(np.float16).tobytes() if short else one.astype(np.float32).tolist() for one in columns[-1]["values"]
    ]
    (packed,) = pack("photos", fields, ROWS)
    assert packed.request == Prepare.batch_upsert_param("photos", columns, "", fields)
    assert packed.ids == tuple(row["id"] for row in ROWS)


def test_what_is_too_much_for_one_message_comes_in_several(monkeypatch):
    monkeypatch.setattr(packing, "_BYTES_A_MESSAGE", 1_000)
    fields = [*FIELDS, field("vector", _TYPES.FLOAT_VECTOR)]
    messages = list(pack("photos", fields, ROWS))
    assert len(messages) > 5
    assert [id_ for one in messages for id_ in one.ids] == [row["id"] for row in ROWS]
    assert sum(one.request.num_rows for one in messages) == 50
    assert list(pack("photos", fields, [])) == []
