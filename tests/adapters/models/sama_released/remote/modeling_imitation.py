"""An imitation of SAMA's released model code: the same entry point and parts, tiny, and it checks what it is given.

Written from what the adapter has to hold to; the question's words tell it what to answer ("say 3 [SEG]").
"""

import random
import re

import numpy as np
import torch
from PIL import Image
from projects.llava_sam2.models.qformer import BertConfig
from projects.llava_sam2.models.utils import MaskPooling
from torch import nn
from transformers import BertTokenizer, GenerationConfig, PreTrainedModel

from .configuration_imitation import ImitationConfig

IMAGE = "<IMG_CONTEXT>"


class Resize:
    def apply_image(self, image):
        assert image.dtype == np.uint8
        assert image.ndim == 3
        return np.array(Image.fromarray(image).resize((32, 32)))


class Trunk(nn.Module):
    """What makes features of a picture: here a convolution."""

    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 4, 4)

    def forward(self, image):
        return torch.tanh(self.conv(image))


class Sam2(nn.Module):
    def __init__(self):
        super().__init__()
        self.image_encoder = Trunk(4)

    def init_state(self, images):
        return {"images": images, "num_frames": len(images), "cached_features": {}, "device": torch.device("cuda")}

    def forward_image(self, image):
        features = self.image_encoder(image)
        return {"backbone_fpn": [features], "vision_pos_enc": [torch.ones_like(features)]}

    def features(self, state, index):
        image, features = state["cached_features"].get(index, (None, None))
        if features is None:
            image = state["images"][index].cuda().unsqueeze(0)
            features = self.forward_image(image)
            state["cached_features"] = {index: (image, features)}
        return image, features


class GroundingEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.sam2_model = Sam2()
        self.memory = nn.Conv2d(1, 1, 1)

    def preprocess_image(self, image, dtype=torch.bfloat16):
        image = image / 255.0
        image -= torch.tensor((0.5, 0.4, 0.3), dtype=dtype)[:, None, None]
        return image

    def get_sam2_embeddings(self, images):
        return self.sam2_model.init_state(images)

    def language_embd_inference(self, state, embeddings):
        """The first frames are looked at for the words, then all for the track."""
        with torch.autocast(device_type="cuda", dtype=torch.bfloat16):
            return self.tracked(state, embeddings)

    def tracked(self, state, embeddings):
        torch.zeros(1).to(state["device"])
        for index in range(len(embeddings)):
            self.sam2_model.features(state, index)
        found = []
        for index in range(state["num_frames"]):
            _, features = self.sam2_model.features(state, index)
            masks = features["backbone_fpn"][0].mean(dim=1, keepdim=True) * embeddings[0][0].mean()
            found.append(masks + self.memory(masks.float()))
        return torch.cat(found)


class Qformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.bert = QformerBert()


