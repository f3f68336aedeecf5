from dataclasses import replace

import numpy as np
import pytest

from sama_bench.adapters.baselines.back_reference import referents
from sama_bench.adapters.baselines.motion import Motion
from sama_bench.adapters.baselines.still import Still
from sama_bench.metrics.rle import encode_track
from sama_bench.types import Region, Turn


@pytest.fixture
def regions():
    def region(column):
        masks = np.zeros((2, 120, 200), bool)
        masks[:, 20:40, column : column + 20] = True
        return Region(encode_track(masks), (120, 200))

    return region(5), region(50)


@pytest.fixture
def question(ask, video, scene, regions):
    """A question after one about the first object, then one about the second, then one about none."""
    frames, masks = scene(frames=2)
    turns = (
        Turn("What is <mask>?", "A ball.", (regions[0],)),
        Turn("And <mask>?", "A box.", (regions[1],)),
        Turn("Is it day?", "Yes."),
    )
    asked = ask(video(frames), masks)
    return lambda text: replace(asked, text=text, regions=(), history=turns)


def test_words_that_stand_for_the_last_object_or_the_other_one(question, regions):
    assert referents(question("Does it move?")) == (regions[1],)
    assert referents(question("Is it the same as the other one?")) == (regions[0],)
    assert referents(question("What is in the picture?")) == ()
    assert referents(replace(question("Does it move?"), history=())) == ()
    other_alone = replace(question("And the other?"), history=question("").history[1:])
    assert referents(other_alone) == (regions[1],)


@pytest.mark.parametrize("kind", [Motion, Still])
def test_baselines_answer_with_the_regions_of_an_earlier_turn(kind, question, regions):
    asked = question("Does it move?")
    adapter = kind()
    adapter.open(asked.video)
    told, shown = adapter.predict(asked), adapter.predict(replace(asked, text="<mask>?", regions=regions[1:]))
    alone = adapter.predict(replace(asked, history=()))
    adapter.close()
    assert (told.text, told.tracks) == (shown.text, shown.tracks)
    assert len(told.tracks) == 1
    assert len(alone.tracks) == 0
