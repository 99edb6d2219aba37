package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxRules is how long a list of fault rules may be, in bytes.
const maxRules = 1 << 20

// door answers what is not AWS: GET state and calls, POST and DELETE faults, POST advance.
func (s *Sandbox) door(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /_sandbox/state":
		s.showState(w)
	case "GET /_sandbox/calls":
		s.showCalls(w)
	case "POST /_sandbox/faults":
		s.addFaults(w, r)
	case "DELETE /_sandbox/faults":
		s.faults.clear()
		w.WriteHeader(http.StatusNoContent)
	case "POST /_sandbox/advance":
		s.advance(w, r)
	default:
		refuse(w, http.StatusNotFound, "the sandbox's door knows GET /_sandbox/state, GET /_sandbox/calls, "+
			"POST and DELETE /_sandbox/faults, POST /_sandbox/advance?by=30m")
	}
}

func (s *Sandbox) showState(w http.ResponseWriter) {
	var body []byte
	var err error
	s.world.Do(func() { body, err = json.MarshalIndent(s.world.State(), "", " ") })
	if err != nil {
		refuse(w, http.StatusInternalServerError, fmt.Sprintf("write state: %v", err))
		return
	}
	show(w, http.StatusOK, body)
}

func (s *Sandbox) showCalls(w http.ResponseWriter) {
	known, unknown := s.Calls()
	out := map[string]any{}
	for operation, n := range known {
		out[operation] = n
	}
	if len(unknown) > 0 {
		out["unknown"] = unknown
	}
	body, err := json.Marshal(out)
	if err != nil {
		panic("sandbox: calls: " + err.Error()) // numbers by name can always be written
	}
	show(w, http.StatusOK, body)
}

func (s *Sandbox) addFaults(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRules))
	if err != nil {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("read rules: %v", err))
		return
	}
	if err := s.faults.add(text); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) advance(w http.ResponseWriter, r *http.Request) {
	by, err := time.ParseDuration(r.URL.Query().Get("by"))
	if err != nil || by <= 0 {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("by must be a positive duration as 30m, not %q", r.URL.Query().Get("by")))
		return
	}
	s.world.Advance(by)
	s.stacks.Settle()
	w.WriteHeader(http.StatusNoContent)
}

func refuse(w http.ResponseWriter, status int, message string) {
	body, err := json.Marshal(map[string]string{"error": message})
	if err != nil {
		panic("sandbox: refusal: " + err.Error()) // a text can always be written
	}
	show(w, status, body)
}

func show(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that has gone away is its own problem
}
