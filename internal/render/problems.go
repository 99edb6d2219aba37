package render

import (
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
)

// ProblemFormat is how the problems of an account list are written.
type ProblemFormat string

// The formats of problems: for people, for scripts, as annotations of a GitHub workflow run (GitHub Docs, "Workflow
// commands"), and as SARIF 2.1.0 (OASIS), which code scanners read.
const (
	ProblemsText   ProblemFormat = "text"
	ProblemsJSON   ProblemFormat = "json"
	ProblemsGitHub ProblemFormat = "github"
	ProblemsSARIF  ProblemFormat = "sarif"
)

// ProblemFormats are all of them.
var ProblemFormats = []ProblemFormat{ProblemsText, ProblemsJSON, ProblemsGitHub, ProblemsSARIF}

// problemsShown is how many problems people are shown; scripts get all.
const problemsShown = 100

// Problems writes what there is to say about an account list.
func (p Printer) Problems(r batch.Report, format ProblemFormat) error {
	switch format {
	case ProblemsJSON:
		return document(p.Out, r, p.indent())
	case ProblemsGitHub:
		return p.annotations(r)
	case ProblemsSARIF:
		return document(p.Out, newSARIF(r), p.indent())
	}
	return r.WriteText(p.Out, problemsShown)
}

func (p Printer) annotations(r batch.Report) error {
	var b strings.Builder
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, problem := range r.Problems {
		message := problem.Message
		if problem.Suggestion != "" {
			message += " (" + problem.Suggestion + ")"
		}
		fmt.Fprintf(&b, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", problem.Severity, property.Replace(Text(r.File)),
			problem.Line, problem.Column, problem.Code, data.Replace(Text(message)))
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

type sarif struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver struct {
			Name  string      `json:"name"`
			Rules []sarifRule `json:"rules"`
		} `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifRule struct {
	ID    string    `json:"id"`
	Short sarifText `json:"shortDescription"`
	Full  sarifText `json:"fullDescription"`
	Help  sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     batch.Severity  `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region struct {
			StartLine   int `json:"startLine"`
			StartColumn int `json:"startColumn"`
		} `json:"region"`
	} `json:"physicalLocation"`
}

func newSARIF(r batch.Report) sarif {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver.Name = "vend"
	run.Tool.Driver.Rules = []sarifRule{}
	ruled := map[string]bool{}
	for _, problem := range r.Problems {
		result := sarifResult{RuleID: problem.Code, Level: problem.Severity, Message: sarifText{problem.Message}}
		var where sarifLocation
		where.Physical.Artifact.URI = (&url.URL{Path: filepath.ToSlash(r.File)}).EscapedPath()
		where.Physical.Region.StartLine, where.Physical.Region.StartColumn = problem.Line, problem.Column
		result.Locations = []sarifLocation{where}
		run.Results = append(run.Results, result)
		if e, known := account.Explain(problem.Code); known && !ruled[e.Code] {
			ruled[e.Code] = true
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{e.Code, sarifText{e.Title}, sarifText{e.Cause}, sarifText{e.Remedy}})
		}
	}
	return sarif{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}
