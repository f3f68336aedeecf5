"""A stand-in for NVlabs/describe-anything: says what it is given, in place of a description."""

from dam.describe_anything_model import DescribeAnythingModel

__all__ = ["DescribeAnythingModel"]
