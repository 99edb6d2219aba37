package accountfactory

import (
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// JudgeRecord turns the errors of a record that ended FAILED into a verdict: to wait where somebody else's operation was
// in the way, else refused, with AWS's own words. Account Factory gives most of its failures no code of their own, so
// that the words decide (AWS Control Tower User Guide, "Troubleshooting").
func JudgeRecord(failures []RecordError) error {
	if len(failures) == 0 {
		return account.Refused{Code: "V2011", Reason: "the account operation ended FAILED, and AWS does not say why"}
	}
	for _, r := range recordRules {
		for _, f := range failures {
			if r.applies(f) {
				return r.verdict(account.Answer{Operation: "record", Code: f.Code, Message: f.Description})
			}
		}
	}
	return account.Refused{
		Code: "V2011", Reason: "the account operation ended FAILED",
		Answer: account.Answer{Operation: "record", Code: failures[0].Code, Message: failures[0].Description},
	}
}

// recordRule is one cause of a failure, and how it is told: by the code, or by words that are all in the description.
type recordRule struct {
	code     string
	words    []string // in lower case
	wait     bool
	refusal  string // code of the refusal
	terminal bool
	pause    bool
	reason   string
}

// recordRules are in the order in which they are tried.
var recordRules = []recordRule{
	{code: "ResourceInUseException", wait: true, reason: "another operation of Control Tower was in progress"},
	{code: "ThrottlingException", wait: true, reason: "Control Tower was asked too much at once"},
	{code: "TooManyRequestsException", wait: true, reason: "Control Tower was asked too much at once"},
	{words: []string{"another aws control tower operation is in progress"}, wait: true, reason: "another operation of Control Tower was in progress"},
	{words: []string{"concurrent account operations"}, wait: true, reason: "too many account operations were in progress"},
	{words: []string{"associated with another account"}, refusal: "V2001", terminal: true, reason: "the account e-mail is in use"},
	{words: []string{"email_already_exists"}, refusal: "V2001", terminal: true, reason: "the account e-mail is in use"},
	{words: []string{"organizational unit", "not enrolled in aws control tower"}, refusal: "V2002", reason: "the organizational unit is not registered"},
	{words: []string{"limit on the number of accounts"}, refusal: "V3007", pause: true, reason: "the organization may not have more accounts"},
	{words: []string{"account_limit_exceeded"}, refusal: "V3007", pause: true, reason: "the organization may not have more accounts"},
	{words: []string{"drift", "landing zone"}, refusal: "V3008", pause: true, reason: "the landing zone has drifted"},
	{words: []string{"moved to a new organizational unit"}, refusal: "V2014", reason: "the account was moved outside Control Tower"},
	{words: []string{"awscontroltowerexecution role", "assume"}, refusal: "V2006", reason: "Control Tower can't assume AWSControlTowerExecution in the account"},
	{words: []string{"delivery channel"}, refusal: "V2007", reason: "the account has AWS Config of its own"},
	{words: []string{"configuration recorder"}, refusal: "V2007", reason: "the account has AWS Config of its own"},
	{words: []string{"could not baseline vpc"}, refusal: "V2008", reason: "the default VPC of the account is in use"},
}

func (r recordRule) applies(f RecordError) bool {
	if r.code != "" {
		return f.Code == r.code
	}
	said := strings.ToLower(f.Description)
	for _, w := range r.words {
		if !strings.Contains(said, w) {
			return false
		}
	}
	return true
}

func (r recordRule) verdict(answer account.Answer) error {
	if r.wait {
		return account.Wait{For: operationWait, Why: r.reason, Answer: answer}
	}
	refused := account.Refused{Code: r.refusal, Reason: r.reason, Pause: r.pause, Answer: answer}
	if r.terminal {
		refused.Class = account.ClassTerminal
	}
	return refused
}
