package render_test

import (
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/doctor"
	"github.com/vend-cli/vend/internal/render"
)

func TestDiagnosis(t *testing.T) {
	t.Parallel()
	checks := []doctor.Check{
		{Name: "credentials", Result: doctor.Pass, Message: "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/someone"},
		{Name: "landing zone", Result: doctor.Fail, Code: "V3008", Message: "it has drifted: Control Tower makes no accounts", Remedy: "Repair the landing zone in Control Tower, then run `vend resume --paused`."},
		{
			Name: "stack sets", Result: doctor.Warn, Message: "they have no trusted access; accounts can be made, but enrollments can't plant their role",
			Remedy: "run `aws cloudformation activate-organizations-access` in the management account",
		},
		{Name: "table", Result: doctor.Warn, Message: "=evil\x1b[2J", Remedy: "Wait."},
	}
	for name, test := range map[string]struct {
		format render.Format
		color  bool
	}{"diagnosis.txt": {}, "diagnosis-color.txt": {color: true}, "diagnosis.json": {format: render.JSON}, "diagnosis.csv": {format: render.CSV}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			p := printer(test.format, &out)
			p.Color = test.color
			if err := p.Diagnosis(checks); err != nil {
				t.Fatal(err)
			}
			golden(t, name, out.String())
			if strings.HasSuffix(name, ".txt") && !test.color {
				for line := range strings.SplitSeq(out.String(), "\n") {
					if len([]rune(line)) > 80 {
						t.Errorf("a line of more than 80 columns: %q", line)
					}
				}
			}
		})
	}
}
