package permissionset

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first asked for: those of whole alphabets take milliseconds,
// and most commands need none.
type pattern func() *regexp.Regexp

func expression(text string) pattern {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// MatchString says whether the text has what the pattern looks for.
func (p pattern) MatchString(text string) bool { return p().MatchString(text) }
