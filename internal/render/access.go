package render

import (
	"cmp"
	"encoding/csv"
	"io"

	"github.com/vend-cli/vend/internal/access"
	"github.com/vend-cli/vend/internal/account"
)

type accessDocument struct {
	SchemaVersion int           `json:"schemaVersion"`
	Assignments   []entryMember `json:"assignments"`
}

type entryMember struct {
	AccountID        string                `json:"accountId"`
	AccountName      string                `json:"accountName"`
	Path             string                `json:"path"`
	PermissionSet    string                `json:"permissionSet"`
	PermissionSetARN string                `json:"permissionSetArn"`
	PrincipalType    account.PrincipalType `json:"principalType"`
	Principal        string                `json:"principal"`
	PrincipalID      string                `json:"principalId"`
}

func newEntryMember(e access.Entry) entryMember {
	return entryMember{
		AccountID: e.AccountID, AccountName: e.AccountName, Path: e.Path, PermissionSet: e.PermissionSet,
		PermissionSetARN: e.PermissionSetARN, PrincipalType: e.PrincipalType, Principal: e.Principal, PrincipalID: e.PrincipalID,
	}
}

// Access writes who has which permission set where.
func (p Printer) Access(entries []access.Entry) error {
	switch p.Format {
	case JSON:
		d := accessDocument{SchemaVersion: 1, Assignments: make([]entryMember, len(entries))}
		for i, e := range entries {
			d.Assignments[i] = newEntryMember(e)
		}
		return document(p.Out, d, p.indent())
	case CSV:
		return p.accessCSV(entries)
	}
	if len(entries) == 0 {
		_, err := io.WriteString(p.Out, "Nobody has a permission set there.\n")
		return err
	}
	t := plainTable()
	t.AppendHeader(tableRow([]string{"account", "name", "org unit", "permission set", "for", "principal"}))
	for _, e := range entries {
		kind := "user"
		if e.PrincipalType == account.GroupPrincipal {
			kind = "group"
		}
		t.AppendRow(tableRow([]string{
			e.AccountID, Text(e.AccountName), Text(e.Path), Text(cmp.Or(e.PermissionSet, e.PermissionSetARN)), kind,
			Text(cmp.Or(e.Principal, e.PrincipalID+" (deleted)")),
		}))
	}
	_, err := io.WriteString(p.Out, t.Render()+"\n\n"+plural(len(entries), "assignment", "assignments")+"\n")
	return err
}

func (p Printer) accessCSV(entries []access.Entry) error {
	w := csv.NewWriter(p.Out)
	_ = w.Write(access.Columns) // the writer keeps its error for Flush
	for _, e := range entries {
		record := []string{
			e.AccountID, e.AccountName, e.Path, e.PermissionSet, e.PermissionSetARN, string(e.PrincipalType), e.Principal, e.PrincipalID,
		}
		for i := range record {
			record[i] = cell(record[i])
		}
		_ = w.Write(record)
	}
	w.Flush()
	return w.Error()
}
