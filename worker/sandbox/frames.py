"""What goes between a process and its sandboxed children: pickles, each with its length before it.

A child that reads hostile bytes may itself have turned hostile: of what it sends back, only our
own records and plain values are taken.
"""

import io
import pickle
import struct
from typing import Any

from worker import records

HEADER = struct.Struct("!I")
_ALLOWED = {
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("datetime", "timedelta"),
    ("worker.errors", "Reason"),
}


def pack(value: object) -> bytes:
    """`value` as one frame."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(data)) + data


def unpack(data: bytes | memoryview) -> Any:
    """The value of a frame's data; raises pickle.UnpicklingError for anything but records."""
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # what is no pickle can make it raise nearly anything
        raise pickle.UnpicklingError(f"{type(error).__name__}: {error}") from None


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        ours = module.startswith("worker.records.") and name in records.__all__
        if ours or (module, name) in _ALLOWED:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"a child may not send {module}.{name}")
