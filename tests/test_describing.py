import json
from dataclasses import replace

import pytest

from lookalike.describing import (
    FLAG,
    Edit,
    captioned,
    is_settled,
    keep_persons_words,
    lacks_caption,
    prefer_persons_words,
    reindexed,
    reworded,
)
from lookalike.errors import BadInput
from lookalike.testing import make_record
from lookalike.types import Caption, Item

CAPTION = Caption(text="a dog on a beach", confidence=0.7)


def item(**said) -> Item:
    return Item(uri=make_record().uri, version="2", **said)


def test_an_edit_changes_what_it_names_and_notes_that_a_person_wrote_it():
    before = make_record(title="IMG_1", label="cat", tags=("x",), metadata={"camera": "A7", "stars": 3})
    edit = Edit(title=" Rex ", add_tags=("dog", "x"), metadata={"stars": None, "place": "Hove"})
    after = edit.apply(before)
    assert (after.title, after.tags, after.label) == ("Rex", ("x", "dog"), "cat")
    assert after.metadata == {"camera": "A7", "place": "Hove"}
    assert after.edited == ("metadata", "tags", "title")
    assert after.caption_source == ""


def test_a_persons_caption_says_so_and_an_empty_one_lets_captioners_write_again():
    written = Edit(caption="Rex at sea").apply(make_record(caption="a dog", caption_source="mini"))
    assert (written.caption, written.caption_source) == ("Rex at sea", "person")
    assert captioned(written, CAPTION, "mini") == written
    given_up = Edit(caption="").apply(written)
    assert (given_up.caption, given_up.caption_source) == ("", "")
    assert lacks_caption(given_up)
    assert captioned(given_up, CAPTION, "mini").caption == CAPTION.text


def test_an_empty_field_is_given_back_to_the_source():
    written = Edit(title="Rex", tags=("dog",)).apply(make_record())
    assert written.edited == ("tags", "title")
    given_up = Edit(title="", tags=()).apply(written)
    assert given_up.edited == ()
    assert reworded(given_up, item(title="from the table", described="t:1:2")).title == "from the table"


@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_a_caption_that_is_given_up_is_asked_of_the_source_again(nothing):
    before = make_record(caption="a dog", caption_source="source", version="1 t:1:2")
    given_up = Edit(caption=nothing).apply(before)
    assert (given_up.caption, given_up.caption_source, given_up.version) == ("", "", "1 t:1:")


@pytest.mark.parametrize("recognised", [{}, {"dog": 0.8}])
def test_a_tag_more_gives_nothing_up(recognised):
    before = make_record(recognised=recognised, version="1 t:1:2")
    after = Edit(add_tags=("x",)).apply(before)
    assert (after.tags, after.edited, after.version) == (("x",), ("tags",), "1 t:1:2")


def test_a_tag_is_taken_away_in_any_case_also_where_it_was_recognised():
    before = make_record(tags=("Dog", "snow"), recognised={"dog": 0.8, "sled": 0.4})
    after = Edit(remove_tags=("DOG", "Snow")).apply(before)
    assert after.tags == ()
    assert after.recognised == {"sled": 0.4}
    assert after.edited == ("tags",), "that there are none is what the person said"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"title": "x" * 1_001}, "title has 1,001 characters"),
        ({"caption": "x" * 5_001}, "caption"),
        ({"link": "javascript:alert(1)"}, "no web page"),
        ({"tags": ("x" * 101,)}, "tag has 101"),
        ({"add_tags": (" ",)}, "empty"),
        ({"tags": tuple(map(str, range(201)))}, "201 tags"),
        ({"metadata": {"x": float("nan")}}, "no JSON"),
        ({"metadata": {"x": "y" * 100_000}}, "metadata has"),
        ({"metadata": {"x": json.loads("[" * 50 + "]" * 50)}}, "nested more than 50 deep"),
        ({"title": "x" * 900 + "\udce9"}, r"title is no valid Unicode: 'x{20}\\udce9'"),
        ({"add_tags": ("\ud800",)}, "tag is no valid Unicode"),
        ({"metadata": {"\ud800": "x"}}, "metadata is no valid Unicode"),
    ],
)
def test_what_a_person_may_not_write_is_refused(edit, says):
    with pytest.raises(BadInput, match=says):
        Edit(**edit)


def test_a_picture_cannot_gather_tags_without_end():
    with pytest.raises(BadInput, match="201 tags"):
        Edit(add_tags=("new",)).apply(make_record(tags=tuple(map(str, range(200)))))


def test_metadata_cannot_grow_without_end():
    before = make_record(metadata={"a": "x" * 60_000})
    with pytest.raises(BadInput, match="metadata has 120,0"):
        Edit(metadata={"b": "x" * 60_000}).apply(before)
    much = make_record(metadata=dict.fromkeys("abcdefghijklmno", "x" * 10000))
    assert len(Edit(metadata={"a": None, "p": 1}).apply(much).metadata) == 15


def test_of_more_tags_than_a_person_may_give_some_may_be_taken_away():
    many = make_record(tags=tuple(map(str, range(300))))
    assert len(Edit(remove_tags=("7",)).apply(many).tags) == 299


def test_taking_away_a_tag_that_is_not_there_leaves_tags_to_the_source():
    before = make_record(tags=("dog",), recognised={"sled": 0.4})
    assert Edit(remove_tags=("husky",)).apply(before) == before


def test_what_a_person_took_away_is_not_recognised_again_in_the_same_picture():
    before = Edit(remove_tags=("husky",)).apply(make_record(recognised={"husky": 0.8, "sled": 0.4}))
    seen = make_record(version="2", recognised={"husky": 0.8, "sled": 0.4})
    assert reindexed(before, seen).recognised == {"sled": 0.4}
    assert reindexed(before, replace(seen, sha256="ff" * 32)).recognised == seen.recognised


