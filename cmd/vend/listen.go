package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/metrics"
)

const (
	readyWithin = 3 * time.Second // the table has to answer
	serveGrace  = time.Second     // what answers in hand get when the worker stops
)

// listen serves /healthz, /readyz and /metrics on an address until stop is called. /healthz says that the process lives,
// /readyz that its table answers. e is not asked before ready gives it.
func listen(ctx context.Context, address string, m *metrics.Metrics, ready func() *engine.Engine, s *session) (stop func(), err error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, &errHere{code: "V3011", message: fmt.Sprintf("can't listen on %s: %v", address, cause(err)), hint: "Give another address as --listen; port 0 takes one that is free."}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		e := ready()
		if e == nil {
			say(w, http.StatusServiceUnavailable, "the worker is not there yet")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
		defer cancel()
		if _, err := e.Queue.Slots(ctx); err != nil {
			say(w, http.StatusServiceUnavailable, "the table does not answer: "+hide(err.Error()))
			return
		}
		say(w, http.StatusOK, "ok")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	s.say("listening on http://%s: /healthz /readyz /metrics", listener.Addr())
	return func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), serveGrace)
		defer cancel()
		if err := server.Shutdown(last); err != nil {
			_ = server.Close() // whoever still reads is cut off
		}
		if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.say("listening on %s ended: %v", listener.Addr(), err)
		}
	}, nil
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // whoever has asked may be gone
}
