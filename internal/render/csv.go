package render

import (
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

func (p Printer) statusCSV(o account.Overview, opts StatusOptions) error {
	w := csv.NewWriter(p.Out)
	_ = w.Write([]string{
		"Batch", "Row", "Request", "Kind", "AccountName", "AccountEmail", "OrganizationalUnitId", "OrganizationalUnit", "Stage",
		"AccountId", "ProvisionedProductId", "Attempts", "ErrorCode", "ErrorMsg", "QueuedAt", "StartedAt", "FinishedAt", "Position", "EtaEarliest", "EtaLatest",
	}) // the writer keeps its error for Flush
	for _, m := range members(opts.shown(o)) {
		var unit unitMember
		if m.Unit != nil {
			unit = *m.Unit
		}
		var failure account.Failure
		if m.Error != nil {
			failure = *m.Error
		}
		position, eta := "", etaMember{}
		if m.Position > 0 {
			position = strconv.Itoa(m.Position)
		}
		if m.ETA != nil {
			eta = *m.ETA
		}
		record := []string{
			m.Batch, strconv.Itoa(m.Row), m.ID, string(m.Kind), m.Name, m.Email, unit.ID, unit.Path, string(m.Stage), m.AccountID,
			m.ProductID, strconv.Itoa(m.Attempts), failure.Code, strings.TrimPrefix(failureText(m.Error), failure.Code+" "),
			stamp(m.QueuedAt), stamp(m.StartedAt), stamp(m.FinishedAt),
			position, stamp(eta.Earliest), stamp(eta.Latest),
		}
		for i := range record {
			record[i] = cell(record[i])
		}
		_ = w.Write(record)
	}
	w.Flush()
	return w.Error()
}

// cell keeps a spreadsheet from running a text as a formula ("CSV Injection", OWASP).
func cell(s string) string {
	s = Text(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
