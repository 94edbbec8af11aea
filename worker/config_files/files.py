"""Reading one configuration file, with a clear word for whatever is wrong with it as a whole."""

from pathlib import Path

from worker.errors import ConfigError

MAX_BYTES = 10 * 1024**2


def read_file(path: Path, how_to_make: str) -> bytes:
    """The file's bytes; `how_to_make` is the remedy where there is no file."""
    try:
        if path.is_dir():
            raise ConfigError(path, "it is a folder", "Put a file of that name in its place.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(path, "there is no such file", how_to_make) from None
    except OSError as error:
        remedy = "Make it readable for the user that runs wirewatch."
        problem = f"it cannot be read ({error.strerror or type(error).__name__})"
        raise ConfigError(path, problem, remedy) from None
    return bounded(data, str(path))


def bounded(data: bytes, file: str) -> bytes:
    """`data`, unless it is larger than a configuration file may be."""
    if len(data) > MAX_BYTES:
        problem = f"it is larger than {MAX_BYTES // 1024**2} MiB"
        raise ConfigError(file, problem, "Is it the right file? Split it, or make it smaller.")
    return data


def read_text(path: Path, how_to_make: str) -> str:
    """The file's text; raises ConfigError with the line of the first byte that is not UTF-8."""
    data = read_file(path, how_to_make)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"byte {data[error.start]:#04x} is not UTF-8"
        raise ConfigError(path, problem, "Save the file as UTF-8.", line=line) from None
