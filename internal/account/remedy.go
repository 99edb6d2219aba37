package account

import (
	"cmp"
	"strings"
)

// Remedy is what to do about the failure of a request (id; empty where there is none): its own hint, else what [Explain]
// knows of its code. A command in it that acts on one request names that request, so that it can be typed as it stands.
func (f Failure) Remedy(id string) string {
	e, _ := Explain(f.Code)
	said := cmp.Or(f.Hint, e.Remedy)
	if id == "" {
		return said
	}
	said = resumes().ReplaceAllStringFunc(said, func(command string) string {
		m := resumes().FindStringSubmatch(command)
		switch options := strings.ReplaceAll(m[1], " REQUEST", ""); options {
		case "", " --recover":
			return "`vend resume" + options + " " + id + "`"
		default: // it names already whom it acts on
			return command
		}
	})
	return strings.ReplaceAll(said, "REQUEST", id)
}

var resumes = compile("`?vend resume((?: (?:--[a-z]+|REQUEST|[rb]-[0-9a-f]+))*)`?")
