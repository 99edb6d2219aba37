package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/vend-cli/vend/internal/recording"
)

// record begins a recording, if a file was named. A file that is there already is left alone.
func (s *session) record(name string) error {
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usage("--record %s: there is such a file already; name another one, or delete it", name)
	case err != nil:
		return usage("--record: %v", err)
	}
	s.recorded, s.recorder = file, recording.New(file, s.now)
	return nil
}

// endRecording closes the file, and tells if something is missing in it.
func (s *session) endRecording() {
	if s.recorder == nil {
		return
	}
	if err := errors.Join(s.recorder.Err(), s.recorded.Close()); err != nil {
		s.say("the recording is not complete: %v", err)
	}
}
