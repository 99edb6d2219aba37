package permissionset

import (
	"fmt"
	"strings"
)

// Problem is one thing of a file that can't be used, and what to do about it.
type Problem struct {
	Line, Column int // from 1
	Text, Remedy string
}

// Problems are all that is wrong with a file, in its order.
type Problems struct {
	File string
	All  []Problem
}

// Error tells every problem on a line of its own.
func (p *Problems) Error() string {
	lines := make([]string, len(p.All))
	for i, one := range p.All {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s; %s", p.File, one.Line, one.Column, one.Text, one.Remedy)
	}
	return strings.Join(lines, "\n")
}
