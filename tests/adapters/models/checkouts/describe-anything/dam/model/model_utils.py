"""Where the real code says that the language model goes to CUDA, whatever it is told."""


def prepare_config_for_eval(_, options):
    options["device_map"] = "cuda"
