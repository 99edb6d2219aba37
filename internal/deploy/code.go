package deploy

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// Code is a program as AWS Lambda takes it: a zip that holds it as bootstrap, the same bytes for the same program.
type Code struct {
	Zip []byte
	Key string // where it goes in the bucket: code/ and its digest
}

// ErrProgram is a program that cannot be the function's.
var ErrProgram = errors.New("it is no static program for linux/arm64")

// Pack makes the function's code of a program. The error is [ErrProgram] with the reason where the program cannot run on
// provided.al2023 and arm64 (AWS Lambda Developer Guide, "Deploy Go Lambda functions with .zip file archives").
func Pack(program []byte) (Code, error) {
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return Code{}, fmt.Errorf("%w: it is no ELF file", ErrProgram)
	}
	defer func() { _ = file.Close() }() // it closes nothing: the bytes are in memory
	if file.Machine != elf.EM_AARCH64 || file.Class != elf.ELFCLASS64 {
		return Code{}, fmt.Errorf("%w: it is one for %s", ErrProgram, file.Machine)
	}
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			return Code{}, fmt.Errorf("%w: it needs libraries of the system", ErrProgram)
		}
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o755)
	w, err := z.CreateHeader(header)
	if err == nil {
		_, err = w.Write(program)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return Code{}, fmt.Errorf("pack program: %w", err)
	}
	digest := sha256.Sum256(program)
	return Code{b.Bytes(), "code/" + hex.EncodeToString(digest[:8]) + ".zip"}, nil
}
