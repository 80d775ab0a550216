// Verifies a license file: verify FILE PUBLIC_KEY PRODUCT
//
//	CGO_CFLAGS=-I../c/include CGO_LDFLAGS=-LLIBRARY_FOLDER go build verify.go
package main

// #cgo LDFLAGS: -llicense_verifier_c
// #include <stdlib.h>
// #include "license_verifier.h"
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"
)

// License is what a program needs most of a license.
type License struct {
	Name       string   `json:"name"`
	Features   []string `json:"features"`
	MaxVersion *string  `json:"max_version"`
}

// A text in memory of C, which is freed after the call.
type text struct {
	at     *C.char
	length C.uintptr_t
}

func newText(value string) text   { return text{C.CString(value), C.uintptr_t(len(value))} }
func (t text) bytes() *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(t.at)) }
func (t text) free()             { C.free(unsafe.Pointer(t.at)) }

// Verify answers with the license; an error says why there is none.
func Verify(file, publicKey, product string) (*License, error) {
	f, k, p := newText(file), newText(publicKey), newText(product)
	defer f.free()
	defer k.free()
	defer p.free()
	now := C.int64_t(time.Now().Unix())
	pointer := C.lv_verify_license_file(f.bytes(), f.length, k.bytes(), k.length, p.bytes(), p.length, now)
	defer C.lv_free(pointer)
	var answer struct {
		OK      bool     `json:"ok"`
		Error   string   `json:"error"`
		License *License `json:"license"`
	}
	if err := json.Unmarshal([]byte(C.GoString(pointer)), &answer); err != nil {
		return nil, err
	}
	if !answer.OK {
		return nil, errors.New(answer.Error)
	}
	return answer.License, nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "verify FILE PUBLIC_KEY PRODUCT")
		os.Exit(1)
	}
	file, err := os.ReadFile(os.Args[1])
	if err == nil {
		var license *License
		if license, err = Verify(string(file), os.Args[2], os.Args[3]); err == nil {
			fmt.Println("Licensed:", license.Name)
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
