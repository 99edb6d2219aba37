//go:build bench

package bench_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// figure is one thing that was measured.
type figure struct {
	Name  string         `json:"name"`
	Value float64        `json:"figure"`
	Unit  string         `json:"unit"`
	Goal  string         `json:"goal"`
	With  string         `json:"comparedWith,omitempty"`
	Base  float64        `json:"base,omitempty"`  // the same of what it is compared with, in the same unit
	Ratio float64        `json:"ratio,omitempty"` // of figure and base
	Met   bool           `json:"met"`
	Calls map[string]int `json:"calls,omitempty"` // what the figure consists of
	Note  string         `json:"note,omitempty"`
}

// atMost is a figure that is to stay below a bound.
func atMost(name string, value, most float64, unit string) figure {
	return figure{Name: name, Value: value, Unit: unit, Goal: "≤ " + short(most) + " " + unit, Met: value <= most}
}

// atLeast is a figure that is to reach a bound.
func atLeast(name string, value, least float64, unit string) figure {
	return figure{Name: name, Value: value, Unit: unit, Goal: "≥ " + short(least) + " " + unit, Met: value >= least}
}

// times is a figure that is to be a small multiple of another one of the same run.
func times(name string, value float64, unit, with string, base, most float64) figure {
	ratio := value / base
	return figure{
		Name: name, Value: value, Unit: unit, Goal: "≤ " + short(most) + "x", With: with, Base: base, Ratio: ratio, Met: ratio <= most,
	}
}

// calls adds what the figure consists of.
func (f figure) of(calls map[string]int) figure { f.Calls = calls; return f }

// noting adds a remark.
func (f figure) noting(format string, args ...any) figure {
	f.Note = fmt.Sprintf(format, args...)
	return f
}

func short(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// rounded shows a value with three digits that count.
func rounded(f float64) string {
	if f == float64(int64(f)) || f >= 100 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'f', max(0, 2-digitsBefore(f)), 64)
}

func digitsBefore(f float64) int {
	n := 0
	for ; f >= 10; f /= 10 {
		n++
	}
	return n
}

func (f figure) ratio() string {
	if f.Ratio == 0 {
		return ""
	}
	if f.Ratio < 1.1 && f.Ratio > 0.9 {
		return fmt.Sprintf("%.4f", f.Ratio)
	}
	return fmt.Sprintf("%.2f", f.Ratio)
}

func (f figure) met() string {
	if f.Met {
		return "yes"
	}
	return "no"
}

func (f figure) compared() string {
	if f.Base == 0 {
		return f.With
	}
	return f.With + ": " + rounded(f.Base) + " " + f.Unit
}

func (f figure) cells() []string {
	return []string{f.Name, rounded(f.Value), f.Unit, f.Goal, f.compared(), f.ratio(), f.met()}
}

// detail is what stands below the table about a figure, nothing when there is nothing more to say.
func (f figure) detail() string {
	var parts []string
	for _, name := range slices.SortedFunc(maps.Keys(f.Calls), func(a, b string) int {
		return cmp.Or(f.Calls[b]-f.Calls[a], strings.Compare(a, b))
	}) {
		parts = append(parts, fmt.Sprintf("%s %d", name, f.Calls[name]))
	}
	return strings.Join(slices.DeleteFunc([]string{f.Note, strings.Join(parts, ", ")}, func(s string) bool { return s == "" }), ": ")
}

var headings = []string{"name", "figure", "unit", "goal", "compared with", "ratio", "met"}

// formats are the ways to write figures.
var formats = map[string]func(io.Writer, []figure) error{"table": writeTable, "json": writeJSON, "markdown": writeMarkdown}

func writeTable(w io.Writer, all []figure) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.ToUpper(strings.Join(headings, "\t")))
	for _, f := range all {
		fmt.Fprintln(table, strings.Join(f.cells(), "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, f := range all {
		if d := f.detail(); d != "" {
			fmt.Fprintf(w, "\n%s: %s\n", f.Name, d)
		}
	}
	return nil
}

func writeMarkdown(w io.Writer, all []figure) error {
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(headings, " | "), strings.Repeat("---|", len(headings)))
	for _, f := range all {
		fmt.Fprintf(w, "| %s |\n", strings.Join(f.cells(), " | "))
	}
	return nil
}

func writeJSON(w io.Writer, all []figure) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(all)
}