def test_a_source_that_says_nothing_takes_nothing_away():
    old = make_record(title="Sea", tags=("holiday",), caption="the sea", caption_source="source", version="1 t:1:2")
    new = reindexed(old, make_record(version="2", sha256="ab" * 32))
    assert (new.title, new.tags, new.caption, new.caption_source) == ("Sea", ("holiday",), "the sea", "source")
    assert new.version == "2 t:1:2 folder:"


def test_a_source_that_says_something_without_a_name_has_the_others_say_theirs_anew():
    old = make_record(title="Sea", version="1 t:1:2")
    assert reindexed(old, make_record(version="1", title="Lake")).version == "1 t:1: folder:"


def test_a_source_that_says_something_replaces_all_but_a_persons_words():
    old = make_record(title="mine", tags=("old",), label="old", edited=("title",))
    new = reindexed(old, make_record(version="2 t:1:2", title="theirs", tags=("new",)))
    assert (new.title, new.tags, new.label, new.edited) == ("mine", ("new",), "", ("title",))


def test_a_captioners_words_last_as_long_as_the_picture():
    old = make_record(caption="a dog", caption_source="mini")
    assert reindexed(old, make_record(version="touched")).caption == "a dog"
    other = reindexed(old, make_record(version="2", sha256="ab" * 32))
    assert (other.caption, other.caption_source) == ("", "")
    fresh = make_record(version="2", sha256="ab" * 32, caption="a cat", caption_source="mini")
    assert reindexed(old, fresh).caption == "a cat"


def test_a_person_stays_before_source_and_captioner_when_the_picture_changes():
    old = make_record(caption="Rex", caption_source="person")
    fresh = make_record(version="2", sha256="ab" * 32, caption="a cat", caption_source="mini")
    assert reindexed(old, fresh).caption == "Rex"
    assert reworded(old, item(caption="a dog", described="t:1:2")).caption == "Rex"


def test_a_table_that_has_no_caption_any_more_takes_its_own_back_only():
    theirs = make_record(caption="a dog", caption_source="source", version="2 t:1:1")
    assert reworded(theirs, item(described="t:1:2")).caption == ""
    machine = make_record(caption="a dog", caption_source="mini", version="2 t:1:1")
    now = reworded(machine, item(described="t:1:2", tags=("x",)))
    assert (now.caption, now.tags, now.version) == ("a dog", ("x",), "2 t:1:2")


def test_a_caption_without_a_source_is_no_captioners():
    assert is_settled(make_record(caption="from somewhere"))
    assert captioned(make_record(caption="from somewhere"), CAPTION, "mini").caption == "from somewhere"


def test_a_captioner_that_says_nothing_is_not_asked_again():
    asked = captioned(make_record(), Caption(text="", confidence=0.0), "mini")
    assert not lacks_caption(asked)
    assert captioned(asked, CAPTION, "large").caption == CAPTION.text


def test_a_captioner_that_says_nothing_leaves_what_another_one_wrote():
    old = make_record("a", caption="two dogs in the snow", caption_source="large@1")
    assert captioned(old, Caption(text="", confidence=0.1), "mini@1") == old
    emptied = captioned(old, Caption(text="", confidence=0.1), "large@1")
    assert (emptied.caption, emptied.caption_source) == ("", "large@1"), "asked anew, it says now that it would guess"


def test_of_two_persons_words_the_newer_stay():
    old = make_record(title="old", label="old", caption="old", caption_source="person", edited=("label", "title"))
    new = make_record(title="new", caption="new", caption_source="person", edited=("title",))
    kept = keep_persons_words(old, new)
    assert (kept.title, kept.label, kept.caption, kept.edited) == ("new", "old", "new", ("label", "title"))
    assert keep_persons_words(old, replace(new, caption="", caption_source="")).caption == "old"


def test_what_a_person_took_away_is_not_recognised_again_when_a_record_comes_back():
    old, new = make_record(tags=("sea",), edited=("tags",)), make_record(recognised={"dog": 0.8})
    kept = keep_persons_words(old, new)
    assert (kept.tags, kept.recognised) == (("sea",), {})
    assert keep_persons_words(old, replace(new, edited=("tags",))).recognised == {"dog": 0.8}
    assert keep_persons_words(old, replace(new, sha256="ab" * 32)).recognised == {"dog": 0.8}


def test_what_a_person_wrote_stays_before_all_that_comes_in_even_from_a_person():
    old = make_record(title="mine", tags=(), caption="mine", caption_source="person", edited=("tags", "title"))
    new = make_record(title="theirs", label="theirs", recognised={"dog": 0.8}, edited=("label", "title"))
    kept = prefer_persons_words(old, replace(new, caption="theirs", caption_source="person"))
    assert (kept.title, kept.tags, kept.label, kept.caption) == ("mine", (), "theirs", "mine")
    assert (kept.edited, kept.recognised) == (("label", "tags", "title"), {})


def test_the_flag_of_an_unwanted_picture_belongs_to_the_picture_not_to_its_words():
    old = make_record(title="Sea", tags=("holiday",))
    flagged = reindexed(old, make_record(version="2", sha256="ab" * 32, tags=(FLAG,)))
    assert (flagged.title, flagged.tags) == ("Sea", ("holiday", FLAG))
    assert reworded(flagged, item(tags=("new",), described="t:1:2")).tags == ("new", FLAG)
    assert reindexed(flagged, make_record(version="3", sha256="cd" * 32)).tags == ("holiday",)
    mine = Edit(tags=("mine",)).apply(old)
    assert reindexed(mine, make_record(version="2", sha256="ab" * 32, tags=(FLAG,))).tags == ("mine", FLAG)