class QformerBert(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(8, 8)

    def forward(self, query_embeds=None, encoder_hidden_states=None, return_dict=True):
        return torch.tanh(self.mix(encoder_hidden_states)).mean(dim=1)


class Rotary(nn.Module):
    def __init__(self):
        super().__init__()
        # float32 in whatever type the model is built, as in transformers
        self.register_buffer("inv_freq", 1 / torch.arange(1, 5).float(), persistent=False)


class Imitation(PreTrainedModel):
    config_class = ImitationConfig

    def __init__(self, config, use_flash_attn=True):
        super().__init__(config)
        BertConfig.from_pretrained("bert-base-uncased")
        BertTokenizer.from_pretrained("bert-base-uncased")
        self.vision_model = Trunk(8)
        self.proj = nn.Linear(8, 8)
        self.spatial_Qformer = Qformer()
        self.grounding_encoder = GroundingEncoder()
        self.mask_pooling = MaskPooling()
        self.rotary_emb = Rotary()
        self.init_prediction_config = False

    def preparing_for_generation(self, tokenizer, max_new_tokens=2048, torch_dtype=torch.bfloat16):
        self.tokenizer, self.torch_dtype = tokenizer, torch_dtype
        self.to(torch_dtype)
        self.extra_image_processor = Resize()
        self.transformer = self.to_pixels
        self.gen_config = GenerationConfig(max_new_tokens=max_new_tokens)
        self.init_prediction_config = True

    @staticmethod
    def to_pixels(picture):
        return torch.from_numpy(np.array(picture.resize((16, 16)))).permute(2, 0, 1) / 255.0

    def extract_feature(self, pixels):
        features = self.vision_model(pixels)
        return features.flatten(2).transpose(1, 2)

    def sample(self, length, max_frames):
        found = list(range(0, length, 3))
        if len(found) > max_frames:
            found = [found[int(i * (len(found) / max_frames))] for i in range(max_frames)]
        if len(found) < 8:
            short = 8 - len(found)
            found = sorted({*found, *(int((i + 1) * (length / (short + 1))) for i in range(short))})
        return found

    def predict_forward(  # noqa: PLR0917 - the released signature
        self, image=None, video=None, text=None, past_text="", mask_prompts=None, tokenizer=None, prompt_masks=None,
        prompt_masks_112=None, text_prompts=None, mask_count=None, prediction_only=True, max_frames=32,
    ):  # fmt: skip
        if not self.init_prediction_config:
            self.preparing_for_generation(tokenizer)
        if text_prompts is None:
            return self.plain(image, video, text, tokenizer, max_frames)
        shown = self.sample(len(video), max_frames)
        dense = shown[:5]
        self.check(video, text, text_prompts, shown, dense, tokenizer)
        self.check_regions(len(video), prompt_masks, prompt_masks_112, text_prompts, mask_count)
        embeddings = self.look(video, shown)
        for masks in prompt_masks:
            embeddings = embeddings + self.region(masks[shown][: len(dense)], embeddings)
        torch.tensor(tokenizer.encode(text)).cuda()
        if "mismatch" in text_prompts:
            print("Shape mismatch, selected is 3, vp embeds is 2 !!!")
        return self.answer(video, text_prompts, embeddings, dense, prediction_only)

    def plain(self, image, video, text, tokenizer, max_frames):
        """Writes the text itself, but for a question in words alone, whose one place it expects to be there."""
        shown = [image] if image is not None else video or []
        assert all(isinstance(one, Image.Image) and one.mode == "RGB" and one.size == shown[0].size for one in shown)
        for one in shown:
            self.resized(one)
        words = text.replace("<image>", "").replace("\n", "").strip()
        assert words.count(IMAGE) == (not shown), "tokens"
        torch.tensor(tokenizer.encode(text)).cuda()
        if "mismatch" in words:
            print("Shape mismatch, selected is 3, vp embeds is 2 !!!")
        kind = "image" if image is not None else f"video {len(video)} of {max_frames}" if video else "nothing"
        said = f"{kind}: {words.replace(IMAGE, '')}".split()[: self.gen_config.max_new_tokens]
        return {"prediction": " ".join(said) + "<|im_end|>", "prediction_masks": None}

    def check(self, video, text, text_prompts, shown, dense, tokenizer):
        assert all(isinstance(one, Image.Image) and one.mode == "RGB" and one.size == video[0].size for one in video)
        task_c = text_prompts == "Please describe the region <mask> in the video in detail."
        block = f"<img>{IMAGE * 256}</img>"
        head = "\n".join([block] * len(dense)) + IMAGE * len(shown) + ("\n" if task_c else "")
        assert text.startswith(head), "image tokens"
        rest = text[len(head) :]
        assert rest == text_prompts.replace("<mask>", f"<vp>{IMAGE * 2}</vp>"), rest
        ids = tokenizer.encode(text)
        image = tokenizer.convert_tokens_to_ids(IMAGE)
        assert ids.count(image) == 256 * len(dense) + len(shown) + 2 * text_prompts.count("<mask>"), "tokens"

    def check_regions(self, length, small, large, text_prompts, mask_count):
        assert mask_count == [text_prompts.count("<mask>")] == [len(small)] == [len(large)]
        for masks, size in ((small, 16), (large, 112)):
            for one in masks:
                assert (tuple(one.shape), one.dtype, one.device.type) == ((length, size, size), torch.uint8, "cpu")
                assert set(one.unique().tolist()) <= {0, 1}

    def look(self, video, shown):
        for frame in video:
            self.grounding_encoder.preprocess_image(self.resized(frame))
        pixels = torch.stack([self.transformer(video[index]) for index in shown]).to(self.torch_dtype)
        features = self.proj(self.extract_feature(pixels))
        return self.spatial_Qformer.bert(query_embeds=None, encoder_hidden_states=features, return_dict=True)

    def resized(self, frame):
        return torch.from_numpy(self.extra_image_processor.apply_image(np.array(frame))).permute(2, 0, 1)

    def region(self, masks, embeddings):
        there = (masks.flatten(1).sum(dim=1) > 0).nonzero()[:, 0].tolist()
        index = random.choice(there) if there else 0
        features = embeddings[: len(masks)][index].reshape(1, 8, 1, 1).expand(1, 8, 16, 16)
        return self.mask_pooling(features, masks[index][None, None].to(torch.bfloat16)).mean()

    def answer(self, video, words, embeddings, dense, prediction_only):
        told = re.search(r"say (\d+)", words)
        count = int(told[1]) if told else 0
        text = " ".join(f"<p>thing {n}</p> [SEG]" for n in range(count)) or f"seen {embeddings.mean().item():.6f}"
        if prediction_only:
            return {"prediction": text + "<|im_end|>", "prediction_masks": None}
        pixels = torch.stack([self.grounding_encoder.preprocess_image(self.resized(one)) for one in video])
        pixels = pixels.to(self.torch_dtype)
        masks = [self.track(pixels, embeddings + n, len(dense), video[0].size) for n in range(count)]
        return {"prediction": text + "<|im_end|>", "prediction_masks": self.spoiled(masks, words)}

    def track(self, pixels, embedding, frames, size):
        state = self.grounding_encoder.get_sam2_embeddings(pixels)
        masks = self.grounding_encoder.language_embd_inference(state, [embedding] * frames)
        masks = nn.functional.interpolate(masks.float(), size=size[::-1], mode="bilinear", align_corners=False)
        return (masks[:, 0].sigmoid() > 0.5).cpu().numpy()

    def spoiled(self, masks, words):
        if "one fewer" in words:
            return masks[:-1]
        if "other size" in words:
            return [one[:, :-1] for one in masks]
        if "no numbers" in words:
            return [np.where(one, np.nan, 0.0) for one in masks]
        return masks
