package permissionset

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
)

var iso = pattern.Compile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$`)

// Duration reads a session's length as AWS writes it ("PT8H", ISO 8601) or as people do ("8h").
func Duration(text string) (time.Duration, error) {
	if !strings.HasPrefix(text, "P") {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, fmt.Errorf("read duration %q: write it like PT8H or 8h", text)
		}
		return d, nil
	}
	parts := iso.FindStringSubmatch(text)
	if parts == nil || strings.HasSuffix(text, "T") || text == "P" {
		return 0, fmt.Errorf("read duration %q: write it like PT8H or 8h", text)
	}
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(parts[i+1])
		if err != nil || n > int(longestSession/time.Second) {
			return 0, fmt.Errorf("read duration %q: it is too long", text)
		}
		d += time.Duration(n) * unit
	}
	return d, nil
}

// Spoken writes a session's length as AWS does: PT8H, PT1H30M.
func Spoken(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	text := "PT"
	for _, part := range []struct {
		n    int
		unit string
	}{{int(d / time.Hour), "H"}, {int(d % time.Hour / time.Minute), "M"}, {int(d % time.Minute / time.Second), "S"}} {
		if part.n > 0 {
			text += strconv.Itoa(part.n) + part.unit
		}
	}
	return text
}
