// Package controltower is the API of AWS Control Tower: its landing zone, the baselines on units and accounts, the controls on units.
//
// It follows the AWS Control Tower API Reference. The landing zone itself cannot be changed; baselines on organizational
// units can, and that is how whole units are registered. Controls are there as far as who has which of them: no policy denies
// anything, and no rule finds anything.
package controltower

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New makes the service.
func New(w *world.World) wire.Service {
	s := &service{w}
	return &wire.RPC{
		SigningName: "controltower",
		Paths: map[string]string{
			"/list-landingzones":       "ListLandingZones",
			"/get-landingzone":         "GetLandingZone",
			"/create-landingzone":      "CreateLandingZone",
			"/update-landingzone":      "UpdateLandingZone",
			"/reset-landingzone":       "ResetLandingZone",
			"/delete-landingzone":      "DeleteLandingZone",
			"/list-baselines":          "ListBaselines",
			"/get-baseline":            "GetBaseline",
			"/list-enabled-baselines":  "ListEnabledBaselines",
			"/get-enabled-baseline":    "GetEnabledBaseline",
			"/enable-baseline":         "EnableBaseline",
			"/reset-enabled-baseline":  "ResetEnabledBaseline",
			"/update-enabled-baseline": "UpdateEnabledBaseline",
			"/disable-baseline":        "DisableBaseline",
			"/get-baseline-operation":  "GetBaselineOperation",
			"/list-enabled-controls":   "ListEnabledControls",
			"/get-enabled-control":     "GetEnabledControl",
			"/enable-control":          "EnableControl",
			"/reset-enabled-control":   "ResetEnabledControl",
			"/update-enabled-control":  "UpdateEnabledControl",
			"/disable-control":         "DisableControl",
			"/get-control-operation":   "GetControlOperation",
			"/list-control-operations": "ListControlOperations",
		},
		Operations: map[string]wire.Operation{
			"ListLandingZones":      op(w, s.listLandingZones),
			"GetLandingZone":        op(w, s.getLandingZone),
			"ListBaselines":         op(w, s.listBaselines),
			"GetBaseline":           op(w, s.getBaseline),
			"ListEnabledBaselines":  op(w, s.listEnabledBaselines),
			"GetEnabledBaseline":    op(w, s.getEnabledBaseline),
			"EnableBaseline":        op(w, s.enableBaseline),
			"ResetEnabledBaseline":  op(w, s.resetEnabledBaseline),
			"UpdateEnabledBaseline": op(w, s.updateEnabledBaseline),
			"DisableBaseline":       op(w, s.disableBaseline),
			"GetBaselineOperation":  op(w, s.getBaselineOperation),
			"ListEnabledControls":   op(w, s.listEnabledControls),
			"GetEnabledControl":     op(w, s.getEnabledControl),
			"EnableControl":         op(w, s.enableControl),
			"ResetEnabledControl":   op(w, s.resetEnabledControl),
			"UpdateEnabledControl":  op(w, s.updateEnabledControl),
			"DisableControl":        op(w, s.disableControl),
			"GetControlOperation":   op(w, s.getControlOperation),
			"ListControlOperations": op(w, s.listControlOperations),
		},
	}
}

type service struct{ w *world.World }

func op[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (*Out, error) {
		out, err := world.Answer(w, world.Caller(c.Caller), func() (*Out, error) { return f(c, in) })
		var r *world.Refusal
		if errors.As(err, &r) {
			return nil, fail(r.Code, r.Message)
		}
		return out, err
	})
}

// fail is an error with the HTTP status that the API Reference gives it.
func fail(code, message string) error {
	statuses := map[string]int{
		"AccessDeniedException": http.StatusForbidden, "ResourceNotFoundException": http.StatusNotFound,
		"ConflictException": http.StatusConflict, "ServiceQuotaExceededException": http.StatusPaymentRequired,
	}
	return &wire.Error{Code: code, Message: message, Status: statuses[code]}
}

type pageInput struct {
	MaxResults *int   `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

func page[T any](all []T, in pageInput, fewest, most int) ([]T, string, error) {
	var invalid wire.Invalid
	invalid.Range("maxResults", in.MaxResults, fewest, most)
	if err := invalid.Err(); err != nil {
		return nil, "", err
	}
	size, from := most, 0
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if in.NextToken != "" {
		n, err := strconv.ParseInt(in.NextToken, 36, 32)
		if err != nil || n < 0 || int(n) > len(all) {
			return nil, "", fail("ValidationException", "The next token is not valid.")
		}
		from = int(n)
	}
	to, next := min(from+size, len(all)), ""
	if to < len(all) {
		next = strconv.FormatInt(int64(to), 36)
	}
	return append([]T{}, all[from:to]...), next, nil
}
