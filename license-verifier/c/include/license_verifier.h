/* Verifies the signed license files of a Weightless shop, offline. Made by cbindgen. */

#ifndef LICENSE_VERIFIER_H
#define LICENSE_VERIFIER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Verifies a license file: `{"ok":true,"license":{…}}`.
//
// `public_keys` are hexadecimal digits, with commas between several keys. `product_id` is the number of your product; null takes the
// license of any product of the shop. `now` is in seconds since 1970.
//
// # Safety
// Each pointer must point to as many bytes as its length says, or be null. The answer is given back to `lv_free`.
char *lv_verify_license_file(const uint8_t *file,
                             uintptr_t file_len,
                             const uint8_t *public_keys,
                             uintptr_t public_keys_len,
                             const uint8_t *product_id,
                             uintptr_t product_id_len,
                             int64_t now);

// Verifies a machine file for the device with this fingerprint: `{"ok":true,"machine":{…},"license":{…}}`.
//
// # Safety
// As for `lv_verify_license_file`.
char *lv_verify_machine_file(const uint8_t *file,
                             uintptr_t file_len,
                             const uint8_t *public_keys,
                             uintptr_t public_keys_len,
                             const uint8_t *product_id,
                             uintptr_t product_id_len,
                             const uint8_t *fingerprint,
                             uintptr_t fingerprint_len,
                             int64_t now);

// Verifies the `proof` of an answer of the shop: `{"ok":true,"proof":{"valid":true,"license_id":…}}`. A no is signed as well: look at
// `valid`, and compare the license and the device with what you asked for.
//
// # Safety
// As for `lv_verify_license_file`.
char *lv_verify_proof(const uint8_t *proof,
                      uintptr_t proof_len,
                      const uint8_t *public_keys,
                      uintptr_t public_keys_len,
                      int64_t nonce);

// The text that a program without a network shows: `{"ok":true,"challenge":"challenge/…"}`.
//
// # Safety
// As for `lv_verify_license_file`.
char *lv_challenge(const uint8_t *fingerprint,
                   uintptr_t fingerprint_len,
                   const uint8_t *name,
                   uintptr_t name_len);

// Whether a version of the software is no higher than the `max_version` of a license, where null covers all: 1 or 0.
//
// # Safety
// As for `lv_verify_license_file`.
int32_t lv_covers_version(const uint8_t *max,
                          uintptr_t max_len,
                          const uint8_t *version,
                          uintptr_t version_len);

// Whether a version that was released at a time is within the `updates_until` of a license, where null covers all: 1 or 0. Both are
// written as in a license: `2026-01-24T14:15:07Z`.
//
// # Safety
// As for `lv_verify_license_file`.
int32_t lv_covers_release(const uint8_t *until,
                          uintptr_t until_len,
                          const uint8_t *released,
                          uintptr_t released_len);

// Gives an answer back.
//
// # Safety
// `answer` must come from this library and be given back once, or be null.
void lv_free(char *answer);

// Memory of this library for a text of the caller's: WebAssembly has no other. Given back to `lv_release`.
uint8_t *lv_alloc(uintptr_t len);

// Gives memory of `lv_alloc` back, with its length.
//
// # Safety
// `memory` must come from `lv_alloc` with this length and be given back once, or be null.
void lv_release(uint8_t *memory, uintptr_t len);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* LICENSE_VERIFIER_H */
