"""Does `lookalike info` tell what is in a gallery?"""

import pytest

pytestmark = pytest.mark.slow


def test_info_tells_what_is_there(cli, gallery):
    (facts,) = cli("info", "--gallery", gallery, "--json").objects
    assert facts["images"] == 8
    assert facts["failures"] == 1
    assert facts["bytes"] >= gallery.stat().st_size
    assert facts["gallery"] == str(gallery)
    assert facts["encoder"] == "mini"
    assert [space["name"] for space in facts["spaces"]] == ["mini@2/visual", "mini@2/copy", "mini@2/semantic"]
    said = cli("info", "--gallery", gallery).stdout
    assert "images    8\n" in said
    for space in facts["spaces"]:
        assert f"{space['name']}, {space['dim']} dimensions" in said
