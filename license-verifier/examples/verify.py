"""Verifies a license file: python3 verify.py LIBRARY FILE PUBLIC_KEY"""

import ctypes
import json
import sys
import time


class LicenseVerifier:
    def __init__(self, library):
        self.library = ctypes.CDLL(library)
        self.library.lv_verify_license_file.restype = ctypes.c_void_p
        self.library.lv_verify_license_file.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int64,
        ]
        self.library.lv_free.argtypes = [ctypes.c_void_p]

    def verify(self, file, public_key, now=None):
        """The license as a dict; ValueError says why there is none."""
        file, public_key = file.encode(), public_key.encode()
        now = int(time.time()) if now is None else now
        pointer = self.library.lv_verify_license_file(file, len(file), public_key, len(public_key), now)
        try:
            answer = json.loads(ctypes.string_at(pointer))
        finally:
            self.library.lv_free(pointer)
        if not answer["ok"]:
            raise ValueError(answer["error"])
        return answer["license"]


if __name__ == "__main__":
    _, library, path, public_key = sys.argv
    with open(path, encoding="utf-8") as file:
        try:
            license = LicenseVerifier(library).verify(file.read(), public_key)
        except ValueError as error:
            sys.exit(str(error))
    print("Licensed:", license["name"])
