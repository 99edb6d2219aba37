package queue

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/directory"
	"github.com/vend-cli/vend/internal/retry"
)

// accessPartition holds one item for each assignment that `vend access` made or took away.
const accessPartition = "access"

func accessKey(g directory.Grant) key {
	return key{accessPartition, strings.Join([]string{g.AccountID, g.PermissionSetARN, string(g.PrincipalType), g.PrincipalID}, "#")}
}

type accessNote struct {
	AccountID        string                `json:"accountId"`
	PermissionSetARN string                `json:"permissionSetArn"`
	PrincipalType    account.PrincipalType `json:"principalType"`
	PrincipalID      string                `json:"principalId"`
	Made             bool                  `json:"made"`
	At               time.Time             `json:"at"`
}

// NoteAccess notes that `vend access` is about to make an assignment, or has taken one away. The last note counts; writing
// it twice is as writing it once.
func (c *Client) NoteAccess(ctx context.Context, g directory.Grant, made bool) error {
	data, err := encode(accessNote{g.AccountID, g.PermissionSetARN, g.PrincipalType, g.PrincipalID, made, c.Now().UTC()})
	if err != nil {
		return fmt.Errorf("note access in account %s: %w", g.AccountID, err)
	}
	it := accessKey(g).item()
	it["data"] = data
	return retry.Do(ctx, func() error {
		_, err := c.ddb.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.Table, Item: it}, once)
		return judgeIf("dynamodb.PutItem", "note access in account "+g.AccountID, err)
	}, hopeless)
}

// AccessNotes says of assignments whether `vend access` made them, as [Client.NoteAccess] noted: true, or false where it
// took them away since.
func (c *Client) AccessNotes(ctx context.Context) (map[directory.Grant]bool, error) {
	notes := map[directory.Grant]bool{}
	var wrong error
	err := c.query(ctx, c.under(accessPartition, ""), func(it item) bool {
		var n accessNote
		if wrong = decode(it["data"], &n); wrong != nil {
			return false
		}
		notes[directory.Grant{
			AccountID: n.AccountID, PermissionSetARN: n.PermissionSetARN, PrincipalType: n.PrincipalType, PrincipalID: n.PrincipalID,
		}] = n.Made
		return true
	})
	if err == nil && wrong != nil {
		err = fmt.Errorf("read access notes: %w", wrong)
	}
	return notes, err
}
