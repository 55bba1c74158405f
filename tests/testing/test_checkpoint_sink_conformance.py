"""The checkpoint sink kit passes a sound sink and fails every broken one."""

import attrs
import pytest

from dcss_core.testing.kits.checkpoint_sink_conformance import CheckpointSinkConformance


@attrs.define
class Safe:
    """A sound sink: what it takes lies in a safe that several of them open."""

    contents: list[str]

    def publish(self, checkpoint):
        self.contents.append(self.written(checkpoint))

    def written(self, checkpoint):
        return checkpoint

    def published(self):
        return list(self.contents)

    def close(self):
        pass


class TestASoundSink(CheckpointSinkConformance):
    @pytest.fixture
    def reopen(self):
        contents = []
        return lambda: Safe(contents)


class OnceEach(Safe):
    def publish(self, checkpoint):
        if checkpoint not in self.contents:
            super().publish(checkpoint)


class TestASinkThatKeepsEachOnce(CheckpointSinkConformance):
    @pytest.fixture
    def reopen(self):
        contents = []
        return lambda: OnceEach(contents)


class BeginsWithAHeader(Safe):
    def published(self):
        return ["checkpoints:", *self.contents]


class LastFirst(Safe):
    def published(self):
        return self.contents[::-1]


class Sorts(Safe):
    def published(self):
        return sorted(self.contents)


class Strips(Safe):
    def written(self, checkpoint):
        return checkpoint.strip()


class AsciiOnly(Safe):
    def written(self, checkpoint):
        return checkpoint.encode("ascii", "replace").decode()


class SplitsAtEmptyLines(Safe):
    def published(self):
        return [f"{part}\n" for part in "".join(self.contents).split("\n\n")]


class SplitsAtAnyLineEnd(Safe):
    def written(self, checkpoint):
        return "\n".join(checkpoint.splitlines()) + "\n"


class CutsLongOnes(Safe):
    def written(self, checkpoint):
        return checkpoint[:4096]


class LosesTheLast(Safe):
    def published(self):
        return self.contents[:-1]


class OnlyTheLatest(Safe):
    def publish(self, checkpoint):
        self.contents[:] = [checkpoint]


class ClearsAtTheStart(Safe):
    def __init__(self, contents):
        contents.clear()
        super().__init__(contents)


class KeepsItToItself(Safe):
    def __init__(self, contents):
        super().__init__(list(contents))


class HandsOutTheSafe(Safe):
    def published(self):
        return self.contents


class RefusesTheSameAgain(OnceEach):
    def publish(self, checkpoint):
        if checkpoint in self.contents:
            raise ValueError("there already")
        super().publish(checkpoint)


class TakesTheSameForTheEnd(Safe):
    def publish(self, checkpoint):
        if checkpoint in self.contents:
            self.contents.insert(0, checkpoint)
        else:
            super().publish(checkpoint)


class ClosesOnce(Safe):
    closed = False

    def close(self):
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True


ORDER = "test_checkpoints_come_back_in_the_order_they_came"
LETTERS = "test_a_checkpoint_comes_back_letter_for_letter"


@pytest.mark.parametrize(
    ("broken", "test", "arguments"),
    [
        (BeginsWithAHeader, "test_at_first_nothing_is_published", {}),
        (LastFirst, ORDER, {}),
        (Sorts, ORDER, {}),
        (LosesTheLast, ORDER, {}),
        (OnlyTheLatest, ORDER, {}),
        (Strips, LETTERS, {"more": ""}),
        (AsciiOnly, LETTERS, {"more": ""}),
        (SplitsAtEmptyLines, LETTERS, {"more": ""}),
        (SplitsAtAnyLineEnd, LETTERS, {"more": "a\u2028b\n"}),
        (CutsLongOnes, LETTERS, {"more": "a long line " * 5_000}),
        (RefusesTheSameAgain, "test_the_same_checkpoint_again_adds_no_other", {}),
        (TakesTheSameForTheEnd, "test_the_same_checkpoint_again_adds_no_other", {}),
        (ClearsAtTheStart, "test_what_was_published_outlives_the_sink", {}),
        (KeepsItToItself, "test_what_was_published_outlives_the_sink", {}),
        (KeepsItToItself, "test_two_sinks_on_one_place_lose_nothing_of_each_other", {}),
        (HandsOutTheSafe, "test_what_is_handed_out_is_no_way_to_change_what_is_kept", {}),
        (ClosesOnce, "test_closing_twice_does_nothing", {}),
    ],
)
def test_the_kit_finds_what_is_broken(broken, test, arguments):
    contents = []
    given = {"reopen": lambda: broken(contents), "sink": broken(contents), **arguments}
    test = getattr(CheckpointSinkConformance(), test)
    wanted = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    with pytest.raises((AssertionError, ValueError, RuntimeError)):
        test(**{name: given[name] for name in wanted})


def test_a_fixture_that_was_not_overridden_says_what_to_do():
    with pytest.raises(NotImplementedError, match="override the fixture `reopen`"):
        CheckpointSinkConformance.reopen.__wrapped__(CheckpointSinkConformance())
