package trace

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// destination is where spans are sent, and how.
type destination struct {
	url     string
	header  http.Header
	timeout time.Duration
	gzip    bool
}

const (
	localCollector = "http://localhost:4318"
	sendWithin     = 10 * time.Second
)

// destinationOf reads the variables of the OTLP exporter; nil where no traces are asked for. Those of traces go before those
// of all signals.
func destinationOf(env func(string) string) (*destination, error) {
	of := func(name string) string {
		return cmp.Or(env("OTEL_EXPORTER_OTLP_TRACES_"+name), env("OTEL_EXPORTER_OTLP_"+name))
	}
	exporter, address := env("OTEL_TRACES_EXPORTER"), of("ENDPOINT")
	switch {
	case strings.EqualFold(env("OTEL_SDK_DISABLED"), "true"), exporter == "none", exporter == "" && address == "":
		return nil, nil
	case exporter != "" && exporter != "otlp":
		return nil, fmt.Errorf("OTEL_TRACES_EXPORTER is %q; vend knows otlp and none", exporter)
	}
	if protocol := of("PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q; vend speaks http/protobuf, which collectors take on port 4318", protocol)
	}
	if env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" { // that one is taken as it stands
		address = strings.TrimSuffix(cmp.Or(address, localCollector), "/") + "/v1/traces"
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT is no address such as %s", localCollector)
	}
	to := &destination{url: address, header: http.Header{}, timeout: milliseconds(of("TIMEOUT"), sendWithin)}
	switch compression := of("COMPRESSION"); compression {
	case "", "none":
	case "gzip":
		to.gzip = true
	default:
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_COMPRESSION is %q; vend knows gzip and none", compression)
	}
	for pair := range strings.SplitSeq(of("HEADERS"), ",") {
		name, value, found := strings.Cut(pair, "=")
		if !found {
			continue
		}
		if decoded, err := url.PathUnescape(strings.TrimSpace(value)); err == nil {
			value = decoded
		}
		to.header.Set(strings.TrimSpace(name), value)
	}
	return to, nil
}
