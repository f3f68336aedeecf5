import numpy as np

from dam.model import model_utils


class DescribeAnythingModel:
    def __init__(self, model_path, conv_mode, prompt_mode, **kwargs):
        options = {}
        model_utils.prepare_config_for_eval({}, options)
        self.made = [model_path.rpartition("/")[2], conv_mode, prompt_mode, kwargs["device"], options["device_map"]]

    def to(self, device):
        self.made.append(device)
        return self

    def get_description(self, image_pil, mask_pil, query, temperature=0.2, max_new_tokens=0, **_):
        self.asked = [query, temperature, max_new_tokens]
        assert query.count("<image>") == len(image_pil) == len(mask_pil) == 8
        assert {picture.mode for picture in image_pil} == {"RGB"}
        assert all(np.asarray(mask).any() for mask in mask_pil)
        shown = [
            f"{np.asarray(picture)[0, 0, 0]}:{(np.asarray(mask) > 0).sum()}"
            for picture, mask in zip(image_pil, mask_pil, strict=True)
        ]
        return f" {' '.join(shown)} "
