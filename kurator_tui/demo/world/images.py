"""Names of images: the next and the previous version of one.  Pure."""


def next_image(image: str) -> str:
    """The image with the last number of its tag counted up."""
    name, _, tag = image.rpartition(":")
    head, dot, patch = tag.rpartition(".")
    return f"{name}:{head}{dot}{int(patch) + 1}" if patch.isdigit() else f"{image}.1"


def previous_image(image: str) -> str:
    """The image with the last number of its tag above zero counted down, and what follows it at nine."""
    name, _, tag = image.rpartition(":")
    parts = tag.split(".")
    for number in range(len(parts) - 1, 0, -1):
        if parts[number].isdigit() and int(parts[number]) > 0:
            later = ["9"] * (len(parts) - number - 1)
            return f"{name}:{'.'.join([*parts[:number], str(int(parts[number]) - 1), *later])}"
    return f"{image}-before"
