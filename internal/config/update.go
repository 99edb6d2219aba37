package config

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// top is a line of vend.yaml that gives a setting of the first level, or, as a comment, shows how it would be given.
const top = `(?m)^(# ?)?%s:[ \t]*("(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^#\n]*?)([ \t]+#[^\n]*)?$`

// Update is the text of a vend.yaml with other values of settings of its first level, such as bucket; everything else stays as it
// is, comments too. A setting that the text only shows in a comment is put there, one that it has not at its beginning. What
// comes out was read back: the error is an [account.Refused] where the file is written in a way that this does not understand,
// and says what to write.
func Update(name string, text []byte, values map[string]string) ([]byte, error) {
	out := string(text)
	var missing []string
	for _, s := range settings {
		value, given := values[s.path]
		if !given {
			continue
		}
		pattern := regexp.MustCompile(fmt.Sprintf(top, regexp.QuoteMeta(s.path)))
		found := pattern.FindAllStringSubmatchIndex(out, -1)
		at := slices.IndexFunc(found, func(m []int) bool { return m[2] < 0 })
		if at < 0 && len(found) > 0 {
			at = 0
		}
		line := s.path + ": " + quoted(value)
		if at < 0 {
			missing = append(missing, line)
			continue
		}
		m := found[at]
		if m[6] >= 0 {
			line += out[m[6]:m[7]]
		}
		out = out[:m[0]] + line + out[m[1]:]
	}
	if len(missing) > 0 {
		out = after(out, strings.Join(missing, "\n")+"\n")
	}
	if err := holds(out, values); err != nil {
		wanted := make([]string, 0, len(values))
		for _, s := range settings {
			if value, given := values[s.path]; given {
				wanted = append(wanted, s.path+": "+quoted(value))
			}
		}
		return nil, account.Refused{
			Code: "V3011", Reason: fmt.Sprintf("%s could not be brought up to date: %v", name, err),
			Hint: "Write into it: " + strings.Join(wanted, ", ") + ".",
		}
	}
	return []byte(out), nil
}

// after puts lines behind the comments with which a file begins.
func after(text, lines string) string {
	at := 0
	for at < len(text) && text[at] == '#' {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			return text + "\n" + lines
		}
		at += end + 1
	}
	return text[:at] + lines + text[at:]
}

// holds says whether a text gives these values.
func holds(text string, values map[string]string) error {
	c := Config{Prefix: "incoming/", origin: map[string]string{}}
	if err := c.read("vend.yaml", []byte(text)); err != nil {
		return err
	}
	for _, s := range settings {
		if value, given := values[s.path]; given && s.text(&c) != value {
			return fmt.Errorf("%s would be %q", s.path, s.text(&c))
		}
	}
	return nil
}

// Assign is the text of a vend.yaml with assignments that every new account gets, where it says nothing of defaults; false where
// it does.
func Assign(text []byte, assignments []string) ([]byte, bool) {
	if regexp.MustCompile(`(?m)^defaults:`).Match(text) {
		return text, false
	}
	out := bytes.TrimRight(text, "\n")
	out = append(out, "\n\n# What every new account gets.\ndefaults:\n  assignments: ["...)
	for i, a := range assignments {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = append(out, jsonText(a)...)
	}
	return append(out, "]\n"...), true
}
