package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// kinds are the ends of error codes, and the HTTP status that goes with their kind.
var kinds = []struct {
	end    string
	status int
}{
	{"AccessDeniedException", http.StatusForbidden},
	{"NotFoundException", http.StatusNotFound},
	{"ConflictException", http.StatusConflict},
	{"ThrottlingException", http.StatusTooManyRequests},
	{"TooManyRequestsException", http.StatusTooManyRequests},
}

// restatus gives an awsJson error with the status 400 that of its kind, where the world says that AWS does.
func (s *Sandbox) restatus(a *answer, c *wire.Call) {
	if c.Protocol != wire.JSON || a.status != http.StatusBadRequest || !s.world.Otherwise("json-error-status") {
		return
	}
	var body struct {
		Type string `json:"__type"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &body); err != nil {
		return // an awsJson service answers JSON
	}
	for _, kind := range kinds {
		if strings.HasSuffix(body.Type, kind.end) {
			a.status = kind.status
		}
	}
}
