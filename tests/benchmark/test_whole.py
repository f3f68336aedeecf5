"""What a check says of a split's size, and of files whose digest is known."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from sama_bench.benchmark.address import Address, resolve
from sama_bench.benchmark.check import Share, check
from sama_bench.benchmark.definition import Whole

MEVIS = Path(__file__).parents[1] / "golden" / "grounding" / "mevis"


@pytest.mark.parametrize(
    ("share", "whole", "told"),
    [
        (Share(50, 50, 793, (793,)), True, "50 of 50 videos, 793 of 793 questions: whole"),
        (Share(140, 140, 2523, (2236, 2523)), True, "140 of 140 videos, 2,523 of 2,236 or 2,523 questions: whole"),
        (Share(50, 50, 792, (793,)), False, "50 of 50 videos, 792 of 793 questions"),
        (Share(202, 202, 834, ()), True, "202 of 202 videos, 834 questions: whole"),
        (Share(201, 202, 834, ()), False, "201 of 202 videos, 834 questions"),
    ],
)
def test_shares(share, whole, told):
    assert (share.is_whole, str(share)) == (whole, told)


def test_a_file_is_the_released_one_by_its_content():
    address = resolve(MEVIS)
    digest = hashlib.sha256((MEVIS / "valid_u/mask_dict.json").read_bytes()).hexdigest()
    known = {"valid_u/mask_dict.json": digest, "valid_u/meta_expressions.json": "0" * 64, "not/here": "0" * 64}
    definition = replace(address.definition, released=known, whole={"mevis": Whole(4, (11,))})
    report = check(Address(definition, address.folder))
    assert report.released == {"valid_u/mask_dict.json": True, "valid_u/meta_expressions.json": False}
    assert report.shares["mevis"].is_whole
    assert report.to_json()["shares"]["mevis"]["whole_questions"] == (11,)
