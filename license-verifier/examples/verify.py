"""Verifies a license file: python3 verify.py LIBRARY FILE PUBLIC_KEY PRODUCT"""

import ctypes
import json
import sys
import time


class LicenseVerifier:
    def __init__(self, library):
        self.library = ctypes.CDLL(library)
        self.library.lv_verify_license_file.restype = ctypes.c_void_p
        self.library.lv_verify_license_file.argtypes = [
            *[ctypes.c_char_p, ctypes.c_size_t] * 3, ctypes.c_int64,
        ]
        self.library.lv_free.argtypes = [ctypes.c_void_p]

    def verify(self, file, public_key, product, now=None):
        """The license as a dict; ValueError says why there is none."""
        texts = [part for text in (file, public_key, product) for part in (text.encode(), len(text.encode()))]
        now = int(time.time()) if now is None else now
        pointer = self.library.lv_verify_license_file(*texts, now)
        try:
            answer = json.loads(ctypes.string_at(pointer))
        finally:
            self.library.lv_free(pointer)
        if not answer["ok"]:
            raise ValueError(answer["error"])
        return answer["license"]


if __name__ == "__main__":
    _, library, path, public_key, product = sys.argv
    with open(path, encoding="utf-8") as file:
        try:
            license = LicenseVerifier(library).verify(file.read(), public_key, product)
        except ValueError as error:
            sys.exit(str(error))
    print("Licensed:", license["name"])
