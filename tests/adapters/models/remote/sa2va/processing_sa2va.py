"""Stands in for the processor of the Qwen variants."""


class Sa2VAProcessor:
    @classmethod
    def from_pretrained(cls, path, **more):
        return cls()

    @classmethod
    def register_for_auto_class(cls, auto_class="AutoProcessor"):
        pass
