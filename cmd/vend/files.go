package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
)

// What is larger than a list may be is cut behind this bound, where the check refuses it.
const inputBound = 33 << 20

const listHint = "Name the account list; `vend validate --template` prints one to begin with."

// readInput reads the account list that the user names, as far as a list may go.
func (s *session) readInput(ctx context.Context, name string) ([]byte, error) {
	in, _, err := s.openInput(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(in, inputBound))
	if err != nil {
		return nil, unreadable(name, err, listHint)
	}
	return content, nil
}

// openInput opens the account list that the user names: a file, the standard input, or an object in S3. Its size is -1
// where it is not known.
func (s *session) openInput(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	if url, ok := strings.CutPrefix(name, "s3://"); ok {
		content, err := s.fetch(ctx, name, url)
		return io.NopCloser(bytes.NewReader(content)), int64(len(content)), err
	}
	if name == "-" {
		return io.NopCloser(s.stdin), -1, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, -1, unreadable(name, err, listHint)
	}
	is, err := file.Stat()
	switch {
	case err == nil && is.IsDir():
		err = syscall.EISDIR
		fallthrough
	case err != nil:
		_ = file.Close() // it was not even read
		return nil, -1, unreadable(name, err, listHint)
	case !is.Mode().IsRegular():
		return file, -1, nil // a pipe has no size
	}
	return file, is.Size(), nil
}

// fetch reads an object; of the settings it needs nothing but how AWS is reached.
func (s *session) fetch(ctx context.Context, name, url string) ([]byte, error) {
	bucket, key, _ := strings.Cut(url, "/")
	if bucket == "" || key == "" {
		return nil, usage("%s names no object; write s3://BUCKET/KEY", name)
	}
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	content, err := engine.Fetch(ctx, c, engine.Options{Log: s.log(slog.LevelWarn), Kind: "cli", Now: s.now}, bucket, key, inputBound)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, unreadable(name, errors.New("there is no such object"), listHint)
	}
	return content, err
}

func unreadable(name string, err error, hint string) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &errInput{code: account.CodeUnreadable, message: fmt.Sprintf("can't read %s: %v", name, err), hint: hint}
}

// writeWhole writes a file that an option names, so that whoever waits for it never reads half of it. Only its owner may
// read it: it holds keys or e-mail addresses.
func writeWhole(option, name, content string) error {
	unwritable := func(err error) error {
		return &errHere{
			code: "V3011", message: fmt.Sprintf("can't write %s: %v", name, cause(err)),
			hint: "Give " + option + " a name in a folder that exists and may be written to.",
		}
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".vend-*")
	if err != nil {
		return unwritable(err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when all went well
	_, err = file.WriteString(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return unwritable(err)
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return unwritable(err)
	}
	return nil
}

// cause is what the system said, without the path or the address, which the message names already.
func cause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
