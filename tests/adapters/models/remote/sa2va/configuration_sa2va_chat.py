"""Stands in for the configuration that a Sa2VA checkpoint brings."""

from transformers import PretrainedConfig


class Sa2VAChatConfig(PretrainedConfig):
    model_type = "sa2va_chat"
