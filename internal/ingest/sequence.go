package ingest

import (
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// unsequenced is where a sequence has no sequencer: no event told of the upload.
var unsequenced = strings.Repeat("0", 32)

// sequence orders uploads as text: by time, writes of the same key within a second by S3's sequencer, which is padded with
// zeros at its end (Amazon S3 User Guide, event message structure), else by version id.
func sequence(o account.Object, sequencer string) string {
	if n := len(unsequenced) - len(sequencer); n > 0 {
		sequencer += unsequenced[:n]
	}
	return o.LastModified.UTC().Format("2006-01-02T15:04:05Z") + "#" + strings.ToUpper(sequencer) + "#" + o.Version
}

// undecided says that two sequences of the same second do not tell which upload is the newer one, since no event has told
// of one of them.
func undecided(a, b string) bool {
	if a == b {
		return false
	}
	first, second := strings.SplitN(a, "#", 3), strings.SplitN(b, "#", 3)
	return len(first) == 3 && len(second) == 3 && first[0] == second[0] && (first[1] == unsequenced || second[1] == unsequenced)
}
