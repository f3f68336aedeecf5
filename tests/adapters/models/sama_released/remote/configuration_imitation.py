from transformers import PretrainedConfig


class ImitationConfig(PretrainedConfig):
    model_type = "sama_imitation"
