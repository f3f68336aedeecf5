import pytest

from sama_bench.adapter import Abilities
from sama_bench.run.abilities import CANNOT, cannot, without


@pytest.mark.parametrize("names", [[], ["masks"], list(CANNOT)])
def test_names_lead_back_to_the_abilities(names):
    assert cannot(without(names)) == names


def test_a_model_can_all_else():
    assert without(["masks", "dance"]) == Abilities(masks=False)
