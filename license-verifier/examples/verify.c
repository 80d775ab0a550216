/* Verifies a license file.
 *
 *   cc verify.c -I ../c/include -L LIBRARY_FOLDER -llicense_verifier_c -o verify
 *   ./verify FILE PUBLIC_KEY PRODUCT
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "license_verifier.h"

int main(int argc, char **argv) {
    static char file[64 * 1024];
    if (argc != 4) {
        fprintf(stderr, "verify FILE PUBLIC_KEY PRODUCT\n");
        return 1;
    }
    FILE *input = fopen(argv[1], "rb");
    if (input == NULL) {
        perror(argv[1]);
        return 1;
    }
    size_t length = fread(file, 1, sizeof file, input);
    fclose(input);

    const char *key = argv[2], *product = argv[3];
    char *answer = lv_verify_license_file((const uint8_t *)file, length, (const uint8_t *)key, strlen(key), (const uint8_t *)product,
                                          strlen(product), (int64_t)time(NULL));
    /* JSON; a real program reads it with its JSON library. */
    int is_licensed = strstr(answer, "\"ok\":true") != NULL;
    printf("%s\n", answer);
    lv_free(answer);
    return is_licensed ? 0 : 1;
}
