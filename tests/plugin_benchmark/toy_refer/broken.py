raise ImportError("this benchmark was written for another version")
